"""名册: a dropped Excel or CSV file becomes a diff, the diff is shown, and only a confirmation applies it, as dated rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from handlers.commands import choice
from handlers.foreign import Unreadable, parse_in_child
from handlers.jobs import Work
from handlers.messages import Choice, File, Reply
from handlers.people import roster_words
from handlers.people.roster_words import Findings
from handlers.turns import Turn
from handlers.words import say
from quizzes.roster import RosterFile, read_roster
from quizzes.roster_diff import compare
from quizzes.roster_rows import Problem
from storage import audit, files, invitations, jobs, people, rosters
from storage.database import Store

JOB = "roster"
KEEP = "keep"
"""Said behind 「确认导入 N」: whoever the file does not name stays, as when it holds one bureau only."""

_TABLES = (".xlsx", ".xls", ".xlsm", ".xlsb", ".csv", ".tsv", ".et")


def is_table(name: str) -> bool:
    """Whether a file's name says that it is a table, read or refused by `handlers.tables`."""
    return name.lower().endswith(_TABLES)


def how(turn: Turn, store: Store) -> list[Reply]:
    """「名册」: what to send, and who is on the roster now. 「名册 N」: the report of an import that waits, with names where they may be shown."""
    if turn.arguments:
        return _again(turn, store, turn.arguments[0])
    count = len(people.placed(store, turn.house.today(turn.now)))
    return [Reply(turn.say("roster.how", n=count), (choice(turn.language, "invite"),))]


def dropped(turn: Turn, store: Store) -> list[Reply]:
    """A table arrived: keep it and record the job that reads it."""
    file, account = turn.incoming.file, turn.account
    assert file is not None
    assert account is not None
    file_id = files.add(store, file.name, file.media_type, file.content, turn.me.id, turn.now)
    params = {"file": file_id, "names": turn.names_allowed}
    jobs.add(store, JOB, params, person_id=turn.me.id, account_id=account.id, now=turn.now)
    return [Reply(turn.say("roster.reading", name=file.name))]


# The worker. -----------------------------------------------------------------------------------------------------------


def read_and_compare(work: Work) -> list[Reply]:
    """The worker: read the file in a child process, compare it, keep the rows for the confirmation, and drop the file."""
    _, saved = jobs.result_of(work.store, work.job.id)
    if saved is not None:
        attached = _attached(work.store, saved)
    else:
        name, _, content = files.get(work.store, work.job.params["file"])
        day = work.house.today(work.now)
        try:
            found = examine(work.store, name, content, day)
        except Unreadable as problem:
            work.write(lambda store: files.forget(store, work.job.params["file"]))
            return [Reply(work.say(f"tables.{problem.code}", **problem.values))]
        saved, attached = _save(work, found, day)
    return [_report(work.language, work.job.id, saved, attached if work.job.params["names"] else None)]


def examine(store: Store, name: str, content: bytes, day: date) -> Findings:
    """Read a table and compare it with what stands on `day`. Raises Unreadable."""
    table = parse_in_child("table", name, content)
    return against(store, _not_yet(read_roster(table["rows"]), day), day, tuple(table["others"]))


def against(store: Store, file: RosterFile, day: date, others: tuple[str, ...] = ()) -> Findings:
    """A roster compared with what stands on `day`. A file without one good row changes nothing, rather than send everybody away."""
    stands = rosters.standing(store, day)
    diff = compare(file.rows, stands.people, stands.postings, stands.units, day)
    if all(row.faulty for row in file.rows):
        diff = replace(diff, leavers=())
    return Findings(file, diff, stands, others)


def _not_yet(file: RosterFile, day: date) -> RosterFile:
    """Rows that begin after `day` are held back: the roster says who is where now."""
    later = [row for row in file.rows if row.starts_on and row.starts_on > day]
    problems = [Problem(row.row, "", "starts_later", {"name": row.name, "day": str(row.starts_on)}) for row in later]
    held = {row.row for row in later}
    rows = tuple(replace(row, faulty=True) if row.row in held else row for row in file.rows)
    return replace(file, rows=rows, problems=(*file.problems, *problems))


def _save(work: Work, found: Findings, day: date) -> tuple[dict[str, Any], File]:
    """Keep what a confirmation needs; the file itself, which may hold 身份证号, is kept no longer."""
    details = roster_words.details(work.say, found)
    name = work.say("roster.csv_name", day=day.isoformat())
    saved: dict[str, Any] = {
        "state": "ready", "rows": rosters.to_json(found.file.rows), "fingerprint": found.standing.fingerprint,
        "leavers": len(found.diff.leavers), "changes": found.changes_something,
        "named": roster_words.report(work.say, found, names=True), "bare": roster_words.report(work.say, found, names=False),
    }  # fmt: skip

    def write(store: Store) -> None:
        saved["details"] = files.add(store, name, "text/csv", details, work.job.person_id, work.now)
        jobs.save_result(store, work.job.id, saved)
        files.forget(store, work.job.params["file"])

    work.write(write)
    return saved, File(name, "text/csv", details, saved["details"])


