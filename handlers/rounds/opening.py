"""Opening a round: fix who is due and what may be asked, then write enrolments, papers and cards in chunks."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from handlers.turns import Deployment
from quizzes.enrolling import Change, ChangeKind, Enrolled, draws, enrol, unknown_units
from quizzes.papers import Pool, Shortfall, Slot, draw, paper_seed, shortfalls
from quizzes.people import Person
from quizzes.plans import Draw
from quizzes.rounds import Round, State
from storage import accounts, answers, changes, deliveries, makeups, people, pools, rounds
from storage.answers import Sitting
from storage.database import Store

CHUNK = 500
Drawn = tuple[int, int, int, tuple[Slot, ...]]
"""A drawn paper: enrolment id, number of the attempt, seed, slots."""


def shortfall(store: Store, what: Round) -> Shortfall | None:
    """The first line of the draw that the banks cannot fill now, or None: such a round must not open."""
    pool = pools.would_draw_from(store, what.lines)
    found = [
        short for lines in (what.draw, *(each.draw for each in what.variants)) for short in shortfalls(pool, lines)
    ]
    return found[0] if found else None


def strangers(store: Store, what: Round) -> list[str]:
    """Units its audience names that nobody has: enrolling without them would shrink 应考 unseen, so such a round must not open."""
    audiences = (what.audience, *(each.who for each in what.variants))
    return list(dict.fromkeys(name for each in audiences for name in unknown_units(each, people.units(store))))


def begin(store: Store, what: Round, now: datetime) -> None:
    """Fix the instant and the pool. From here on the bank may change without changing this round."""
    if rounds.move(store, what, State.OPENING, now):
        pools.fix_pool(store, what.id, pools.banks_of(what.lines))


def continue_opening(store: Store, what: Round, house: Deployment, now: datetime) -> bool:
    """One chunk: enrolments as of the opening, papers, cards. True when the round is open."""
    after = rounds.progress(store, what.id)
    due = [e for e in due_people(store, what, house) if e.person_id > after][: CHUNK + 1]
    chunk = due[:CHUNK]
    if chunk:
        _write(store, what, chunk, house, now)
        rounds.set_progress(store, what.id, chunk[-1].person_id)
    if len(due) > CHUNK:
        return False
    return rounds.move(store, what, State.OPEN, now)


def due_people(store: Store, what: Round, house: Deployment) -> list[Enrolled]:
    """Everybody due in a round as of its opening, by number; those with an approved 免考 among them. In a make-up: who of its
    list has not passed meanwhile, in the units of the first round."""
    if what.of_round_id is not None and what.audience.people is not None:
        return makeups.owing(store, what)
    day = house.today(what.opened_at or what.opens_at)
    found = enrol(
        people.people(store), people.postings(store, day), people.units(store), what.audience, what.rules, day
    )
    return sorted(found, key=lambda e: e.person_id)


def _write(store: Store, what: Round, chunk: list[Enrolled], house: Deployment, now: datetime) -> None:
    day = house.today(what.opened_at or what.opens_at)
    exempt = rounds.exempt_people(store, what.id, day)
    leaders = {each.id for each in people.people(store) if each.leadership}
    numbers = rounds.enrol(store, what.id, chunk, leaders=leaders, exempt=set(exempt), at_opening=True, now=now)
    for person_id in numbers.keys() & exempt.keys():
        reason, approver_id = exempt[person_id]
        changes.record(store, numbers[person_id], Change(ChangeKind.EXEMPTED, now, reason, approver_id or 0))
    draw_papers(store, what, chunk, numbers)
    resting = rounds.on_leave(store, day) | exempt.keys()
    _plan_cards(store, what, {p: n for p, n in numbers.items() if p not in resting}, now)


def draw_papers(store: Store, what: Round, enrolled: list[Enrolled], numbers: dict[int, int]) -> None:
    """Draw the first paper of each person enrolled that has none yet; `numbers` is person id -> enrolment id."""
    have = pools.with_papers(store, list(numbers.values()))
    missing = [each for each in enrolled if numbers[each.person_id] not in have]
    if not missing:
        return
    avoid = _avoid(store, what, [each.person_id for each in missing])
    lines, pool = _lines(store, what, missing), pools.pool(store, what.id)
    answers.add_papers(
        store,
        [_paper(what, pool, p, numbers[p], 1, lines[p], avoid[p]) for p in (e.person_id for e in missing)],
    )


def draw_again(store: Store, sat: Sitting) -> None:
    """The paper of the next attempt, with other questions than the earlier ones where the pool has enough."""
    what = rounds.get(store, sat.round_id)
    avoid = _avoid(store, what, [sat.person_id])[sat.person_id]
    pool = pools.pool(store, what.id)
    lines = _lines(store, what, [rounds.enrolled(store, sat.enrolment_id)])[sat.person_id]
    answers.add_papers(store, [_paper(what, pool, sat.person_id, sat.enrolment_id, sat.number + 1, lines, avoid)])


def _avoid(store: Store, what: Round, who: list[int]) -> dict[int, set[str]]:
    """Which questions each person is not asked where the pool has others: those of lately, those of this round's earlier papers, and
    those that stand on another open paper."""
    lately = pools.answered_since(store, who, what.opens_at - timedelta(days=what.avoid_days))
    beside = pools.beside(store, who, what)
    return {person_id: lately.get(person_id, set()) | beside.get(person_id, set()) for person_id in who}


def _lines(store: Store, what: Round, enrolled: list[Enrolled]) -> dict[int, tuple[Draw, ...]]:
    """By which draw each of these people gets a paper."""
    if not what.variants:
        return {each.person_id: what.draw for each in enrolled}
    return draws(enrolled, people.people(store), people.units(store), what.variants, what.draw)


def _paper(
    what: Round, pool: Pool, person_id: int, enrolment_id: int, number: int, lines: tuple[Draw, ...], avoid: set[str]
) -> Drawn:
    seed = paper_seed(what.seed, person_id, number)
    return enrolment_id, number, seed, draw(pool, lines, Random(seed), avoid)  # noqa: S311 (a stored seed, not a secret)


def _plan_cards(store: Store, what: Round, numbers: dict[int, int], now: datetime) -> None:
    reachable = accounts.reachable_accounts(store, sorted(numbers))
    papers = pools.first_papers(store, list(numbers.values()))
    owed = [
        (person_id, reachable[person_id], papers[number])
        for person_id, number in numbers.items()
        if person_id in reachable
    ]
    rows = [
        {"key": f"round:{what.id}:card:{person_id}", "person_id": person_id, "account_id": account_id, "channel": channel,
         "kind": "card", "body": {"paper": paper_id}, "priority": deliveries.PRIORITY["card"], "created_at": now,
         "not_before": max(now, what.opens_at), "expires_at": what.closes_at, "round_id": what.id}
        for person_id, (account_id, channel), paper_id in owed
    ]  # fmt: skip
    if rows:
        store.run(deliveries.insert_once(store), rows)


def enrol_late(store: Store, person_id: int, house: Deployment, now: datetime) -> bool:
    """Somebody whom an open round is meant for, but who came after its opening, may sit it and is not counted. True if any."""
    found = people.person_of(store, person_id)
    added = False
    if found is None:
        return added
    for what in rounds.in_state(store, State.OPEN):
        listed = what.audience.people is not None  # a make-up is for its list alone
        if not listed and what.opens_at <= now < what.closes_at and not rounds.is_enrolled(store, what.id, person_id):
            added = _enrol_one(store, what, found, house, now) or added
    return added


def _enrol_one(store: Store, what: Round, who: Person, house: Deployment, now: datetime) -> bool:
    day = house.today(now)
    postings = [each for each in people.postings(store, day) if each.person_id == who.id]
    due = enrol([who], postings, people.units(store), what.audience, what.rules, day)
    leaders = {who.id} if who.leadership else set()
    numbers = rounds.enrol(store, what.id, due, leaders=leaders, exempt=set(), at_opening=False, now=now)
    draw_papers(store, what, due, numbers)
    return bool(numbers)
