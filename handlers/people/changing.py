"""What a decision about a person does to 应考: said before, round by round, and then done, with the sums of before and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from handlers.rounds import opening
from handlers.turns import Deployment, Turn
from quizzes.enrolling import ChangeKind, Status, enrol
from quizzes.people import PostingKind
from quizzes.plans import Audience
from quizzes.rounds import Round, State
from storage import corrections, exemptions, invitations, people, rounds
from storage.corrections import Applied, Effect
from storage.database import Store
from storage.exemptions import EXEMPT
from storage.invitations import BIND
from storage.people import Placed
from storage.requests import DEPART, JOIN

EVER = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be decided: 免考, 缓考, 请假, 补录 or 调出 of a person, for one round or for dates; 调出 without a round is from
    every round now open."""

    kind: str
    person_id: int
    round_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None


def effects(store: Store, wish: Wish, now: datetime) -> list[Effect]:
    """What it does to the 应考 of each round, as of now. Empty for what never changes it: 缓考, 请假, a round that has not opened,
    somebody who has sat."""
    if wish.kind == JOIN:
        return _joins(store, wish, now)
    kind = {EXEMPT: ChangeKind.EXEMPTED, DEPART: ChangeKind.DEPARTED}.get(wish.kind)
    found = (corrections.effect(store, each, kind, now) for each in _lines(store, wish)) if kind else ()
    return [each for each in found if each is not None]


def _joins(store: Store, wish: Wish, now: datetime) -> list[Effect]:
    assert wish.round_id is not None
    number = corrections.line(store, wish.round_id, wish.person_id)
    if number is None:
        what, due = rounds.get(store, wish.round_id), corrections.due(store, wish.round_id)
        return [Effect(0, what.id, what.title, due, due + 1, what.state is State.CLOSED)]
    if corrections.stands(store, number) is Status.EXEMPT:
        return []  # taken back by 撤销免考, so that the books say which
    found = corrections.effect(store, number, ChangeKind.ADDED, now)
    return [] if found is None else [found]


def _lines(store: Store, wish: Wish) -> list[int]:
    if wish.round_id is not None:
        return corrections.lines_of(store, wish.round_id, wish.person_id)
    return corrections.open_lines(store, wish.person_id, wish.starts_on or EVER, wish.ends_on)


def carry_out(store: Store, wish: Wish, reason: str, by: int, house: Deployment, now: datetime) -> list[Applied]:
    """Do it: each line once, whoever decides twice. Raises StillClosing."""
    corrections.lock(store, wish.person_id)
    if wish.kind == EXEMPT:
        return exemptions.take_out(store, _lines(store, wish), reason, by, now)
    if wish.kind == JOIN:
        assert wish.round_id is not None
        number = _line(store, rounds.get(store, wish.round_id), wish.person_id, house, now)
        done = [corrections.apply(store, number, ChangeKind.ADDED, reason, by, now)] if number else []
    elif wish.kind == DEPART:
        _leave(store, wish.person_id, house.today(now), now)
        lines = _lines(store, wish)
        done = [corrections.apply(store, each, ChangeKind.DEPARTED, reason, by, now) for each in lines]
    else:
        done = []
    return [each for each in done if each is not None]


def _line(store: Store, what: Round, person_id: int, house: Deployment, now: datetime) -> int | None:
    """The person's line in a round, made if need be, in the unit of today; None for somebody without a posting that counts."""
    number = corrections.line(store, what.id, person_id)
    who = people.person_of(store, person_id)
    if number is not None or who is None:
        return number
    day = house.today(now)
    postings = [each for each in people.postings(store, day) if each.person_id == who.id]
    due = enrol([who], postings, people.units(store), Audience(), what.rules, day)
    leaders = {who.id} if who.leadership else set()
    numbers = rounds.enrol(store, what.id, due, leaders=leaders, exempt=set(), at_opening=False, now=now)
    if what.state is State.OPEN:
        opening.draw_papers(store, what, due, numbers)
    return numbers.get(who.id)


def _leave(store: Store, person_id: int, today: date, now: datetime) -> None:
    """Whoever left and is still on the roster is on it no longer: their postings end, as a roster import would end them."""
    held = [each.id for each in people.postings(store, today) if each.person_id == person_id]
    people.end_postings(store, held, today)
    invitations.revoke(store, [person_id], BIND, now)


def is_closing(store: Store, round_id: int | None) -> bool:
    """Whether a round is being closed this moment, so that nothing about it can be decided for some seconds."""
    return round_id is not None and rounds.get(store, round_id).state is State.CLOSING


def moved_to(store: Store, person_id: int, what: Round, house: Deployment, now: datetime) -> str:
    """The unit somebody was transferred to within the district since a round opened, or "": a transfer leaves 应考 as it is."""
    number = corrections.line(store, what.id, person_id)
    if number is None:
        return ""
    there, since = rounds.enrolled(store, number).unit_id, house.today(what.opened_at or what.opens_at)
    held = [each for each in people.postings(store, house.today(now)) if each.person_id == person_id]
    moved = [
        each for each in held if each.kind is PostingKind.STAFF and each.starts_on >= since and each.unit_id != there
    ]
    return people.unit_name(store, moved[-1].unit_id) if moved else ""


# In words. -------------------------------------------------------------------------------------------------------------


def who(turn: Turn, person: Placed) -> str:
    """「住建局张三」, or 「住建局#12」 where names are not shown."""
    name = person.name if turn.names_allowed else f"#{person.id}"
    return turn.say("corrections.who", name=name, unit=person.unit)


def placed(store: Store, person_id: int, today: date) -> Placed:
    """A person with the unit of today; one who has left without."""
    found = people.placed(store, today, ids=[person_id])
    if found:
        return found[0]
    known = people.person_of(store, person_id)
    return Placed(person_id, known.name if known else "", 0, "")


def lines(turn: Turn, found: Sequence[Effect]) -> list[str]:
    """「「宪法宣传周学法考试」应考186→185」, one a round."""
    return [
        turn.say("corrections.effect_closed" if each.closed else "corrections.effect", title=each.title, before=each.before, after=each.after)
        for each in found
    ]  # fmt: skip


def token(found: Iterable[Effect]) -> int:
    """What a confirmation repeats of what was shown: the headcounts after, summed."""
    return sum(each.after for each in found)


def details(done: Iterable[Applied]) -> list[dict[str, Any]]:
    """For the audit: each round with 应考 before and after, and of a closed one the sums that were printed and those from now on."""
    return [
        {"round": each.effect.round_id, "before": each.effect.before, "after": each.effect.after, "corrected": each.effect.closed,
         **({"sums_before": _sums(each.sums_before), "sums_after": _sums(each.sums_after)} if each.effect.closed else {})}
        for each in done
    ]  # fmt: skip


def _sums(sums: corrections.Sums) -> dict[str, list[int]]:
    return {str(bureau_id): list(numbers) for bureau_id, numbers in sorted(sums.items())}
