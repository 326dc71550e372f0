"""What the exam pages are told: one's own papers, where one was, and nothing of the key before its release."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.messages import answer_action
from handlers.views import exam as views
from handlers.views.chat import viewer_of
from quizzes.plans import Audience, Draw
from quizzes.questions import Kind
from storage import accounts
from tests.engine import QUESTIONS
from tests.handlers.sitting.exams import CASE, EXAM, begins, exam


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


def exams(engine, name="张三", when="open"):
    return sees(engine, views.exams, name=name)[when]


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
    engine.now += timedelta(minutes=60, seconds=10)
    assert sees(engine, views.question, paper, 1)["state"] == "under_way"  # as long as an answer is taken
    engine.now += timedelta(seconds=1)
    told = sees(engine, views.question, paper, 1)
    assert told["state"] == "done"
    assert "stem" not in told
    engine.now -= timedelta(minutes=1)
    with pytest.raises(KeyError):
        sees(engine, views.question, paper, 4)


def test_before_it_opens_an_exam_is_announced_to_those_it_means(sqlite):
    engine = exam(sqlite, replace(EXAM, who=Audience(units=("住建局",))))
    engine.person("王五", "司法局")
    for name in ("张三", "王五"):
        engine.write(
            lambda s, n=name: accounts.open_session(
                s, engine.people[n], f"hash-{n}", engine.now, engine.now.replace(year=2027)
            )
        )
    engine.settle()
    assert exams(engine) == exams(engine, "王五", "coming") == []
    [coming] = exams(engine, when="coming")
    assert (coming["title"], "09:00" in coming["opens"]) == ("年度学法考试", True)
    engine.at("09:00")
    assert (len(exams(engine)), exams(engine, when="coming")) == (1, [])


def test_before_one_begins_the_notice_and_a_close_that_cuts_the_minutes_short_are_said(engine):
    [found] = exams(engine)
    assert found["rules"][0] == "依据：城南普法〔2026〕3号。"
    assert not [rule for rule in found["rules"] if "18:00" in rule]
    engine.at("17:40", engine.house.today(engine.now) + timedelta(days=1))
    [found] = exams(engine)
    assert "20 分钟" in found["rules"][-1]
    assert "18:00" in found["rules"][-1]


def test_after_its_close_an_exam_is_found_among_those_behind_one(engine):
    begins(engine)
    [paper] = [each["paper"] for each in exams(engine)]
    engine.answers("张三", engine.right("张三"))
    assert exams(engine, when="past") == []
    engine.at("18:01", engine.house.today(engine.now) + timedelta(days=1))
    [behind] = exams(engine, when="past")
    assert (behind["paper"], behind["again"], exams(engine)) == (paper, False, [])
    assert "33.33 分" in behind["result"]
    assert exams(engine, "李四", "past") == []  # who never sat has nothing to look at


def test_how_often_a_question_was_answered_is_told_so_that_a_change_of_mind_is_no_repetition(engine):
    begins(engine)
    [paper] = [each["paper"] for each in exams(engine)]
    token = sees(engine, views.question, paper, 1)["token"]
    for letter, given in (("A", 1), ("B", 2), ("B", 2), ("A", 3)):
        engine.presses("张三", answer_action(token, letter))
        told = sees(engine, views.question, paper, 1)
        assert (told["chosen"], told["given"]) == (letter, given)


def test_an_item_of_a_case_is_told_with_its_text_and_flags_are_counted(sqlite):
    engine = exam(sqlite, replace(EXAM, draw=(Draw(1, Kind.CASE),)), (CASE,))
    engine.write(
        lambda s: accounts.open_session(
            s, engine.people["张三"], "hash-张三", engine.now, engine.now.replace(year=2027)
        )
    )
    engine.at("09:00")
    begins(engine)
    [paper] = [each["paper"] for each in exams(engine)]
    told = [sees(engine, views.question, paper, number) for number in (1, 2)]
    assert [each["background"] for each in told] == [CASE.stem, CASE.stem]
    assert [each["kind"] for each in told] == ["single", "judge"]
    engine.says("张三", "标记 2")
    sheet = sees(engine, views.sheet, paper)
    assert sheet["flagged"] == 1
    assert [part["name"][:5] for part in sheet["sections"]] == ["一、案例题"]
    everything = json.dumps([*told, sheet], ensure_ascii=False)
    assert not [item.key for item in CASE.items if item.explain in everything or item.cites[0] in everything]
