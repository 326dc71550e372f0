"""What commands read: rounds, rates, a preview as a person, a recount that finds whatever was tampered with, and the state of things."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import openpyxl
import pytest
from sqlalchemy import func, select, update

from handlers.console import looking
from handlers.messages import BotError
from handlers.words import say, words
from quizzes.documents import code, shown_code
from quizzes.plans import Audience, Draw
from quizzes.questions import Kind
from quizzes.rounds import State
from storage import documents, rounds
from storage.tables import attempt, audit, enrolment, response, round_sum
from tests.engine import DAILY, QUESTIONS, Engine

ZH = words("zh")


@pytest.fixture
def engine(database):
    """A closed round of five: one hundred, one sixty-six, one begun, two absent of whom one is exempt."""
    engine = Engine(database).with_bank(*QUESTIONS)
    for name, unit in (("张三", "住建局"), ("李四", "住建局"), ("王五", "财政局"), ("免考人", "财政局")):
        engine.person(name, unit)
    engine.person("管理员", "司法局", role="admin")
    engine.presses("管理员", engine.says("管理员", "免考 免考人 2026-11-01 - 病")[0].choices[0])
    engine.with_plan(DAILY).at("09:00")
    for name, right in (("张三", 3), ("李四", 2), ("王五", 1)):
        engine.says(name, "今日答题")
        for number in range(1 if name == "王五" else 3):
            engine.answers(name, engine.right(name) if number < right else engine.wrong(name))
    return engine.at("18:01")


def look(engine, name, **asked):
    asked = {"language": "zh", **asked}
    return engine.read(lambda store: looking.LOOKS[name](store, engine.house, asked, engine.now))


def refusal(engine, name, **asked):
    with pytest.raises(BotError) as caught:
        look(engine, name, **asked)
    assert say("en", caught.value.code, **caught.value.values)
    return caught.value.code


def verify(engine):
    return look(engine, "verify")


# Reports. --------------------------------------------------------------------------------------------------------------


def test_rounds_are_listed_with_their_counts(engine):
    assert look(engine, "rounds")[-1] == (1, "daily", "每日一题", "2026-11-23", ZH["rounds.state_closed"], 4, 3, 2)


def test_a_report_has_a_line_a_bureau_and_a_total_that_is_their_sum(engine):
    found = look(engine, "report", number=1, form="table")
    assert found["title"] == "每日一题"
    rows = {row[0]: row[1:] for row in found["rows"]}
    assert rows["住建局"] == (2, 0, 2, 2, 2, 1, "100%", "100%", "100%", "50.00%")
    assert rows["财政局"][:6] == (2, 1, 1, 1, 0, 0)
    assert rows["司法局"][:6] == (1, 0, 1, 0, 0, 0)
    total = rows[ZH["terminal.total"]]
    assert total[:6] == tuple(
        sum(row[place] for name, row in rows.items() if name != ZH["terminal.total"]) for place in range(6)
    )
    assert total[6:] == ("75.00%", "66.66%", "50.00%", "33.33%")


def test_a_report_as_json_is_the_same_table(engine):
    table, as_json = (look(engine, "report", number="1", form=form) for form in ("table", "json"))
    assert json.loads(json.dumps(as_json["rows"])) == [list(row) for row in table["rows"]]


def test_a_report_as_a_workbook_says_what_its_words_mean(engine):
    book = openpyxl.load_workbook(io.BytesIO(look(engine, "report", number=1, form="xlsx")["content"]))
    rates, notes, definitions = (list(sheet.values) for sheet in book)
    assert rates[0] == tuple(ZH["terminal.report_columns"].split("|"))
    assert rates[1][:7] == ("住建局", 2, 0, 2, 2, 2, 1)
    assert "参考率＝实考÷应考" in definitions[1][0]
    assert notes[0] == tuple(ZH["corrections.sheet_columns"].split("|"))
    assert notes[1][3] == ZH["corrections.kind_exempted"]
    assert "免考1" in notes[2][0]


def test_a_report_as_a_picture_is_a_picture(engine):
    assert look(engine, "report", number=1, form="png")["content"].startswith(b"\x89PNG")
    assert look(engine, "report", number=1, form="pdf")["content"].startswith(b"%PDF-")


def test_no_such_round_or_format_is_refused(engine):
    assert refusal(engine, "report", number=99, form="table") == "terminal.no_round"
    assert refusal(engine, "report", number=1, form="docx") == "terminal.bad_format"


# Preview. --------------------------------------------------------------------------------------------------------------


def test_a_preview_shows_what_the_person_would_get_and_changes_nothing(engine):
    before = engine.read(lambda store: store.value(select(func.count()).select_from(enrolment)))
    lines = look(engine, "preview", plan="daily", person="张三")
    assert lines[0] == say("zh", "preview.person", name="张三", unit="住建局")
    assert lines[1] == ZH["preview.free"]
    assert all(any(question.stem in line for line in lines) for question in QUESTIONS)
    assert engine.read(lambda store: store.value(select(func.count()).select_from(enrolment))) == before


def test_a_preview_of_a_round_says_how_it_stands_with_the_person(engine):
    assert "已经截止" in look(engine, "preview", plan="1", person="李四")[1]
    assert "次数已用完" in look(engine, "preview", plan="1", person="李四")[1]


def test_a_preview_says_why_somebody_would_be_blocked(engine):
    engine.presses("管理员", engine.says("管理员", "请假 李四 2026-11-23 - 年休")[0].choices[0])
    assert "已批准免考（长期）" in look(engine, "preview", plan="daily", person="免考人")[1]
    assert "请假中（长期）" in look(engine, "preview", plan="daily", person="李四")[1]
    engine.with_plan(replace(DAILY, who=Audience(units=("财政局",))))
    assert "本人在住建局，本期限财政局" in look(engine, "preview", plan="daily", person="张三")[1]
    engine.says("王五", "解除绑定 yes")
    assert ZH["preview.unbound"] in look(engine, "preview", plan="daily", person="王五")[1]


def test_a_preview_of_nobody_or_nothing_is_refused(engine):
    assert refusal(engine, "preview", plan="daily", person="没有此人") == "terminal.preview_nobody"
    assert refusal(engine, "preview", plan="nothing", person="张三") == "terminal.no_plan"
    engine.with_plan(replace(DAILY, who=Audience(units=("水务局",))))
    assert refusal(engine, "preview", plan="daily", person="张三") == "clock.strangers"


def test_two_of_a_name_are_both_previewed(engine):
    engine.person("张三", "财政局", channel="web")
    lines = look(engine, "preview", plan="daily", person="张三")
    assert sum("张三" in line for line in lines) == 2


# Verify. ---------------------------------------------------------------------------------------------------------------


def unlocked(engine, *tables):
    """What somebody does who has the database in their hands: the guards are gone."""
    for table in tables:
        for kind in ("no_update", "no_delete") if not engine.database.on_postgres else ("append_only",):
            on = f" ON {table}" if engine.database.on_postgres else ""
            engine.write(lambda store, name=f"DROP TRIGGER {table}_{kind}{on}": store.plain(name))


def tampers(engine, *statements):
    for statement in statements:
        engine.write(lambda store, statement=statement: store.run(statement))


def test_a_round_nobody_touched_verifies_and_so_does_one_that_runs(engine):
    assert verify(engine) == []
    engine.at("09:00", engine.house.today(engine.now).replace(day=24))
    engine.says("张三", "今日答题")
    engine.answers("张三", engine.right("张三"))
    assert verify(engine) == []


def test_the_guards_hold_while_they_are_there(engine):
    for table in (response, audit):
        with pytest.raises(Exception, match="append-only"):
            tampers(engine, table.delete())


@pytest.mark.parametrize("values", [{"correct": True}, {"answer": ["A", "B"]}, {"answer": ["F"], "correct": False}])
def test_a_response_that_was_changed_is_found(engine, values):
    unlocked(engine, "response")
    wrong = (
        select(response.c.id)
        .where(response.c.correct.is_(not values.get("correct", False)))
        .order_by(response.c.id)
        .limit(1)
    )
    number = engine.read(lambda store: store.value(wrong))
    tampers(engine, update(response).where(response.c.id == number).values(**values))
    assert verify(engine)


def test_a_response_that_was_taken_away_is_found(engine):
    unlocked(engine, "response")
    number = engine.read(lambda store: store.value(select(func.min(response.c.id)).where(response.c.correct.is_(True))))
    tampers(engine, response.delete().where(response.c.id == number))
    said = verify(engine)
    assert any("attempt" in line for line in said)
    assert any("enrolment" in line for line in said)


@pytest.mark.parametrize("values", [{"score": 10_000}, {"score": 0}])
def test_an_attempts_score_that_was_changed_is_found(engine, values):
    number = engine.read(lambda store: store.value(select(attempt.c.id).where(attempt.c.score == 6666)))
    tampers(engine, update(attempt).where(attempt.c.id == number).values(**values))
    (line,) = verify(engine)
    assert line == say(
        "zh", "terminal.verify_difference", round=1, what="attempt", number=number, stored=values["score"], counted=6666
    )


@pytest.mark.parametrize("values", [{"passed": True}, {"excellent": True}, {"sat": True}, {"score": 9900}])
def test_an_enrolments_result_that_was_changed_is_found(engine, values):
    tampers(engine, update(enrolment).where(enrolment.c.person_id == engine.people["管理员"]).values(**values))
    (line,) = verify(engine)
    assert "enrolment" in line


@pytest.mark.parametrize("column", ["roster", "exempt", "due", "sat", "passed", "excellent"])
def test_a_stored_sum_that_was_changed_is_found(engine, column):
    which = round_sum.c.bureau_id == engine.units["财政局"]
    tampers(engine, update(round_sum).where(which).values({column: round_sum.c[column] + 1}))
    (line,) = verify(engine)
    assert "sums" in line


def test_somebody_taken_out_of_the_denominator_by_hand_is_found(engine):
    tampers(
        engine,
        update(enrolment).where(enrolment.c.person_id == engine.people["管理员"]).values(counted=False, exempt=True),
    )
    assert any("sums" in line for line in verify(engine))


def test_a_sum_that_is_gone_is_found_or_counted_anew(engine):
    tampers(engine, round_sum.delete().where(round_sum.c.bureau_id == engine.units["财政局"]))
    assert any("sums" in line for line in verify(engine))


@pytest.mark.parametrize(
    "values", [{"details": {"rounds": []}}, {"actor_id": None}, {"act": "exemption.leave"}, {"object": "person:1"}]
)
def test_a_line_of_the_audit_that_was_changed_is_found(engine, values):
    unlocked(engine, "audit")
    tampers(engine, update(audit).values(**values))
    assert verify(engine) == [say("zh", "terminal.verify_audit", number=1)]


# Doctor. ---------------------------------------------------------------------------------------------------------------


def doctor(engine):
    return {sentence: fine for fine, sentence in look(engine, "doctor")}


def test_the_doctor_says_what_an_officer_can_mend(engine):
    engine.person("没绑的", "住建局", channel="")
    found = doctor(engine)
    assert found[say("zh", "doctor.admins_ill", number=1)] is False
    assert found[say("zh", "doctor.bound_ill", number=5, total=6)] is False
    assert found[say("zh", "doctor.roster_well", number=6)] is True
    assert found[say("zh", "doctor.plans_well", number=1)] is True
    assert found[say("zh", "doctor.public_url_well", url="https://xuefa.example")] is True


def test_the_doctor_finds_plans_that_could_not_open(engine):
    engine.with_plan(
        replace(DAILY, key="a", title="缺题", draw=(Draw(9, Kind.JUDGE),)),
        replace(DAILY, key="b", who=Audience(units=("水务局",))),
    )
    found = doctor(engine)
    assert found[say("zh", "doctor.draws_ill", titles="缺题")] is False
    assert found[say("zh", "doctor.audiences_ill", names="水务局")] is False


def test_the_doctor_of_an_empty_workspace_is_no_error(database):
    engine = Engine(database)
    found = doctor(engine)
    assert found[ZH["doctor.roster_ill"]] is False
    assert found[ZH["doctor.plans_ill"]] is False
    engine.house = replace(engine.house, public_url="http://127.0.0.1:8000")
    assert doctor(engine)[say("zh", "doctor.public_url_ill", url="http://127.0.0.1:8000")] is False


def test_every_finding_of_the_doctor_has_its_sentence_in_english(engine):
    sentences = [sentence for _, sentence in look(engine, "doctor", language="en")]
    for name in engine.units:  # what units are called is not ours to translate
        sentences = [sentence.replace(name, "") for sentence in sentences]
    assert not any("\u4e00" <= sign <= "\u9fff" for sentence in sentences for sign in sentence)


def test_the_doctor_names_units_for_which_nobody_but_the_officer_could_take_over(engine):
    unit = next(iter(engine.units))
    assert any(not fine and unit in sentence and "普法联络员" in sentence for fine, sentence in look(engine, "doctor"))
    for name in engine.units:
        engine.person(f"{name}联络员", name, role="liaison", on=name)
    assert (True, "每个有人的单位都有人接手未参考名单。") in look(engine, "doctor")


def test_the_doctor_ends_with_what_a_platforms_own_check_found(engine):
    found = [("secret", True, {}), ("trusted_ip", False, {"ip": "203.0.113.9"})]
    told = look(engine, "doctor", wecom=found)
    assert told[-2:] == [(True, ZH["doctor.wecom_secret_well"]), (False, say("zh", "doctor.wecom_trusted_ip_ill", ip="203.0.113.9"))]  # fmt: skip
    assert told[:-2] == look(engine, "doctor")


def test_looking_writes_nothing(engine):
    states = lambda: [what.state for what in engine.read(lambda store: rounds.latest(store, 99, *State))]  # noqa: E731
    before = states()
    for name in ("rounds", "verify", "doctor"):
        look(engine, name)
    assert states() == before


# A document by its code. -----------------------------------------------------------------------------------------------


def test_an_unknown_code_is_not_fine_and_says_what_to_do(engine):
    found = look(engine, "confirm", code="no such code")
    assert found == {"fine": False, "lines": [say("zh", "confirming.unknown")]}


def test_a_document_is_confirmed_with_its_facts_and_an_altered_one_is_found_by_verify(engine):
    said = {"name": "张三", "unit": "住建局", "title": "考试", "verdict": "passed"}
    engine.write(
        lambda s: documents.issue(
            s, documents.CERTIFICATE, code(5), 1, said, None, engine.now, person_id=engine.people["张三"]
        )
    )
    found = look(engine, "confirm", code=shown_code(code(5)), language="en")
    assert found["fine"] is False  # nobody passed anything
    assert "Name  张*" in found["lines"]
    assert verify(engine) == []
    engine.write(lambda s: s.plain("UPDATE document SET hash = 'x'"))
    assert verify(engine) == [say("zh", "terminal.verify_document", number=1)]
