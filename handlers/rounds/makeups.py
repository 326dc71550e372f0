"""补考: after the close, who was absent or failed, when they may sit again and under which rules; one confirm enrols exactly them."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from handlers.commands import choice
from handlers.messages import Choice, Reply
from handlers.reports import reporting
from handlers.rounds import makeup_plan, naming
from handlers.rounds.makeup_plan import BOTH, CHOICES, YES, Asked
from handlers.turns import Turn
from handlers.words import say
from quizzes.people import Person
from quizzes.rounds import Round, State
from quizzes.rules import Who
from storage import audit, figures, makeups, people, rounds
from storage.database import Store
from storage.makeups import Candidate

SHOWN, NAMED = 8, 30


def makeup(turn: Turn, store: Store) -> list[Reply]:
    """「补考」: closed rounds that somebody still owes. 「补考 12」: who, when, under which rules. 「补考 12 2026-12-15 2026-12-17 缺考」:
    other dates, or some of them only."""
    words = turn.arguments
    if not words:
        return [_overview(turn, store)]
    first = _first(store, words[0])
    if first is None:
        return [Reply(turn.say("errors.not_found"), choices=(choice(turn.language, "makeup"),))]
    if first.state is not State.CLOSED:
        return [Reply(turn.say("makeups.not_closed", title=first.title), choices=(choice(turn.language, "missing"),))]
    asked = makeup_plan.read(turn, store, first, words[1:])
    if asked is None:
        return [Reply(turn.say("makeups.how", number=first.id), choices=(choice(turn.language, "makeup", first.id),))]
    return [
        _arranged(turn, store, first, asked) if asked.confirmed is not None else _proposal(turn, store, first, asked)
    ]


def _overview(turn: Turn, store: Store) -> Reply:
    owing: list[tuple[Round, int]] = []
    for what in rounds.latest(store, 50, State.CLOSED):
        if what.of_round_id is None and (what.counts == "assessed" or what.rules.makeup):
            left = sum(each.arranged is None for each in makeups.candidates(store, what))
            owing += [(what, left)] if left else []
    if not owing:
        return Reply(turn.say("makeups.nothing"), choices=(choice(turn.language, "rounds"),))
    lines = [turn.say("makeups.head")]
    lines += [turn.say("makeups.owing", number=what.id, title=what.title, people=left) for what, left in owing[:SHOWN]]
    buttons = [choice(turn.language, "makeup", what.id, label=turn.say("makeups.open_button", title=what.title)) for what, _ in owing[:SHOWN]]  # fmt: skip
    return Reply("\n".join(lines), choices=tuple(buttons))


def _first(store: Store, word: str) -> Round | None:
    """The round a number means; of a make-up, its first round."""
    what = naming.named(store, word)
    return rounds.get(store, what.of_round_id) if what is not None and what.of_round_id is not None else what


# The proposal. ---------------------------------------------------------------------------------------------------------


def _proposal(turn: Turn, store: Store, first: Round, asked: Asked, before: str = "") -> Reply:
    """Who is on the list, when and how; nothing is arranged yet."""
    every = makeups.candidates(store, first)
    free = [each for each in every if each.arranged is None]
    lines = [before] if before else []
    lines.append(_head(turn, store, first, every))
    lines += _planned(turn, store, first)
    buttons = [choice(turn.language, "cancel_makeup", each.id, label=turn.say("makeups.cancel_button", number=each.id)) for each in makeups.ahead(store, first.id)]  # fmt: skip
    if not free:
        lines.append(turn.say("makeups.nobody"))
        return Reply("\n".join(lines), choices=(*buttons, choice(turn.language, "figures", first.id)))
    lines += _by_bureau(turn, store, free)
    occurrence = makeup_plan.occurrence_of(turn, store, first, asked)
    problem = makeup_plan.problem(turn, store, first, asked, occurrence)
    if problem:
        return Reply("\n".join([*lines, problem]), choices=(choice(turn.language, "makeup", first.id), *buttons))
    lines.append(turn.say("makeups.window", opens=turn.house.moment(turn.language, occurrence.opens_at),
                          closes=turn.house.moment(turn.language, occurrence.closes_at)))  # fmt: skip
    lines.append(makeup_plan.rules_in_words(turn.language, first.rules, first.rules.for_makeup()))
    lines.append(turn.say("makeups.would", people=len(_chosen(free, asked.who)), number=first.id))
    return Reply(
        "\n".join(lines), choices=(*_confirms(turn, first, asked, free), *buttons, choice(turn.language, "cancel"))
    )


def _head(turn: Turn, store: Store, first: Round, every: Sequence[Candidate]) -> str:
    due = sum(each.due for each in figures.own(store, first).values())
    absent = sum(each.why == "absent" for each in every)
    deferred = sum(each.deferred for each in every)
    said = turn.say("makeups.counts", title=first.title, due=due, absent=absent, failed=len(every) - absent)
    return said + turn.say("makeups.deferred", people=deferred) if deferred else said


def _planned(turn: Turn, store: Store, first: Round) -> list[str]:
    return [
        turn.say("makeups.planned", number=each.id, opens=turn.house.moment(turn.language, each.opens_at),
                 closes=turn.house.moment(turn.language, each.closes_at), people=len(each.audience.people or ()))
        for each in makeups.ahead(store, first.id)
    ]  # fmt: skip


def _by_bureau(turn: Turn, store: Store, free: Sequence[Candidate]) -> list[str]:
    """A line a bureau in 机构序列: headcounts, and names where they may be shown and are few enough to read."""
    names = turn.names_allowed and len(free) <= NAMED
    lines = []
    for bureau in people.units(store):
        there = [each for each in free if each.bureau_id == bureau.id]
        absent = sum(each.why == "absent" for each in there)
        if there:
            said = turn.say("makeups.bureau", unit=bureau.name, absent=absent, failed=len(there) - absent)
            listed = turn.say("makeups.comma").join(_named(turn, each) for each in there)
            lines.append(said + turn.say("makeups.names", names=listed) if names else said)
    return lines if names or not turn.names_allowed else [*lines, turn.say("makeups.many")]


def _named(turn: Turn, each: Candidate) -> str:
    why = turn.say("makeups.who_deferred" if each.deferred else f"makeups.who_{each.why}")
    return turn.say("makeups.named", name=each.name, why=why)


def _chosen(free: Sequence[Candidate], who: Sequence[Who]) -> list[Candidate]:
    """Whom a choice takes; a 缓考 always comes along, for it was put off to the make-up."""
    return [each for each in free if each.why in who or each.deferred]


def _confirms(turn: Turn, first: Round, asked: Asked, free: Sequence[Candidate]) -> list[Choice]:
    """One button for what the rules say (or was asked), and one for each other choice that would take other people."""
    others = [who for who in (BOTH, ("absent",), ("failed",)) if set(who) != set(asked.who)]
    seen: set[int] = set()
    buttons = []
    for who in (asked.who, *others):
        count = len(_chosen(free, who))
        if not count or count in seen:
            continue
        seen.add(count)
        key = next(name for name, meant in CHOICES.items() if set(meant) == set(who))
        said = (first.id, asked.begins.isoformat(), asked.ends.isoformat(), turn.say(f"makeups.who_{key}"), YES, count)
        buttons.append(choice(turn.language, "makeup", *said, label=turn.say(f"makeups.confirm_{key}", people=count)))
    return buttons


# Confirmed, and taken back. --------------------------------------------------------------------------------------------


def _arranged(turn: Turn, store: Store, first: Round, asked: Asked) -> Reply:
    """Put it on the books, if it still means as many people as were shown."""
    listed = _chosen([each for each in makeups.candidates(store, first) if each.arranged is None], asked.who)
    occurrence = makeup_plan.occurrence_of(turn, store, first, asked)
    if len(listed) != asked.confirmed or not listed:
        return _proposal(turn, store, first, replace(asked, confirmed=None), turn.say("makeups.changed"))
    if makeup_plan.problem(turn, store, first, asked, occurrence):
        return _proposal(turn, store, first, replace(asked, confirmed=None))
    seed = int.from_bytes(hmac.digest(turn.house.secret, f"{occurrence.plan_key}:{turn.now.isoformat()}".encode(), "sha256")[:7], "big")  # fmt: skip
    number = rounds.add(
        store, makeup_plan.plan_of_makeup(turn, first, asked, listed, occurrence), occurrence, state=State.PLANNED, closes_at=occurrence.closes_at, late=False,
        seed=seed, of_round_id=first.id, by_hand=True,
    )  # fmt: skip
    if number is None:
        return _proposal(turn, store, first, replace(asked, confirmed=None), turn.say("makeups.changed"))
    details = {"of": first.id, "who": list(asked.who), "people": [each.person_id for each in listed], "from": asked.begins.isoformat(),
               "to": asked.ends.isoformat()}  # fmt: skip
    audit.record(store, turn.me.id, "round.makeup", f"round:{number}", details, turn.now)
    said = turn.say("makeups.arranged", number=number, people=len(listed), opens=turn.house.moment(turn.language, occurrence.opens_at),
                    closes=turn.house.moment(turn.language, occurrence.closes_at))  # fmt: skip
    undo = choice(turn.language, "cancel_makeup", number, label=turn.say("makeups.cancel_button", number=number))
    return Reply(said, choices=(undo, choice(turn.language, "rounds")))


def cancel(turn: Turn, store: Store) -> list[Reply]:
    """「取消补考 13」: takes back a make-up that has not opened, after showing what is taken back; nobody has been told of it yet."""
    words = turn.arguments
    what = _makeup(store, words[0]) if words else None
    if what is None:
        return [Reply(turn.say("makeups.which_cancel"), choices=(choice(turn.language, "makeup"),))]
    if what.state is not State.PLANNED:
        return [Reply(turn.say("makeups.too_late", title=what.title), choices=(choice(turn.language, "rounds"),))]
    people_listed = len(what.audience.people or ())
    if words[1:2] != [YES]:
        said = turn.say("makeups.would_cancel", number=what.id, title=what.title, people=people_listed)
        confirm = choice(turn.language, "cancel_makeup", what.id, YES, label=turn.say("makeups.confirm_cancel"))
        return [Reply(said, choices=(confirm, choice(turn.language, "cancel")))]
    rounds.move(store, what, State.CANCELLED, turn.now)
    audit.record(store, turn.me.id, "round.makeup_cancel", f"round:{what.id}", {"people": people_listed}, turn.now)
    return [Reply(turn.say("makeups.cancelled", title=what.title), choices=(choice(turn.language, "makeup", what.of_round_id or 0),))]  # fmt: skip


def _makeup(store: Store, word: str) -> Round | None:
    what = naming.named(store, word)
    return what if what is not None and what.of_round_id is not None else None


# What the clock says. --------------------------------------------------------------------------------------------------


def offer(store: Store, what: Round, now: datetime) -> None:
    """After a close: tell the admins whom a make-up could be for, with the button that begins it. Of a practice round only where its
    rules know a make-up."""
    first = what if what.of_round_id is None else rounds.get(store, what.of_round_id)
    if first.counts != "assessed" and first.rules.makeup is None:
        return
    free = [each for each in makeups.candidates(store, first) if each.arranged is None]
    absent = sum(each.why == "absent" for each in free)
    if not free:
        return

    def words(admin: Person) -> Reply:
        key = "makeups.offer" if what.of_round_id is None else "makeups.offer_again"
        said = say(admin.language, key, title=what.title, absent=absent, failed=len(free) - absent)
        return Reply(said, choices=(choice(admin.language, "makeup", first.id), choice(admin.language, "figures", first.id)))  # fmt: skip

    reporting.owe_admins(store, f"makeup:{what.id}", words, now)


def still_needed(store: Store, what: Round, now: datetime) -> bool:
    """Before a make-up opens: whoever has passed or left 应考 since it was arranged is not enrolled, and the admins are told how
    many. False when nobody is left; then it is cancelled."""
    if what.of_round_id is None or what.audience.people is None:
        return True
    owing = len(makeups.owing(store, what))
    left = len(what.audience.people) - owing
    if not owing:
        rounds.move(store, what, State.CANCELLED, now)
        reporting.tell_admins(store, f"makeup:{what.id}:none", "makeups.none_left", now, title=what.title)
    elif left:
        reporting.tell_admins(
            store, f"makeup:{what.id}:left", "makeups.left_out", now, title=what.title, people=left, owing=owing
        )
    return owing > 0
