from __future__ import annotations

from storage import feedback
from storage.database import Store
from storage.feedback import COMPLAINT
from tests.builders import NOW, district, hands_in_paper


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