def _attached(store: Store, saved: dict[str, Any]) -> File:
    return File(*files.get(store, saved["details"]), saved["details"])


def _report(language: str, number: int, saved: dict[str, Any], attached: File | None) -> Reply:
    """The report of a waiting import with its buttons; without the file where names may not be shown."""
    if attached is not None:
        return Reply(saved["named"], _buttons(language, number, saved), files=(attached,))
    text = "\n".join([saved["bare"], say(language, "roster.names_elsewhere", number=number)])
    return Reply(text, (*_buttons(language, number, saved), choice(language, "web_login")))


def _buttons(language: str, number: int, saved: dict[str, Any]) -> tuple[Choice, ...]:
    if not saved["changes"]:
        return ()
    label = say(language, "roster.confirm_leavers", n=saved["leavers"]) if saved["leavers"] else ""
    whole = choice(language, "confirm_roster", number, label=label)
    keep = choice(language, "confirm_roster", number, KEEP, label=say(language, "roster.confirm_keep"))
    return (whole, *((keep,) if saved["leavers"] else ()), choice(language, "cancel_roster", number))


# What the officer answers. ---------------------------------------------------------------------------------------------


def _waiting(turn: Turn, store: Store, words: list[str]) -> tuple[int, dict[str, Any]] | Reply:
    """The import a command names, if it is this officer's and waits for a confirmation; else what to say."""
    number = int(words[0]) if words and words[0].isascii() and words[0].isdigit() and len(words[0]) < 18 else 0
    try:
        mine = jobs.owner(store, number, JOB) == turn.me.id
        state, saved = jobs.result_of(store, number)
    except KeyError:
        mine, state, saved = False, "", None
    if not mine or (saved is None and state in ("done", "failed")):
        return Reply(turn.say("roster.no_such"))
    if saved is None:
        return Reply(turn.say("roster.still_reading"))
    if saved["state"] == "ready" and not saved["changes"]:
        return Reply(turn.say("roster.nothing"))
    if saved["state"] != "ready":
        return Reply(turn.say(f"roster.is_{saved['state']}"), (choice(turn.language, "invite"),))
    return number, saved


def _again(turn: Turn, store: Store, wanted: str) -> list[Reply]:
    found = _waiting(turn, store, [wanted])
    if isinstance(found, Reply):
        return [found]
    return [_report(turn.language, *found, _attached(store, found[1]) if turn.names_allowed else None)]


def confirm(turn: Turn, store: Store) -> list[Reply]:
    """「确认导入 N」: apply what was shown, if nothing it was compared with has changed since."""
    waiting = _waiting(turn, store, turn.arguments)
    if isinstance(waiting, Reply):
        return [waiting]
    number, saved = waiting
    day = turn.house.today(turn.now)
    found = against(store, RosterFile(tuple(rosters.from_json(saved["rows"])), (), ()), day)
    if found.standing.fingerprint != saved["fingerprint"]:
        return [Reply(turn.say("roster.changed_meanwhile"))]
    keep = KEEP in turn.arguments
    rosters.apply(store, found.diff, found.standing, day, turn.me.id, turn.now, leavers=not keep)
    numbers = roster_words.counts(found) | ({"leavers": 0} if keep else {})
    jobs.save_result(store, number, {"state": "applied", **numbers})
    audit.record(store, turn.me.id, "roster.import", f"job:{number}", numbers, turn.now)
    return [Reply("\n".join(applied(turn, store, found, numbers, day)), (choice(turn.language, "invite"),))]


def applied(turn: Turn, store: Store, found: Findings, numbers: dict[str, int], day: date) -> list[str]:
    """What a confirmation did, who is still to be invited, and how it is taken back."""
    gone = {leaver.person_id for leaver in found.diff.leavers} if numbers["leavers"] else set()
    still = sum(holder.person_id in gone for holder in people.holders(store))
    said = [turn.say("roster.applied", **numbers), turn.say("roster.to_invite", n=len(invitations.unbound(store, day)))]
    if still:
        said.append(turn.say("roster.leavers_with_roles", n=still))
    return [*said, turn.say("roster.after")]


def cancel(turn: Turn, store: Store) -> list[Reply]:
    """「取消导入 N」: forget what was read; nothing was changed."""
    waiting = _waiting(turn, store, turn.arguments)
    if isinstance(waiting, Reply):
        return [waiting]
    jobs.save_result(store, waiting[0], {"state": "cancelled"})
    return [Reply(turn.say("roster.cancelled"))]
