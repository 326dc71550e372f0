"""What the officer answers to a directory beside the roster: bind those it identifies, take over who is new or moved, or leave it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers import codec
from handlers.commands import as_number, choice
from handlers.jobs import Work
from handlers.messages import Reply
from handlers.people import directory, roster_import, roster_words
from handlers.people.directory_words import ALL, LEAVERS
from handlers.turns import Turn
from handlers.words import say
from storage import accounts, audit, deliveries, directories, jobs, rosters
from storage.database import Store

JOB = "directory_bind"
CHUNK = 100
WITH_ALL, WITH_LEAVERS = (ALL, "全部"), (LEAVERS, "离开")
CHANNELS = ("wecom",)
"""Channels that have a directory."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A comparison that an officer may still answer."""

    number: int
    saved: dict[str, Any]

    @property
    def channel(self) -> str:
        return str(self.saved["channel"])


def show(turn: Turn, store: Store) -> list[Reply]:
    """「通讯录比对 12」: the report again, with its file; without a number the newest."""
    number = _number(turn.arguments) or max(directories.newest(store, channel) for channel in CHANNELS)
    saved = _saved(store, number)
    if saved is None:
        return [Reply(turn.say("directory.none"), (choice(turn.language, "invite"),))]
    if saved["state"] == "cancelled" or directories.newest(store, saved["channel"]) != number:
        return [_outdated(turn, store, saved)]
    return [directory.shown(store, number, saved, turn.language, names=turn.names_allowed)]


def bind(turn: Turn, store: Store) -> list[Reply]:
    """「确认绑定 12」: bind those of whom name and unit fit; 「确认绑定 12 all」: those too of whom only the name does."""
    found = _waiting(turn, store)
    if isinstance(found, Reply):
        return [found]
    saved, everybody = found.saved, any(word in WITH_ALL for word in turn.arguments[1:])
    count = saved["exact"] + (saved["by_name"] if everybody else 0)
    if saved["bound"] or not count:
        return [Reply(turn.say("directory.bound_already" if saved["bound"] else "directory.nobody_to_bind"))]
    assert turn.account is not None
    jobs.save_result(store, found.number, {**saved, "bound": True})
    params = {"of": found.number, "channel": found.channel, "all": everybody}
    jobs.add(store, JOB, params, person_id=turn.me.id, account_id=turn.account.id, now=turn.now)
    return [Reply(turn.say("directory.binding", n=count))]


def confirm(turn: Turn, store: Store) -> list[Reply]:
    """「确认通讯录 12」: take over newcomers and moves, if they are still what was shown; with 「离开」 behind it, whoever is gone leaves
    the roster too. Of a directory that was not believed: compare it all the same."""
    found = _waiting(turn, store)
    if isinstance(found, Reply):
        return [found]
    if found.saved["state"] == "doubtful":
        return [_believe(turn, store, found)]
    if found.saved["applied"]:
        return [Reply(turn.say("directory.applied_already"))]
    day = turn.house.today(turn.now)
    fresh = directory.examine(store, found.channel, day)
    if fresh.compared.roster != found.saved["roster"]:
        directory.order(store, found.channel, turn.now)
        return [Reply(turn.say("directory.changed_meanwhile"))]
    leave = any(word in WITH_LEAVERS for word in turn.arguments[1:])
    numbers = roster_words.counts(fresh.findings) | ({} if leave else {"leavers": 0})
    if not (numbers["joiners"] or numbers["transfers"] or numbers["leavers"]):
        return [Reply(turn.say("directory.nothing"))]
    rosters.apply(store, fresh.compared.diff, fresh.standing, day, turn.me.id, turn.now, leavers=leave)
    jobs.save_result(store, found.number, {**found.saved, "applied": True})
    audit.record(
        store, turn.me.id, "roster.import", f"job:{found.number}", {**numbers, "from": found.channel}, turn.now
    )
    directory.order(store, found.channel, turn.now)
    said = roster_import.applied(turn, store, fresh.findings, numbers, day)
    return [Reply("\n".join([*said, turn.say("directory.again")]), (choice(turn.language, "invite"),))]


def cancel(turn: Turn, store: Store) -> list[Reply]:
    """「取消比对 12」: forget what was found; nothing was changed, and it is not reported again."""
    found = _waiting(turn, store)
    if isinstance(found, Reply):
        return [found]
    kept = {"state": "cancelled", "channel": found.channel, "mark": found.saved.get("mark", "")}
    jobs.save_result(store, found.number, kept)
    return [Reply(turn.say("directory.cancelled"))]


