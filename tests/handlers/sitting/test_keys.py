"""The key in force: as the bank had it, until a ruling says otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.sitting import keys
from handlers.words import words
from quizzes.scoring import Action, Ruling
from storage import answers, rulings, tables
from storage.database import Store
from tests.builders import NOW, District, district, hands_in_paper

ZH = words("zh")


@pytest.fixture
def d(store: Store) -> District:
    """张三 answered 对, 错 to two questions whose key is A."""
    made = district(store)
    hands_in_paper(store, made, made.round_id, "张三", [True, False])
    return made


def sat(store: Store):
    found = answers.sitting(store, int(store.value(select(tables.paper.c.id))))
    assert found is not None
    return found


def rule(store: Store, d: District, slot: int, *answer: str) -> None:
    action = Action.REKEY if answer else Action.VOID
    new = Ruling(sat(store).slots[slot].revision_id, None, action, NOW + timedelta(hours=1), answer)
    rulings.add(store, d.round_id, new, reason="错了", approver_id=d.people["王敏"])


def test_without_a_ruling_the_banks_key_counts(store, d):
    given = answers.answered(store, sat(store).paper_id)
    assert keys.right(store, sat(store), given) == 1
    assert keys.explained(store, "zh", sat(store), 0, ("A",)).startswith(ZH["quiz.right"])
    assert keys.in_force(store, sat(store), 0, ())[0].answer == ("A",)


def test_after_one_the_new_key_is_explained_and_counted(store, d):
    rule(store, d, 1, "B")
    given = answers.answered(store, sat(store).paper_id)
    assert keys.right(store, sat(store), given) == 2
    assert keys.explained(store, "zh", sat(store), 1, ("B",)).startswith(ZH["quiz.right"])
    said = keys.explained(store, "zh", sat(store), 1, ("A",))
    assert said.startswith(ZH["quiz.wrong"])
    assert "B. 不是这样" in said


def test_a_voided_question_says_so_and_is_right_for_everybody(store, d):
    rule(store, d, 1)
    said = keys.explained(store, "zh", sat(store), 1, ("B",))
    assert said.startswith(ZH["rekeying.was_voided"] + "\n" + ZH["quiz.right"])
    assert keys.right(store, sat(store), answers.answered(store, sat(store).paper_id)) == 2
