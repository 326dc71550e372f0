"""核对成绩: a second person looks at a batch and confirms exactly what was shown; only then it counts, and it can be taken back the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from handlers import codec
from handlers.commands import choice
from handlers.jobs import Work
from handlers.messages import File, Reply
from handlers.rounds import outside, outside_words
from handlers.sitting.scores import points
from handlers.turns import Turn
from handlers.words import say
from quizzes.batches import BatchState, fingerprint
from quizzes.people import RoleName
from storage import accounts, audit, batches, deliveries, files, jobs, people, rounds, scorebook
from storage.batches import Batch
from storage.database import Store

JOB = "apply_scores"
CHUNK, NAMED = 25, 30


# Who. ------------------------------------------------------------------------------------------------------------------


def seconds(store: Store, each: Batch) -> list[int]:
    """Who may confirm a batch: other admins, and auditors; where there is none, the liaisons in whose units all its people stand. Never
    who entered it."""
    held = people.holders(store)
    others = {r.person_id for r in held if r.name in (RoleName.ADMIN, RoleName.AUDITOR)} - {each.entered_by}
    if others:
        return sorted(others)
    needed = {row.unit_id for row in scorebook.owners(store, each.entries).values()}
    reach: dict[int, set[int]] = {}
    for r in held:
        if r.name == RoleName.LIAISON and r.person_id != each.entered_by:
            units = people.units_below(store, [r.unit_id]) if r.unit_id is not None else needed
            reach.setdefault(r.person_id, set()).update(units)
    return sorted(person_id for person_id, units in reach.items() if needed <= units)


def submit(turn: Turn, store: Store) -> list[Reply]:
    """「送核对 <batch>」: a draft without doubts goes to the second person. Nothing counts before that person confirms."""
    each = outside.asked(turn, store, BatchState.DRAFT)
    if isinstance(each, Reply):
        return [each]
    found = outside.shown(store, each, turn.house, turn.now)
    if found.checked.doubts or not found.checked.entries:
        return [outside.draft(store, each, turn, names=turn.names_allowed)]
    rows = [entry.to_json() for entry in found.checked.entries]
    read = {
        name: value for name, value in each.content.items() if name != "read"
    }  # the sheet beside the batch holds it
    batches.keep(store, each.id, {**read, "rows": rows, "same": found.checked.same})
    entered = batches.get(store, each.id)
    assert entered is not None
    refused = _asks(turn, store, entered)
    if refused is not None:
        batches.keep(store, each.id, each.content)
        return [refused]
    batches.move(store, entered, BatchState.ENTERED)
    details = {"rows": len(rows), "skipped": each.content["skipped"], "mark": fingerprint(entered.entries)}
    audit.record(store, turn.me.id, "scores.enter", f"batch:{each.id}", details, turn.now)
    buttons = (choice(turn.language, "scan", each.id), choice(turn.language, "cancel_scores", each.id))
    return [Reply(turn.say("outside.submitted", batch=each.id, people=len(rows)), choices=buttons)]


def _asks(turn: Turn, store: Store, each: Batch) -> Reply | None:
    """Owe the second persons the word that a batch waits; what to say where there is nobody."""
    who = seconds(store, each)
    reached = accounts.reachable_accounts(store, who)
    if not reached:
        return Reply(
            turn.say("outside.nobody_unbound" if who else "outside.nobody"), choices=(choice(turn.language, "grant"),)
        )
    _owe(store, f"scores:{each.id}:check", who, "asked", each, turn.now)
    return None


def _owe(store: Store, key: str, who: Sequence[int], sentence: str, each: Batch, now: datetime) -> None:
    """One message to each of these people who can be reached, with the button that shows the batch."""
    command = "check_scores" if sentence == "asked" else "scores"
    for person_id, (account_id, _) in accounts.reachable_accounts(store, sorted(set(who))).items():
        reader = people.person_of(store, person_id)
        if reader is not None:
            said = say(reader.language, f"outside.told_{sentence}", batch=each.id, people=len(each.entries), note=each.note,
                       source=outside_words.source(reader.language, each.source))  # fmt: skip
            reply = Reply(said, choices=(choice(reader.language, command, each.id),))
            body = codec.to_json(store, reply, person_id, now)
            deliveries.plan(store, f"{key}:{person_id}", account_id, "report", body, now)


# What the second person sees. ------------------------------------------------------------------------------------------


def check(turn: Turn, store: Store) -> list[Reply]:
    """「核对成绩」: what waits for me. 「核对成绩 5」: one batch in full, with the sheet and the scan, and the buttons."""
    if not turn.arguments:
        return [_waiting(turn, store)]
    each = _mine(turn, store, BatchState.ENTERED)
    if isinstance(each, Reply):
        return [each]
    if not turn.names_allowed:
        return [
            Reply(turn.say("outside.check_elsewhere", batch=each.id), choices=(choice(turn.language, "web_login"),))
        ]
    mark = fingerprint(each.entries, each.undoes)
    buttons = (choice(turn.language, "confirm_scores", each.id, mark), choice(turn.language, "return_scores", each.id))
    attached = [each.file_id, *([each.scan_id] if each.scan_id else [])]
    given = tuple(_copy(turn, store, number) for number in attached)
    return [Reply("\n".join(_summary(turn, store, each)), choices=buttons, files=given)]


def _copy(turn: Turn, store: Store, file_id: int) -> File:
    mine = files.copy_for(store, file_id, turn.me.id, turn.now)
    return File(*files.get(store, mine), mine)


def _waiting(turn: Turn, store: Store) -> Reply:
    found = [each for each in batches.in_state(store, BatchState.ENTERED) if turn.me.id in seconds(store, each)]
    if not found:
        return Reply(turn.say("outside.nothing_to_check"), choices=(choice(turn.language, "help"),))
    buttons = [
        choice(turn.language, "check_scores", each.id, label=turn.say("outside.button_batch", batch=each.id))
        for each in found
    ]
    return Reply(
        "\n".join([turn.say("outside.to_check"), *(outside_words.line(turn, store, each) for each in found)]),
        tuple(buttons),
    )


def _mine(turn: Turn, store: Store, *states: BatchState) -> Batch | Reply:
    """The batch a command names, if this person may decide about it."""
    each = outside.asked(turn, store, *states)
    if isinstance(each, Reply):
        return each
    if each.entered_by == turn.me.id:
        return Reply(turn.say("outside.own"), choices=(choice(turn.language, "scores", each.id),))
    if turn.me.id not in seconds(store, each):
        return Reply(turn.say("outside.no_such"), choices=(choice(turn.language, "check_scores"),))
    return each


def _summary(turn: Turn, store: Store, each: Batch) -> list[str]:
    """Everything that is about to count: how many, of which bureaux, what is corrected, what was left out and why, and the names."""
    first, entries = rounds.get(store, each.round_id), each.entries
    lines, tree = scorebook.owners(store, entries), people.units(store)
    by_bureau = Counter(row.bureau_id for row in lines.values())
    entered = batches.named(store, [each.entered_by]).get(each.entered_by or 0, "—")
    key = "outside.summary_undo" if each.undoes else "outside.summary"
    said = [
        turn.say(key, batch=each.id, title=first.title, number=first.id, source=outside_words.source(turn.language, each.source),
                 name=each.content["name"], who=entered, at=turn.house.moment(turn.language, each.entered_at), undoes=each.undoes,
                 reason=each.content.get("reason", ""))
    ]  # fmt: skip
    family = {what.id: what for what in scorebook.family(store, first)}
    said.append(outside_words.spread(turn.language, entries, family, {row.id: row.round_id for row in lines.values()}))
    counted = [
        turn.say("outside.bureau", unit=unit.name, people=by_bureau[unit.id]) for unit in tree if by_bureau[unit.id]
    ]
    said.append(turn.say("outside.comma").join(counted))
    if each.content.get("skipped"):
        left_out = [turn.say("outside.left_out", row=row, reason=why) for row, why in sorted(each.content["skipped"].items(), key=lambda pair: int(pair[0]))[:NAMED]]  # fmt: skip
        said.append(
            turn.say("outside.skipped", n=len(each.content["skipped"])) + turn.say("outside.comma").join(left_out)
        )
    named = batches.named(store, [row.person_id for row in lines.values()])
    for entry in entries[:NAMED]:
        change = turn.say("outside.was", before=points(entry.before)) if entry.replaces else ""
        said.append(turn.say("outside.entry", name=named[lines[entry.enrolment_id].person_id], score=points(entry.score), day=entry.day.isoformat(),
                             letter=entry.letter or "—") + change)  # fmt: skip
    said += [turn.say("outside.more_entries", n=len(entries) - NAMED)] if len(entries) > NAMED else []
    said.append(turn.say("outside.scan_there" if each.scan_id else "outside.scan_none"))
    return said


# Confirmed, sent back, taken back. -------------------------------------------------------------------------------------


def confirm(turn: Turn, store: Store) -> list[Reply]:
    """「确认成绩 <batch> <mark>」: what was shown counts from now on, if it is still so; a job writes it."""
    each = _mine(turn, store, BatchState.ENTERED)
    if isinstance(each, Reply):
        return [each]
    if turn.arguments[1:2] != [fingerprint(each.entries, each.undoes)]:
        return [Reply(turn.say("outside.look_first"), choices=(choice(turn.language, "check_scores", each.id),))]
    gone = scorebook.moved_on(store, rounds.get(store, each.round_id), each)
    if gone:
        return [_send_back(turn, store, each, turn.say("outside.moved_on", n=len(gone)))]
    batches.move(store, each, BatchState.CONFIRMED, by=turn.me.id, now=turn.now)
    assert turn.account is not None
    jobs.add(store, JOB, {"batch": each.id}, person_id=turn.me.id, account_id=turn.account.id, now=turn.now)
    details = {"rows": len(each.entries), "mark": turn.arguments[1], "undoes": each.undoes}
    audit.record(store, turn.me.id, "scores.confirm", f"batch:{each.id}", details, turn.now)
    return [Reply(turn.say("outside.confirmed", batch=each.id, people=len(each.entries)))]


def send_back(turn: Turn, store: Store) -> list[Reply]:
    """「退回成绩 <batch> <reason>」: nothing counts; whoever entered it reads why."""
    each = _mine(turn, store, BatchState.ENTERED)
    if isinstance(each, Reply):
        return [each]
    reason = " ".join(turn.arguments[1:])
    if not reason:
        return [Reply(turn.say("outside.why_return", batch=each.id))]
    return [_send_back(turn, store, each, reason)]


def _send_back(turn: Turn, store: Store, each: Batch, reason: str) -> Reply:
    batches.move(store, each, BatchState.RETURNED, by=turn.me.id, now=turn.now, note=reason)
    audit.record(store, turn.me.id, "scores.return", f"batch:{each.id}", {"reason": reason}, turn.now)
    back = batches.get(store, each.id)
    assert back is not None
    _owe(store, f"scores:{each.id}:returned", [each.entered_by or 0], "returned", back, turn.now)
    return Reply(
        turn.say("outside.returned", batch=each.id, reason=reason), choices=(choice(turn.language, "check_scores"),)
    )


def apply(work: Work) -> list[Reply]:
    """The worker of an "apply_scores" job: {"batch"}; in chunks, each as a turn, and safe to run again."""
    each = work.write(lambda store: batches.get(store, work.job.params["batch"]))
    assert isinstance(each, Batch)
    entries = each.entries
    if each.state is BatchState.CONFIRMED:
        for start in range(0, len(entries), CHUNK):
            part = entries[start : start + CHUNK]
            work.write(partial(scorebook.apply, each=each, entries=part, zone=work.house.zone, now=work.now))
            work.write(
                partial(jobs.progress, job_id=work.job.id, done=start + len(part), total=len(entries), now=work.now)
            )
        work.write(partial(_applied, each=each, work=work))
    return [
        Reply(
            work.say("outside.applied", batch=each.id, people=len(entries)),
            choices=(choice(work.language, "figures", each.round_id),),
        )
    ]


def _applied(store: Store, each: Batch, work: Work) -> None:
    if batches.move(store, each, BatchState.APPLIED):
        _owe(store, f"scores:{each.id}:applied", [each.entered_by or 0], "applied", each, work.now)


def undo(turn: Turn, store: Store) -> list[Reply]:
    """「冲销成绩 <batch> <reason>」: a batch of its own that takes another back, once a second person confirms; nothing is deleted."""
    each = outside.asked(turn, store, BatchState.APPLIED)
    if isinstance(each, Reply):
        return [each]
    reason = " ".join(turn.arguments[1:])
    stands = batches.standing(store, each.round_id)
    later = {
        number
        for person, number in stands
        if number > each.id and person in {entry.enrolment_id for entry in each.entries}
    }
    mine = [entry for entry in each.entries if (entry.enrolment_id, each.id) in stands]
    if each.undoes or not mine:
        return [Reply(turn.say("outside.is_undone", batch=each.id), choices=(choice(turn.language, "scores"),))]
    if later or len(mine) < len(each.entries):
        numbers = turn.say("outside.comma").join(map(str, sorted(later)))
        return [Reply(turn.say("outside.undo_later", batch=each.id, later=numbers or "—"))]
    if not reason:
        return [Reply(turn.say("outside.would_undo", batch=each.id, people=len(mine)))]
    content = {
        "name": each.content["name"],
        "rows": [entry.to_json() for entry in mine],
        "undoes": each.id,
        "reason": reason,
    }
    number = batches.add(
        store, each.round_id, each.source, each.file_id, content, turn.me.id, turn.now, BatchState.ENTERED
    )
    made = batches.get(store, number)
    assert made is not None
    refused = _asks(turn, store, made)
    if refused is not None:
        batches.move(store, made, BatchState.CANCELLED)
        return [refused]
    audit.record(store, turn.me.id, "scores.undo", f"batch:{each.id}", {"by": number, "reason": reason}, turn.now)
    return [
        Reply(
            turn.say("outside.submitted", batch=number, people=len(mine)),
            choices=(choice(turn.language, "cancel_scores", number),),
        )
    ]
