"""What the exam pages are told: one's own papers, where one was, and nothing of the key before its release."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from handlers.views import exam as views
from handlers.views.chat import viewer_of
from storage import accounts
from tests.engine import QUESTIONS
from tests.handlers.sitting.exams import begins, exam


@pytest.fixture
def engine(sqlite):
    engine = exam(sqlite)
    for name in ("张三", "李四"):
        engine.write(
            lambda s, n=name: accounts.open_session(
                s, engine.people[n], f"hash-{n}", engine.now, engine.now.replace(year=2027)
            )
        )
    return engine.at("09:00")


def sees(engine, look, *given, name="张三", timed=True):
    def run(store):
        viewer = viewer_of(store, f"hash-{name}", engine.now)
        return look(store, *given, viewer, *((engine.house, engine.now) if timed else ()))

    return engine.read(run)


def exams(engine, name="张三"):
    return sees(engine, views.exams, name=name)


def test_the_list_follows_an_exam_from_ready_to_done(engine):
    [found] = exams(engine)
    assert (found["state"], found["assessed"], found["again"], found["result"]) == ("ready", True, False, "")
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    [found] = exams(engine)
    assert (found["state"], found["place"]) == ("under_way", 2)
    engine.presses("张三", engine.says("张三", "交卷")[-1].choices[0])
    [found] = exams(engine)
    assert (found["state"], found["again"]) == ("done", True)
    assert "33.33 分" in found["result"]


def test_a_question_is_told_with_what_was_answered_and_never_with_its_key(engine):
    begins(engine)
    letters = engine.right("张三")
    engine.answers("张三", letters)
    [paper] = [each["paper"] for each in exams(engine)]
    told = [sees(engine, views.question, paper, number) for number in (1, 2, 3)]
    assert (told[0]["chosen"], told[1]["chosen"]) == (letters, "")
    assert [each["kind"] for each in told] == ["single", "multiple", "judge"]
    assert "" < told[0]["now"] < told[0]["ends"]
    sheet = sees(engine, views.sheet, paper)
    assert [slot["answered"] for section in sheet["sections"] for slot in section["slots"]] == [True, False, False]
    everything = json.dumps([*told, sheet, sees(engine, views.result, paper)], ensure_ascii=False)
    assert not [q.key for q in QUESTIONS if q.explain in everything or q.cites[0] in everything]
    assert not {"answer", "explain", "cites", "correct"} & set(told[0])


def test_nothing_of_another_persons_paper_is_told(engine):
    [paper] = [each["paper"] for each in exams(engine, "李四")]
    for look, given in ((views.question, (paper, 1)), (views.sheet, (paper,)), (views.result, (paper,))):
        with pytest.raises(KeyError):
            sees(engine, look, *given)
    with pytest.raises(KeyError):
        sees(engine, views.review, paper, 1, timed=False)


def test_the_review_opens_with_the_release_and_not_before(engine):
    begins(engine)
    [paper] = [each["paper"] for each in exams(engine)]
    engine.presses("张三", engine.says("张三", "交卷")[-1].choices[0])
    assert sees(engine, views.result, paper)["released"] is False
    with pytest.raises(KeyError):
        sees(engine, views.review, paper, 1, timed=False)
    engine.at("18:01", engine.house.today(engine.now) + timedelta(days=1))
    assert sees(engine, views.result, paper)["released"] is True
    review = sees(engine, views.review, paper, 9, timed=False)
    assert (review["page"], review["pages"], len(review["blocks"])) == (1, 1, 3)
    assert QUESTIONS[0].explain in "".join(review["blocks"])


def test_over_and_not_begun_are_told_without_a_question(engine):
    [paper] = [each["paper"] for each in exams(engine)]
    assert sees(engine, views.question, paper, 1)["state"] == "ready"
    begins(engine)
    engine.now += timedelta(minutes=60)
    told = sees(engine, views.question, paper, 1)
    assert told["state"] == "done"
    assert "stem" not in told
    engine.now -= timedelta(minutes=1)
    with pytest.raises(KeyError):
        sees(engine, views.question, paper, 4)
