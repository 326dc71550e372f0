"""Under way: saved at each answer, changed until 交卷, told nothing of the key, and little work for the writer."""

from __future__ import annotations

import itertools
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from handlers.commands import spoken
from handlers.messages import Address, BotError, Incoming, Viewer, answer_action, tick_action
from handlers.registry import COMMANDS
from handlers.rights import RIGHTS
from handlers.views.pages import VIEWS, Look, view
from quizzes.people import RoleName
from quizzes.plans import Draw
from quizzes.questions import Kind
from storage import accounts
from storage.database import open_database
from storage.tables import response
from tests.engine import BLANK, QUESTIONS
from tests.handlers.sitting.exams import CASE, EXAM, begins, exam, hands_in, line, rows, text


@pytest.fixture
def engine(database):
    return exam(database).at("09:00")


# Answering. ------------------------------------------------------------------------------------------------------------


def test_each_answer_is_kept_at_once_and_nothing_is_said_about_it(engine):
    begins(engine)
    seen = []
    for _ in range(3):
        seen += engine.answers("张三", engine.wrong("张三"))
    seen += engine.says("张三", "答题卡") + engine.says("张三", "交卷")
    said = text(seen)
    assert "第 1 题已记录" in said
    for question in QUESTIONS:
        assert question.explain not in said
        assert question.cites[0] not in said
    assert not [word for word in ("答对", "答错", "正确答案") if word in said]
    assert len(rows(engine, response)) == 3


def test_an_answer_can_be_changed_until_handing_in_and_the_last_counts(engine):
    begins(engine)
    engine.answers("张三", engine.wrong("张三"))
    engine.says("张三", "第 1 题")
    right = engine.right("张三")
    assert engine.card("张三").chosen
    assert "第 1 题已改为" in text(engine.answers("张三", right))
    engine.says("张三", "第1题")
    engine.answers("张三", right)
    assert rows(engine, response, response.c.slot, response.c.serial, response.c.correct) == [
        (0, 0, False),
        (0, 1, True),
    ]
    hands_in(engine)
    assert line(engine).score == 3333


def test_the_same_answer_again_records_nothing_new_and_is_not_called_a_change(engine):
    begins(engine)
    right = engine.right("张三")
    token = engine.card("张三").token
    for _ in range(3):
        assert f"第 1 题已记录：{right}" in text(engine.presses("张三", f"={token}:{right}"))
    assert len(rows(engine, response)) == 1


def test_one_letter_answers_a_multiple_choice_only_where_the_rules_give_something_for_it(database):
    engine = exam(database, partial="half").at("09:00")
    assert "少选得一半分" in text(engine.says("张三", "考试"))
    engine.presses("张三", engine.heard["张三"][-1].choices[0])
    engine.says("张三", "第 2 题")
    assert "没有记下" in text(engine.answers("张三", ""))
    assert "第 2 题已记录" in text(engine.answers("张三", engine.right("张三")[0]))
    hands_in(engine)
    assert line(engine).score == 1666


def test_after_the_last_question_one_reads_what_is_still_open(engine):
    begins(engine)
    engine.says("张三", "第 3 题")
    [last] = engine.answers("张三", "A")
    assert "还有 2 题没有答" in last.text
    assert "第 1/3 题" in text(engine.presses("张三", last.choices[0]))
    engine.answers("张三", "A")
    engine.answers("张三", "AB")
    [last] = engine.answers("张三", "A")
    assert "全部答完了" in last.text
    assert [each.label for each in last.choices] == ["答题卡", "交卷", "回到最后一题"]


def test_a_ticked_box_is_no_answer(engine):
    begins(engine)
    engine.says("张三", "第 2 题")
    engine.answers("张三", "AB", ticks=True)
    assert engine.card("张三").chosen == "AB"
    assert rows(engine, response) == []
    engine.answers("张三", "A")
    assert rows(engine, response) == []


def test_typed_letters_answer_the_question_that_was_shown_last(engine):
    begins(engine)
    engine.says("张三", "第 3 题")
    engine.says("张三", "错")
    assert rows(engine, response, response.c.slot) == [(2,)]
    assert "第 0" not in text(engine.says("张三", "第 9 题"))
    assert "本卷共 3 题" in text(engine.says("张三", "第 9 题"))


def test_going_on_on_another_channel_finds_everything_as_it_was(engine):
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    engine.says("张三", "标记 2")

    engine.write(lambda store: accounts.bind(store, engine.people["张三"], "wecom", "wecom-张三", engine.now))
    said = text(engine.says("张三", "考试", channel="wecom"))
    assert "第 2/3 题" in said
    assert "取消标记" in said
    engine.answers("张三", engine.right("张三"), channel="wecom")
    assert rows(engine, response, response.c.channel) == [("telegram",), ("wecom",)]


