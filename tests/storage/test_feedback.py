from __future__ import annotations

from storage import feedback
from storage.database import Store
from storage.feedback import COMPLAINT
from tests.builders import NOW, district, hands_in_paper
from tests.handlers.sitting.exams import begins, exam


def test_reports_wait_oldest_first_until_they_are_answered(store: Store) -> None:
    d = district(store)
    first, second = (feedback.add(store, d.people["张三"], COMPLAINT, text, NOW) for text in ("一", "二"))
    assert [each.id for each in feedback.waiting(store, 10)] == [first, second]
    feedback.answer(store, first, "好的", d.people["王敏"], NOW)
    assert [each.id for each in feedback.waiting(store, 10)] == [second]


def test_the_question_one_means_is_the_one_answered_last(store: Store) -> None:
    d = district(store)
    assert feedback.last_question(store, d.people["张三"]) == ""
    hands_in_paper(store, d, d.round_id, "张三", [True, False, True])
    assert feedback.last_question(store, d.people["张三"]) == "t-2"
    assert feedback.stem(store, "t-2") == "第3问？"
    assert feedback.stem(store, "none") == ""


def test_a_person_finds_their_own_reports_newest_first_and_nobody_elses(store: Store) -> None:
    d = district(store)
    mine = [feedback.add(store, d.people["张三"], feedback.COMPLAINT, f"意见{n}", NOW) for n in range(3)]
    feedback.add(store, d.people["李四"], feedback.COMPLAINT, "别人的", NOW)
    feedback.answer(store, mine[0], "已改", d.people["王敏"], NOW)
    found = feedback.of_person(store, d.people["张三"], 10)
    assert [each.id for each in found] == mine[::-1]
    assert [each.answer for each in found] == ["", "", "已改"]
    assert [each.id for each in feedback.of_person(store, d.people["张三"], 1)] == mine[-1:]


def test_a_question_of_an_exam_counts_as_shown_once_it_is_begun(database) -> None:
    engine = exam(database).at("09:00")
    who = engine.people["张三"]

    def known() -> tuple[str, bool]:
        return engine.read(lambda s: (feedback.last_question(s, who), feedback.was_shown(s, who, "xf-1")))

    assert known() == ("", False)
    begins(engine)
    assert known() == ("xf-1", True)