def _believe(turn: Turn, store: Store, found: Waiting) -> Reply:
    """The directory that was put aside is the directory."""
    some = directories.suspect(store, found.channel)
    if not some or len(some) != found.saved["now"]:
        directory.order(store, found.channel, turn.now)
        return Reply(turn.say("directory.changed_meanwhile"))
    directory.see(store, found.channel, some, turn.now)
    directories.save(store, found.channel, some, "", turn.now)
    directories.suspecting(store, found.channel, None, turn.now)
    jobs.save_result(store, found.number, {"state": "cancelled", "channel": found.channel})
    details = {"channel": found.channel, "people": len(some)}
    audit.record(store, turn.me.id, "directory.believe", f"job:{found.number}", details, turn.now)
    directory.order(store, found.channel, turn.now)
    return Reply(turn.say("directory.comparing"))


# Which one. ------------------------------------------------------------------------------------------------------------


def _number(words: Sequence[str]) -> int:
    return as_number(words[0]) if words and words[0].isascii() and words[0].isdigit() else 0


def _saved(store: Store, number: int) -> dict[str, Any] | None:
    try:
        jobs.params_of(store, number, directory.JOB)
    except KeyError:
        return None
    saved: dict[str, Any] | None = jobs.result_of(store, number)[1]
    return saved


def _waiting(turn: Turn, store: Store) -> Waiting | Reply:
    """The comparison a command names, if it is the one that stands; else what to say."""
    number = _number(turn.arguments)
    saved = _saved(store, number)
    if saved is None:
        return Reply(turn.say("directory.no_such"))
    if saved["state"] == "cancelled" or directories.newest(store, saved["channel"]) != number:
        return _outdated(turn, store, saved)
    return Waiting(number, saved)


def _outdated(turn: Turn, store: Store, saved: dict[str, Any]) -> Reply:
    newest = directories.newest(store, saved["channel"])
    standing = _saved(store, newest)
    if standing is None or standing["state"] == "cancelled":
        return Reply(turn.say("directory.is_cancelled"))
    return Reply(turn.say("directory.outdated", number=newest), (choice(turn.language, "directory", newest),))


# The worker that binds. ------------------------------------------------------------------------------------------------


def write_bindings(work: Work) -> list[Reply]:
    """The worker of a "directory_bind" job: {"of", "channel", "all"}. In chunks; what has changed since the officer read it stops it
    before the first, and one that was interrupted goes on where it was."""
    params = work.job.params
    saved = _saved(work.store, params["of"])
    assert saved is not None
    if jobs.result_of(work.store, work.job.id)[1] is None:
        found = directory.examine(work.store, params["channel"], work.house.today(work.now))
        if found.compared.binding != saved["binding"]:
            work.write(lambda store: directory.order(store, params["channel"], work.now))
            return [Reply(work.say("directory.changed_meanwhile"))]
        work.write(lambda store: jobs.save_result(store, work.job.id, {"begun": True}))
    pairs = [(who, address) for who, address, by_name in saved["pairs"] if params["all"] or not by_name]
    done = 0
    for start in range(0, len(pairs), CHUNK):
        done += int(str(work.write(_chunk(work, pairs, start))))
    return [Reply(work.say("directory.bound", n=done, left=len(pairs) - done))]


def _chunk(work: Work, pairs: Sequence[tuple[int, str]], start: int) -> Callable[[Store], int]:
    def write(store: Store) -> int:
        channel, some = work.job.params["channel"], pairs[start : start + CHUNK]
        live = accounts.on_channel(store, channel)
        owners, bound = {each.address: each.person_id for each in live}, {each.person_id for each in live}
        done = 0
        for who, address in some:
            if address not in owners and who not in bound:
                number = accounts.bind(store, who, channel, address, work.now)
                details = {"account": number, "channel": channel, "job": work.job.id}
                audit.record(store, work.job.person_id, "account.bind", f"person:{who}", details, work.now)
                _greet(store, who, number, work.now)
            done += owners.get(address, who) == who
        jobs.progress(store, work.job.id, start + len(some), len(pairs), work.now)
        return done

    return write


def _greet(store: Store, person_id: int, account_id: int, now: datetime) -> None:
    """Whoever was bound without a word of their own reads what this is, and what is recorded: the same words for everybody."""
    language = accounts.language_of(store, person_id)
    reply = Reply(say(language, "directory.greeting"), (choice(language, "today"), choice(language, "doors")))
    body = codec.to_json(store, reply, person_id, now)
    deliveries.plan(store, f"greeting:{account_id}", account_id, "notice", body, now)
