"""Orders of commands: the same turn whether the server runs or not, recorded in the audit, refused with a sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from handlers.console import orders
from handlers.messages import BotError
from handlers.words import say
from quizzes.plans import Audience, Draw
from quizzes.questions import Kind
from quizzes.rounds import State
from storage import accounts, audit, people, rounds
from storage.tables import audit as audit_table
from storage.tables import person, posting
from tests.engine import DAILY, QUESTIONS, Engine
from tests.handlers.sitting.exams import begins, exam, line


@pytest.fixture
def engine(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    return engine.with_plan(DAILY).at("08:30")


def order(engine, name, **asked):
    asked = {"language": "zh", **asked}
    return engine.write(lambda store: orders.ORDERS[name](store, engine.house, asked, engine.now))


def refusal(engine, name, **asked):
    with pytest.raises(BotError) as caught:
        order(engine, name, **asked)
    assert say("en", caught.value.code, **caught.value.values)
    return caught.value.code


def acts(engine):
    return [row.act for row in engine.read(lambda store: store.rows(select(audit_table).order_by(audit_table.c.id)))]


def test_what_was_announced_stands_in_the_audit_with_its_numbers_and_without_its_words(engine):
    order(engine, "announced", to=[["住建局", 37], ["新任干部", 5]])
    assert acts(engine) == ["announce"]
    (row,) = engine.read(lambda store: store.rows(select(audit_table.c.details)))
    assert row.details == {"to": ["住建局 37", "新任干部 5"], "by": "command"}


def test_a_round_is_opened_and_closed_by_command(engine):
    engine.with_plan(replace(DAILY, key="extra", title="加练"), DAILY)
    assert order(engine, "round.open", plan="extra") == say("zh", "rounds.opening", title="加练", people=1)
    engine.after(seconds=1)
    (what,) = engine.read(lambda store: rounds.in_state(store, State.OPEN))
    assert order(engine, "round.close", number=str(what.id)) == say("zh", "rounds.closing", title="加练")
    engine.after(seconds=11)
    assert engine.read(lambda store: rounds.get(store, what.id)).state is State.CLOSED
    assert acts(engine) == ["round.open", "round.close"]
    assert engine.read(audit.verify) is None


def test_a_day_has_one_round_of_a_plan(engine):
    engine.at("09:00")
    assert refusal(engine, "round.open", plan="daily") == "rounds.exists"


def test_what_cannot_be_opened_or_closed_is_refused_with_a_sentence(engine):
    assert refusal(engine, "round.open", plan="nothing") == "terminal.no_plan"
    assert refusal(engine, "round.close", number="99") == "terminal.no_open_round"
    engine.with_plan(
        replace(DAILY, key="short", draw=(Draw(9, Kind.JUDGE),)),
        replace(DAILY, key="nobody", who=Audience(units=("水务局",))),
    )
    assert refusal(engine, "round.open", plan="short") == "clock.short"
    assert refusal(engine, "round.open", plan="nobody") == "clock.strangers"
    assert acts(engine) == []


def test_a_planned_round_is_not_closed(engine):
    (planned,) = engine.read(lambda store: rounds.in_state(store, State.PLANNED))
    assert refusal(engine, "round.close", number=planned.id) == "terminal.no_open_round"


def test_the_first_administrator_gets_a_link_and_is_put_on_the_roster_once(engine):
    for _ in range(2):
        link = order(engine, "invite", person="王敏", unit="司法局")
    assert link.startswith("https://xuefa.example/enter/")
    assert engine.read(lambda store: store.value(select(func.count()).select_from(person))) == 2
    assert [row.person for row in engine.read(people.holders)] == ["王敏"]
    engine.hears("浏览器", engine.incoming("浏览器", "web", action=f"/enter {link.rpartition('/')[2]}"))
    assert engine.heard["浏览器"][0].text


def test_a_roster_is_shown_and_applied_only_when_told_to(engine, tmp_path):
    path = tmp_path / "名册.csv"
    path.write_text("姓名,单位,手机号\n张三,住建局,13800001234\n李四,财政局,13800005678\n", encoding="utf-8")
    shown = order(engine, "roster", file=str(path), apply=False)
    assert (shown["clean"], "新增 1 人" in shown["text"]) == (True, True)
    assert engine.read(lambda store: store.value(select(func.count()).select_from(person))) == 1
    done = order(engine, "roster", file=str(path), apply=True)
    assert say("zh", "terminal.roster_applied") in done["text"]
    assert engine.read(lambda store: store.value(select(func.count()).select_from(posting))) == 2
    assert acts(engine) == ["roster.import"]
    again = order(engine, "roster", file=str(path), apply=True)
    assert say("zh", "roster.nothing") in again["text"]
    assert engine.read(lambda store: store.value(select(func.count()).select_from(posting))) == 2


def test_a_file_that_is_no_roster_is_refused_and_a_faulty_one_is_not_clean(engine, tmp_path):
    assert refusal(engine, "roster", file=str(tmp_path / "none.csv"), apply=False) == "terminal.file_missing"
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04")
    assert refusal(engine, "roster", file=str(tmp_path / "x.xlsx"), apply=True) == "tables.broken"
    (tmp_path / "y.csv").write_text("姓名,单位\n张三,\n", encoding="utf-8")
    assert order(engine, "roster", file=str(tmp_path / "y.csv"), apply=False)["clean"] is False


def test_every_order_speaks_the_language_it_was_asked_in(engine):
    engine.with_plan(replace(DAILY, key="extra", title="Extra"), DAILY)
    assert order(engine, "round.open", plan="extra", language="en") == say(
        "en", "rounds.opening", title="Extra", people=1
    )
    assert engine.read(lambda store: accounts.language_of(store, engine.people["张三"])) == "zh"


def test_an_exam_closed_by_command_stops_and_tells_who_sits_it_as_in_chat(database):
    engine = exam(database).at("09:00")
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    engine.delivered()
    order(engine, "round.close", number="1")
    engine.after(minutes=1)
    assert any("提前结束" in parcel.reply.text for parcel in engine.delivered())
    assert line(engine).score == 3333
    assert engine.read(lambda store: rounds.get(store, 1)).state is State.CLOSED