@pytest.mark.parametrize("typed", [True, False])
def test_a_blank_filled_with_a_whole_essay_is_refused_in_words(sqlite, typed):
    engine = exam(sqlite, replace(EXAM, draw=(Draw(1, Kind.BLANK),)), (*QUESTIONS, BLANK)).at("09:00")
    begins(engine)
    essay = "长" * 501
    said = text(engine.says("张三", essay) if typed else engine.answers("张三", essay))
    assert "答案太长，没有记下，请控制在 500 字以内" in said
    assert len(said) < 400
    assert rows(engine, response) == []
    engine.answers("张三", "长" * 500)
    assert len(rows(engine, response)) == 1


def test_an_item_of_a_case_is_shown_with_its_text(database):
    plan = replace(EXAM, draw=(Draw(1, Kind.CASE), Draw(1, Kind.JUDGE)))
    engine = exam(database, plan, (*QUESTIONS, CASE)).at("09:00")
    said = text(begins(engine))
    assert "一、案例题 · 第 1/3 题" in said
    assert CASE.stem in said
    assert "本案应当如何处理？" in said
    card = engine.card("张三")
    said = text(engine.answers("张三", "AB"[card.options.index("不予处罚")]))
    assert "执法人员可以不出示证件。" in said
    assert CASE.stem in said
    assert "二、判断题" in text(engine.answers("张三", "B"))


# Nothing of the key, and little work. -----------------------------------------------------------------------------------

OTHER_KEYS = {
    "xf-1": ("D",),
    "cf-1": ("C", "D"),
    "fy-1": ("T",),
    "xk-1": ("三十", "30"),
    "al-1.1": ("B",),
    "al-1.2": ("T",),
}


def with_other_keys(question):
    """The same question to look at, with another key, another explanation and other articles."""
    items = tuple(with_other_keys(item) for item in question.items)
    changed = (
        {"answer": OTHER_KEYS[question.key], "explain": "另一种解析。", "cites": ("民法典 第一条",)}
        if not items
        else {}
    )
    return replace(question, items=items, **changed)


def goes_through(engine, rng, steps):
    """Everything somebody reads who wanders about in an exam, up to 交卷 and not beyond it."""
    seen = list(begins(engine))
    engine.write(lambda store: accounts.bind(store, engine.people["张三"], "wecom", "wecom-张三", engine.now))
    tokens = {engine.card("张三").token: engine.card("张三")}
    for _ in range(steps):
        token, card = rng.choice(sorted(tokens.items()))
        letters = (
            "".join(sorted(rng.sample("ABCD", 2 if card.multiple else 1)))
            if card.options
            else rng.choice(("二十", "三十"))
        )
        number, channel = rng.randint(0, 7), rng.choice(("telegram", "wecom"))
        said = rng.choice(
            (letters, "对", f"第 {number} 题", f"第{number}题", f"标记 {number}", "标记", "答题卡", "交卷", "考试", "今日答题", "我的学法档案", "看答卷",
             "看答卷 1", "题目纠错 有误", "为什么给我发这个", *[answer_action(token, letters)] * 9, tick_action(token, letters))
        )  # fmt: skip
        shown = (
            engine.presses("张三", said, channel=channel)
            if said[0] in "=?"
            else engine.says("张三", said, channel=channel)
        )
        tokens |= {reply.card.token: reply.card for reply in shown if reply.card}
        seen += [said, *shown]
    return seen


@pytest.mark.parametrize("seed", range(5))
def test_what_one_reads_in_an_exam_is_the_same_whatever_the_keys_are(sqlite_template, tmp_path, seed):
    plan = replace(EXAM, draw=(*EXAM.draw, Draw(1, Kind.BLANK), Draw(1, Kind.CASE)))
    bank, seen = (*QUESTIONS, BLANK, CASE), []
    for number, questions in enumerate((bank, tuple(map(with_other_keys, bank)))):
        path = tmp_path / f"{number}.db"
        shutil.copyfile(sqlite_template, path)
        database = open_database(f"sqlite:///{path}")
        engine = exam(database, plan, questions).at("09:00")
        seen.append(goes_through(engine, Random(seed), 120))
        graded = rows(engine, response, response.c.slot, response.c.answer, response.c.correct)
        assert len({slot for slot, *_ in graded}) > 3
        seen[-1] = (seen[-1], [each[:2] for each in graded])
        database.close()
    assert seen[0] == seen[1]


