"""Every parameter of the rules does what it says, and nothing else: one is changed, and what follows is looked at as a whole."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from handlers.sitting import gates, reviewing
from quizzes.enrolling import enrol
from quizzes.grading import excellent, passed
from quizzes.papers import Slot
from quizzes.people import Person, Posting, PostingKind, Unit
from quizzes.plans import Audience
from quizzes.questions import Kind, Question
from quizzes.rates import HandIn, result
from quizzes.rounds import State
from quizzes.rules import Makeup, Rules
from quizzes.scoring import asked, scored
from storage.answers import Sitting
from storage.database import Store
from tests.builders import HOUSE, NOW, district

BASE = Rules(minutes=60, release="closed", makeup=Makeup())
DAY = date(2026, 12, 4)

CHANGES: dict[str, tuple[Any, set[str]]] = {
    "pass_line": (80, {"70 passes", "passes in the make-up"}),
    "excellent_line": (96, {"95 is excellent"}),
    "attempts": (3, {"attempts left after one", "attempts in the make-up"}),
    "minutes": (20, {"a sitting begun early ends", "a sitting begun late ends", "minutes in the make-up"}),
    "score": ("last", {"90 then 70 counts"}),
    "postings": (("编制", "借调"), {"on the roster"}),
    "points": (((Kind.SINGLE, 4000), (Kind.MULTIPLE, 6000)), {"single right", "multiple right"}),
    "partial": ("half", {"multiple half right"}),
    "late": ("finish", {"a sitting begun late ends"}),
    "release": ("handed_in", {"the key after handing in"}),
    "hall": (True, {"may begin at home"}),
    "makeup": (Makeup(("absent",), 5, 2, 2, 45, 75), {"make-up for", "make-up opens", "attempts in the make-up",
                                                      "minutes in the make-up", "passes in the make-up"}),
}  # fmt: skip
"""Parameter: (another value, what must change by it)."""
OF_THE_MAKEUP: dict[str, tuple[Any, set[str]]] = {
    "who": (("failed",), {"make-up for"}),
    "after_days": (10, {"make-up opens"}),
    "days": (1, {"make-up opens"}),
    "attempts": (2, {"attempts in the make-up"}),
    "minutes": (90, {"minutes in the make-up"}),
    "pass_line": (75, {"passes in the make-up"}),
}


def question(key: str, kind: Kind, answer: tuple[str, ...]) -> Question:
    return Question(key, kind, f"{key}？", ("甲", "乙", "丙", "丁"), answer, "", ())


PAPER = {1: question("a", Kind.SINGLE, ("A",)), 2: question("b", Kind.MULTIPLE, ("A", "B"))}


def what_follows(store: Store, round_id: int, rules: Rules) -> dict[str, Any]:
    """Everything that rules decide, as people would notice it."""
    early = _sitting(round_id, rules, closes=timedelta(hours=5))
    late = replace(early, closes_at=NOW + timedelta(minutes=30))
    paper = asked([Slot(1, (0, 1, 2, 3)), Slot(2, (0, 1, 2, 3))], PAPER, rules)
    second, makeup = rules.for_makeup(), rules.makeup or Makeup()
    return {
        "70 passes": passed(7000, rules),
        "95 is excellent": excellent(9500, rules),
        "attempts left after one": replace(early, attempts=1).attempts_left,
        "a sitting begun early ends": gates.end_of(store, early, NOW),
        "a sitting begun late ends": gates.end_of(store, late, NOW),
        "90 then 70 counts": result([HandIn(9000, 2), HandIn(7000, 2)], rules).score,
        "on the roster": _roster(rules),
        "single right": scored(paper, {0: ("A",)}, rules).score,
        "multiple right": scored(paper, {1: ("A", "B")}, rules).score,
        "multiple half right": scored(paper, {1: ("A",)}, rules).score,
        "the key after handing in": reviewing.released(store, replace(early, attempt_state="handed_in")),
        "explained at once": not rules.exam,
        "may begin at home": gates.refusal(store, early, HOUSE, "zh", NOW) == "",
        "make-up for": makeup.who,
        "make-up opens": (makeup.after_days, makeup.days),
        "attempts in the make-up": second.attempts,
        "minutes in the make-up": second.minutes,
        "passes in the make-up": passed(7200, second),
    }  # fmt: skip


def _sitting(round_id: int, rules: Rules, closes: timedelta) -> Sitting:
    return Sitting(
        0, 1, (), 0, 0, round_id, "考试", "assessed", State.OPEN, NOW - timedelta(hours=1), NOW + closes, rules, 0, None,
        counted=True, attempt_state="",
    )  # fmt: skip


def _roster(rules: Rules) -> list[str]:
    kinds = ("编制", "借调", "挂职", "驻村", "派遣")
    people = [Person(number, kind) for number, kind in enumerate(kinds, 1)]
    postings = [Posting(n, n, 1, PostingKind(kind), date(2020, 1, 1)) for n, kind in enumerate(kinds, 1)]
    found = enrol(people, postings, [Unit(1, None, "住建局", 0)], Audience(), rules, DAY)
    return [kinds[each.person_id - 1] for each in found]


def differing(store: Store, changed: Rules) -> set[str]:
    round_id = district(store).round_id
    before, after = what_follows(store, round_id, BASE), what_follows(store, round_id, changed)
    return {name for name in before if before[name] != after[name]}


def test_no_parameter_is_left_out():
    assert set(CHANGES) == {field.name for field in fields(Rules)}
    assert set(OF_THE_MAKEUP) == {field.name for field in fields(Makeup)}


@pytest.mark.parametrize("name", CHANGES)
def test_changing_one_parameter_changes_exactly_what_it_should(store, name):
    value, expected = CHANGES[name]
    assert differing(store, replace(BASE, **{name: value})) == expected


@pytest.mark.parametrize("name", OF_THE_MAKEUP)
def test_changing_one_parameter_of_the_make_up_changes_the_make_up_alone(store, name):
    value, expected = OF_THE_MAKEUP[name]
    assert differing(store, replace(BASE, makeup=replace(Makeup(), **{name: value}))) == expected


def test_every_time_of_release_is_its_own(store):
    round_id = district(store).round_id
    seen = {release: what_follows(store, round_id, replace(BASE, minutes=None, release=release)) for release in ("answered", "handed_in", "closed", "never")}  # fmt: skip
    assert {release: (found["explained at once"], found["the key after handing in"]) for release, found in seen.items()} == {
        "answered": (True, True), "handed_in": (False, True), "closed": (False, False), "never": (False, False),
    }  # fmt: skip
