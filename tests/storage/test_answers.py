"""The answer path in the store: papers, attempts, and answer events that are written once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from quizzes.papers import Slot
from quizzes.rates import Result
from quizzes.rounds import GRACE
from quizzes.rules import Rules
from storage import answers, tables
from storage.answers import Answered
from storage.database import Store
from tests.builders import NOW, District, district, enrol, make_round, mark
from tests.engine import QUESTIONS
from tests.storage.test_banks import apply


def with_paper(store: Store, name: str = "张三") -> tuple[District, int]:
    """The district, and the number of a paper of three questions in its open round."""
    d = district(store)
    if not store.rows(select(tables.revision.c.id)):
        apply(store, *QUESTIONS)
    return d, add_paper(store, d, d.round_id, name)


def add_paper(store: Store, d: District, round_id: int, name: str) -> int:
    mine = (tables.enrolment.c.round_id == round_id) & (tables.enrolment.c.person_id == d.people[name])
    enrolment_id = store.value(select(tables.enrolment.c.id).where(mine))
    numbers = [row.id for row in store.rows(select(tables.revision.c.id).order_by(tables.revision.c.id))]
    slots = (Slot(numbers[0], (3, 1, 0, 2)), Slot(numbers[1], (0, 1, 2, 3)), Slot(numbers[2], ()))
    answers.add_papers(store, [(enrolment_id, 1, 42, slots)])
    return int(store.value(select(tables.paper.c.id).where(tables.paper.c.enrolment_id == enrolment_id)))


def respond(
    store: Store, paper_id: int, slot: int, letters: tuple[str, ...] = ("A",), serial: int = 0, *, correct: bool = True
) -> None:
    sat = answers.sitting(store, paper_id)
    assert sat is not None
    if not sat.attempt_state:
        answers.start(store, sat, NOW)
    answers.respond(
        store,
        sat,
        slot,
        serial,
        letters,
        correct,
        arrived_at=NOW,
        platform_at=None,
        channel="web",
        inbox_key=f"web:{slot}.{serial}",
    )


def test_a_paper_comes_back_as_it_was_drawn_with_its_round_and_rules(store: Store) -> None:
    d, paper_id = with_paper(store)
    sat = answers.sitting(store, paper_id)
    assert sat is not None
    assert [slot.order for slot in sat.slots] == [(3, 1, 0, 2), (0, 1, 2, 3), ()]
    assert (sat.person_id, sat.round_id, sat.number, sat.attempt_state) == (d.people["张三"], d.round_id, 1, "")
    assert (sat.opens_at, sat.closes_at) == (NOW - timedelta(days=3), NOW + timedelta(days=7))
    assert sat.rules == Rules(attempts=2)
    assert (sat.counted, sat.score, sat.attempts) == (True, None, 0)


def test_an_unknown_paper_is_none_and_an_unknown_revision_is_a_bug(store: Store) -> None:
    assert answers.sitting(store, 404) is None
    with pytest.raises(KeyError):
        answers.question(store, 404)


def test_the_content_of_a_revision_is_remembered_and_equal(store: Store) -> None:
    _, paper_id = with_paper(store)
    sat = answers.sitting(store, paper_id)
    assert sat is not None
    found = [answers.question(store, slot.revision_id) for slot in sat.slots]
    assert found == list(QUESTIONS)
    assert answers.question(store, sat.slots[0].revision_id) is found[0]


def test_the_round_that_closes_first_is_answered_first_and_only_open_rounds_are_open(store: Store) -> None:
    d, later = with_paper(store)
    for plan, state, opened, closes in (
        ("sooner", "open", -1, 1), ("not yet", "open", 1, 2), ("over", "open", -2, -1), ("closing", "closing", -1, 1),
    ):  # fmt: skip
        number = make_round(store, plan=plan, state=state, opened=timedelta(days=opened), closes=timedelta(days=closes))
        enrol(store, d, number, "张三")
        add_paper(store, d, number, "张三")
    found = answers.open_sittings(store, d.people["张三"], NOW)
    assert [sat.closes_at - NOW for sat in found] == [timedelta(days=1), timedelta(days=7)]
    assert found[1].paper_id == later


def test_the_exams_behind_one_are_those_handed_in_whose_rounds_are_over_and_no_quizzes(store: Store) -> None:
    d, quiz = with_paper(store)
    papers = {}
    for release, state in (("closed", "closed"), ("never", "closing"), ("handed_in", "open"), ("closed", "closed")):
        closes = timedelta(days=len(papers) - 9)
        rules = Rules(release=release)
        round_id = make_round(store, state=state, plan=f"{release}{len(papers)}", rules=rules, closes=closes)
        enrol(store, d, round_id, "张三")
        papers[len(papers)] = add_paper(store, d, round_id, "张三")
    for paper_id in (quiz, papers[0], papers[1], papers[2]):
        sat = answers.sitting(store, paper_id)
        assert sat is not None
        answers.start(store, sat, NOW)
        answers.hand_in(store, sat, 8000, Result(sat=True, passed=True, score=8000), NOW)
    store.run(update(tables.round_).where(tables.round_.c.id == d.round_id).values(state="closed"))
    assert [sat.paper_id for sat in answers.past_exams(store, d.people["张三"])] == [papers[1], papers[0]]
    assert [sat.paper_id for sat in answers.past_exams(store, d.people["张三"], most=1)] == [papers[1]]
    assert answers.past_exams(store, d.people["李四"]) == []


def test_a_round_is_open_from_its_opening_to_the_moment_before_its_close(store: Store) -> None:
    d, paper_id = with_paper(store)
    sat = answers.sitting(store, paper_id)
    assert sat is not None
    moment = timedelta(microseconds=1)
    for at, number in ((sat.opens_at - moment, 0), (sat.opens_at, 1), (sat.closes_at - moment, 1), (sat.closes_at, 0)):
        assert len(answers.open_sittings(store, d.people["张三"], at)) == number


def test_what_was_on_its_way_at_the_end_of_a_begun_sitting_still_finds_it(store: Store) -> None:
    d, paper_id = with_paper(store)
    sat = answers.sitting(store, paper_id)
    assert sat is not None
    answers.start(store, sat, NOW)
    moment = timedelta(microseconds=1)
    for at, number in ((sat.closes_at + GRACE, 1), (sat.closes_at + GRACE + moment, 0)):
        assert len(answers.open_sittings(store, d.people["张三"], at)) == number
    ends_at = sat.closes_at + timedelta(minutes=5)
    store.run(update(tables.attempt).values(ends_at=ends_at))
    for at, number in ((ends_at + GRACE, 1), (ends_at + GRACE + moment, 0)):
        assert len(answers.open_sittings(store, d.people["张三"], at)) == number
    store.run(update(tables.attempt).values(state="handed_in"))
    assert answers.open_sittings(store, d.people["张三"], sat.closes_at) == []


def test_cutting_a_round_ends_its_sittings_that_would_run_longer_and_no_others(store: Store) -> None:
    d, mine = with_paper(store)
    other = make_round(store, plan="other")
    enrol(store, d, other, "张三")
    longer, within = NOW + timedelta(hours=1), NOW - timedelta(minutes=1)
    papers = {"longer": (mine, longer), "within": (add_paper(store, d, d.round_id, "李四"), within),
              "without": (add_paper(store, d, d.round_id, "孙七"), None), "elsewhere": (add_paper(store, d, other, "张三"), longer)}  # fmt: skip
    for paper_id, ends_at in papers.values():
        sat = answers.sitting(store, paper_id)
        assert sat is not None
        answers.start(store, sat, NOW - timedelta(minutes=30), ends_at=ends_at)
    answers.cut(store, d.round_id, NOW)
    found = {name: answers.sitting(store, paper_id) for name, (paper_id, _) in papers.items()}
    assert {name: sat and sat.ends_at for name, sat in found.items()} == {
        "longer": NOW, "within": within, "without": None, "elsewhere": longer,
    }  # fmt: skip


def test_a_first_answer_starts_the_attempt_and_marks_the_line_as_started(store: Store) -> None:
    _, paper_id = with_paper(store)
    respond(store, paper_id, 1, ("A", "B"), correct=False)
    sat = answers.sitting(store, paper_id)
    assert sat is not None
    assert sat.attempt_state == "open"
    assert store.value(select(tables.enrolment.c.started).where(tables.enrolment.c.id == sat.enrolment_id)) is True
    assert answers.answered(store, paper_id) == {1: Answered(0, False, ("A", "B"))}


def test_a_second_answer_to_the_same_question_is_refused_by_the_database(store: Store) -> None:
    _, paper_id = with_paper(store)
    respond(store, paper_id, 0)
    store.plain("SAVEPOINT doubled")
    with pytest.raises(IntegrityError):
        respond(store, paper_id, 0, ("B",))
    store.plain("ROLLBACK TO SAVEPOINT doubled")
    assert answers.answered(store, paper_id) == {0: Answered(0, True, ("A",))}


def test_of_several_answers_under_rising_serials_the_last_counts(store: Store) -> None:
    _, paper_id = with_paper(store)
    respond(store, paper_id, 0, ("B",), 0, correct=False)
    respond(store, paper_id, 0, ("A",), 1)
    assert answers.answered(store, paper_id) == {0: Answered(1, True, ("A",))}
    assert store.value(select(func.count()).select_from(tables.response)) == 2


def test_an_answer_keeps_its_revision_its_channel_and_the_event_it_came_with(store: Store) -> None:
    _, paper_id = with_paper(store)
    sat = answers.sitting(store, paper_id)
    assert sat is not None
    answers.start(store, sat, NOW)
    answers.respond(store, sat, 2, 0, ("F",), True, arrived_at=NOW, platform_at=NOW - timedelta(seconds=3), channel="telegram",
                    inbox_key="telegram:7")  # fmt: skip
    row = store.row(select(tables.response))
    assert row is not None
    assert (row.revision_id, row.channel, row.inbox_key) == (sat.slots[2].revision_id, "telegram", "telegram:7")
    assert (row.arrived_at, row.platform_at) == (NOW, NOW - timedelta(seconds=3))


def test_handing_in_ends_the_attempt_and_the_line_keeps_the_score_that_counts(store: Store) -> None:
    _, paper_id = with_paper(store)
    respond(store, paper_id, 0)
    sat = answers.sitting(store, paper_id)
    assert sat is not None
    answers.hand_in(store, sat, 3333, Result(True, True, False, 8000), NOW, automatic=True)
    attempt = store.row(select(tables.attempt).where(tables.attempt.c.id == paper_id))
    line = store.row(select(tables.enrolment).where(tables.enrolment.c.id == sat.enrolment_id))
    assert attempt is not None
    assert line is not None
    assert (attempt.state, attempt.score, attempt.automatic, attempt.handed_in_at) == ("handed_in", 3333, True, NOW)
    assert (line.sat, line.passed, line.excellent, line.score, line.attempts) == (True, True, False, 8000, 1)


def test_a_paper_for_somebody_out_of_the_roster_says_so(store: Store) -> None:
    d, paper_id = with_paper(store)
    mark(store, d, d.round_id, "张三", counted=False)
    sat = answers.sitting(store, paper_id)
    assert sat is not None
    assert sat.counted is False


def test_one_line_has_one_paper_of_each_number(store: Store) -> None:
    d, _ = with_paper(store)
    store.plain("SAVEPOINT doubled")
    with pytest.raises(IntegrityError):
        add_paper(store, d, d.round_id, "张三")
    store.plain("ROLLBACK TO SAVEPOINT doubled")
    answers.add_papers(store, [])


def test_what_was_answered_cannot_be_changed_afterwards_by_anybody(store: Store) -> None:
    _, paper_id = with_paper(store)
    respond(store, paper_id, 0, correct=False)
    store.plain("SAVEPOINT changed")
    with pytest.raises(Exception, match="append-only"):
        store.run(update(tables.response).values(correct=True))
    store.plain("ROLLBACK TO SAVEPOINT changed")
    assert answers.answered(store, paper_id)[0].correct is False