WRONG_UNDER_BOTH = {"国家行政机关的首长负责制由哪部法律规定？": ("民法典",), "下列哪些属于行政处罚？": ("警告", "罚金")}
BROWSER = Address("web", "s:hash")


def answers_wrong_under_both(engine):
    """Three of the questions; those of two options stay open, for one of them is right under one key and one under the other."""
    for _ in range(6):
        card = engine.card("张三")
        wanted = WRONG_UNDER_BOTH.get(card.stem)
        if wanted:
            engine.answers("张三", "".join("ABCD"[n] for n, option in enumerate(card.options) if option in wanted))
        elif card.stem == BLANK.stem:
            engine.answers("张三", "四十")
        forth = [each for reply in engine.heard["张三"] for each in reply.choices if each.label == "下一题"]
        if forth and not (wanted or card.stem == BLANK.stem):
            engine.presses("张三", forth[0])


def everything_a_cadre_reaches(engine):
    """What every command says, every page shows, every delivery and file holds."""
    account, who = engine.read(lambda store: accounts.behind(store, BROWSER.channel, BROWSER.id, engine.now))
    viewer, seen = Viewer(who.id, account.id, who.name, "zh", ("cadre",)), []
    own = [
        each
        for each in COMMANDS
        if RoleName.CADRE in RIGHTS[each.right] and each.key not in ("confirm_hand_in", "unbind")
    ]
    for number, (command, rest) in enumerate(itertools.product(own, ("", " 1", " xf-1"))):
        for said in (f"{spoken(command.key)[0]}{rest}", "取消"):
            seen += (
                engine.hears("张三", Incoming(f"web:{engine.now}{number}{said}", BROWSER, engine.now, said))
                if "码" not in said
                else ()
            )
    engine.settle()
    asked = {"paper": "1", "number": "1", "part": "1", "after": "0", "id": "1", "key": "x", "token": "t", "code": "c"}
    for name in VIEWS:
        try:
            seen.append(
                engine.read(lambda store, name=name: view(store, name, Look(viewer, asked, engine.house, engine.now)))
            )
        except BotError as error:
            seen.append(error)
    seen += [parcel.reply for channel in ("telegram", "web") for parcel in engine.delivered(channel)]
    return re.sub(r"/(enter|join)/[\w-]+", "", "\n".join(map(repr, seen)))


def test_every_command_page_and_file_a_cadre_reaches_is_the_same_whatever_the_keys_are(sqlite_template, tmp_path):
    """While the exam is under way, and after it was handed in with the same score and before its release."""
    plan = replace(EXAM, draw=(*EXAM.draw, Draw(1, Kind.BLANK), Draw(1, Kind.CASE)))
    bank, seen = (*QUESTIONS, BLANK, CASE), []
    for number, questions in enumerate((bank, tuple(map(with_other_keys, bank)))):
        path = tmp_path / f"{number}.db"
        shutil.copyfile(sqlite_template, path)
        database = open_database(f"sqlite:///{path}")
        engine = exam(database, plan, questions, release="never", attempts=1).at("09:00")
        until = engine.now + timedelta(days=1)
        engine.write(
            lambda store, e=engine, until=until: accounts.open_session(store, e.people["张三"], "hash", e.now, until)
        )
        begins(engine)
        answers_wrong_under_both(engine)
        during = everything_a_cadre_reaches(engine)
        engine.now += timedelta(minutes=1)
        assert "0 分" in text(hands_in(engine))
        seen.append((during, everything_a_cadre_reaches(engine)))
        assert len(rows(engine, response)) == 3
        database.close()
    assert seen[0] == seen[1]


def test_an_answer_costs_the_writer_one_response_and_one_place_and_does_not_grow_with_the_paper(sqlite):
    engine = exam(sqlite).at("09:00")
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    connection = sqlite.engine.raw_connection()
    statements: list[str] = []
    connection.driver_connection.set_trace_callback(statements.append)
    connection.close()
    engine.answers("张三", "AB")
    changes = [
        each.split("(")[0].split(" SET")[0].strip()
        for each in statements
        if each.startswith(("INSERT", "UPDATE", "DELETE"))
    ]
    assert sorted(changes) == ["INSERT INTO inbox", "INSERT INTO response", "UPDATE attempt"]
    reads = [each for each in statements if each.startswith("SELECT")]
    assert len(reads) < 12
    assert not [each for each in reads if "FROM response" in each and "LIMIT" not in each]
