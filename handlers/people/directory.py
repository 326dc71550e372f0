"""通讯录: a platform's directory, pulled nightly, beside the roster; what differs is told to the admins and applied only by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from handlers import codec
from handlers.jobs import Work
from handlers.messages import File, Member, Reply
from handlers.people import directory_words
from handlers.people.directory_words import Examined
from handlers.turns import Deployment
from handlers.words import LANGUAGES
from quizzes.directory import Listed, compare_directory, shrunken
from quizzes.people import RoleName
from storage import accounts, deliveries, directories, files, jobs, people, rosters
from storage.database import Store

JOB = "directory"
NOT_VISIBLE = "not_visible"


@dataclass(frozen=True, slots=True)
class Reader:
    """An admin, where they read."""

    person_id: int
    account_id: int
    channel: str
    language: str


# Each night, in one turn. ----------------------------------------------------------------------------------------------


def pulled(store: Store, channel: str, members: Sequence[Member], house: Deployment, now: datetime) -> int | None:
    """Keep a channel's directory as of now, and mark whom it does not show as out of reach there. The number of the job that compares
    it with the roster, or None where neither has changed since the last time, or the same doubtful directory came again."""
    some = [Listed(each.address, each.name, each.units) for each in members]
    before = directories.state(store, channel)
    if shrunken(len(some), before.people):
        return _doubted(store, channel, some, before.people, now)
    doubted = directories.suspect(store, channel) is not None
    if doubted:
        directories.suspecting(store, channel, None, now)
    see(store, channel, some, now)
    facts = rosters.standing(store, house.today(now)).fingerprint
    if directories.state_of(some, facts) == before and not doubted:
        return None
    directories.save(store, channel, some, facts, now)
    return order(store, channel, now)


def order(store: Store, channel: str, now: datetime) -> int:
    """Record the job that compares what is kept of a channel with the roster."""
    return jobs.add(store, JOB, {"channel": channel}, person_id=None, account_id=None, now=now)


def see(store: Store, channel: str, some: Sequence[Listed], now: datetime) -> None:
    """Whoever a directory shows can be seen there, and nobody else: a fact, not a decision."""
    shown = {each.address for each in some}
    live = accounts.on_channel(store, channel)
    gone = [each.id for each in live if each.address not in shown and not each.unreachable]
    back = [each.id for each in live if each.address in shown and each.unreachable == NOT_VISIBLE]
    accounts.mark(store, gone, NOT_VISIBLE, now)
    accounts.mark(store, back, "", now)


def _doubted(store: Store, channel: str, some: Sequence[Listed], before: int, now: datetime) -> int | None:
    if directories.suspect(store, channel) == sorted(some, key=lambda each: (each.address, each.name, each.units)):
        return None
    directories.suspecting(store, channel, some, now)
    params = {"channel": channel, "before": before, "now": len(some)}
    return jobs.add(store, JOB, params, person_id=None, account_id=None, now=now)


# The worker. -----------------------------------------------------------------------------------------------------------


def compare(work: Work) -> list[Reply]:
    """The worker of a "directory" job: compare, keep what a confirmation needs, and tell the admins, if there is anything new to say."""
    _, saved = jobs.result_of(work.store, work.job.id)
    if saved is None:
        saved = _doubtful(work) if "before" in work.job.params else _compared(work)
        if saved is None:
            return []
    tell(work, saved)
    return []


def examine(store: Store, channel: str, day: date) -> Examined:
    """The directory that is kept beside the roster of `day`."""
    stands = rosters.standing(store, day)
    bound = {each.address: each.person_id for each in accounts.on_channel(store, channel)}
    some = directories.listed(store, channel)
    return Examined(channel, len(some), compare_directory(some, stands.people, stands.postings, stands.units, bound, day), stands)  # fmt: skip


def _doubtful(work: Work) -> dict[str, Any]:
    params = work.job.params
    saved = directory_words.doubtful(work.job.id, params["channel"], params["now"], params["before"])
    work.write(lambda store: _show(store, work, saved))
    return saved


def _compared(work: Work) -> dict[str, Any] | None:
    """What was found; None where the officer has been shown exactly that, or there is nothing to show."""
    channel, day = work.job.params["channel"], work.house.today(work.now)
    found = examine(work.store, channel, day)
    shown = directories.newest(work.store, channel)
    known = jobs.result_of(work.store, shown)[1] if shown else None
    if known is not None and known.get("mark") == found.compared.mark:
        return None
    saved = directory_words.saved(work.job.id, found)
    name = {language: directory_words.file_name(language, day) for language in LANGUAGES}

    def write(store: Store) -> None:
        for language in LANGUAGES:
            content = directory_words.details(language, found)
            number = files.add(store, name[language], "text/csv", content, None, work.now)
            files.for_admins(store, number)
            saved["files"][language] = number
        _show(store, work, saved)

    work.write(write)
    return saved if found.compared.says_something else None


def _show(store: Store, work: Work, saved: dict[str, Any]) -> None:
    jobs.save_result(store, work.job.id, saved)
    directories.show(store, saved["channel"], work.job.id, work.now)


def tell(work: Work, saved: dict[str, Any]) -> None:
    """Owe every admin the report where they are reached: with names only where names may be shown."""

    def write(store: Store) -> None:
        for reader in _admins(store):
            reply = shown(store, work.job.id, saved, reader.language, names=reader.channel in work.house.names)
            body = codec.to_json(store, reply, reader.person_id, work.now)
            key = f"directory:{work.job.id}:{reader.person_id}"
            deliveries.plan(store, key, reader.account_id, "report", body, work.now)

    work.write(write)


def _admins(store: Store) -> list[Reader]:
    holders = sorted({row.person_id for row in people.holders(store, RoleName.ADMIN)})
    ways = accounts.reachable_accounts(store, holders)
    return [Reader(who, *way, accounts.language_of(store, who)) for who, way in ways.items()]


def shown(store: Store, number: int, saved: dict[str, Any], language: str, *, names: bool) -> Reply:
    """The report of a comparison, with its file where names may be shown, and its buttons."""
    file_id = saved["files"].get(language) if names else None
    attached = (File(*files.get(store, file_id), file_id),) if file_id else ()
    return directory_words.report(number, saved, language, names=names, attached=attached)
