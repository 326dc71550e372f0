"""应考, through the real engine: who is counted, where, and what is displayed; nothing takes anybody out of it unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from handlers.messages import File
from handlers.reports.figures import row_text
from handlers.rights import ALL, Scope
from handlers.views.figures import round_figures, trend
from handlers.words import say
from quizzes.missing import Reason
from quizzes.people import Posting, PostingKind
from quizzes.plans import Audience
from quizzes.rates import Tally
from quizzes.rounds import State
from storage import accounts, audit, changes, figures, missing, people, recounting, rounds
from storage.tables import audit as audit_table
from storage.tables import delivery, enrolment, enrolment_change, exemption
from tests.engine import DAILY, QUESTIONS, Engine

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
EVERYTHING = Scope(ALL)
OPENED = ("张三", "免考人", "请假人", "借调人", "调动人", "没绑的", "管理员")
OTHERS = ("李四", "王五")


@pytest.fixture
def engine(database):
    """住建局 has seven people at opening, 财政局 two; one is exempt, one on leave, one seconded to 财政局, one never bound."""
    engine = Engine(database).with_bank(*QUESTIONS)
    for name in OPENED:
        role, channel = "admin" if name == "管理员" else "", "" if name == "没绑的" else "telegram"
        engine.person(name, "住建局", channel=channel, role=role, staff_no=f"GH{name}")
    for name in OTHERS:
        engine.person(name, "财政局", staff_no=f"GH{name}")
    post(engine, "借调人", "财政局", PostingKind.SECONDED, date(2026, 6, 1))
    say_yes(engine, "管理员", "免考 免考人 2026-11-01 - 长期病假")
    say_yes(engine, "管理员", "请假 请假人 2026-11-20 2026-11-30 年休假")
    return engine.with_plan(DAILY).at("09:00")


def say_yes(engine, name, text):
    (asked,) = engine.says(name, text)
    engine.presses(name, asked.choices[0])


def post(engine, name, unit, kind, since):
    posting = Posting(0, engine.people[name], engine.unit(unit), kind, since)
    engine.write(lambda store: people.add_postings(store, [posting], None, engine.now))


def moves(engine, name, unit, on):
    """A transfer, as a roster import writes it: the posting is closed and followed by another."""
    held = engine.read(lambda store: [p.id for p in people.postings(store, on) if p.person_id == engine.people[name]])
    engine.write(lambda store: people.end_postings(store, held, on))
    post(engine, name, unit, PostingKind.STAFF, on)


def tallies(engine, number=1):
    shown = engine.read(lambda store: round_figures(store, number, EVERYTHING, engine.now))
    return {row.name: row.tally for row in shown.rows} | {"全区": shown.total.tally}


def line(engine, name, number=1):
    mine = enrolment.c.round_id == number, enrolment.c.person_id == engine.people[name]
    return engine.read(lambda store: store.row(select(enrolment).where(*mine)))


def sits(engine, name):
    engine.says(name, "今日答题")
    for _ in range(3):
        engine.answers(name, engine.right(name))


def recorded(engine, name):
    return [change.kind for change in engine.read(lambda store: changes.history(store, line(engine, name).id))]


def cards_to(engine):
    return {parcel.address.id.removeprefix("telegram-") for parcel in engine.delivered() if parcel.kind == "card"}


# Who is counted, one by one. -------------------------------------------------------------------------------------------


def test_a_person_with_an_approved_exemption_is_on_the_roster_and_not_in_the_denominator(engine):
    row = line(engine, "免考人")
    assert (row.counted, row.exempt, row.at_opening) == (False, True, True)
    assert recorded(engine, "免考人") == ["exempted"]
    assert tallies(engine)["住建局"] == Tally(roster=7, exempt=1, due=6)
    assert "免考人" not in cards_to(engine)


def test_the_exemption_stands_in_the_books_with_date_reason_and_approver(engine):
    (change,) = engine.read(lambda store: changes.of_round(store, 1))
    assert (change.kind, change.reason, change.approver_id, change.at) == (
        "exempted",
        "长期病假",
        engine.people["管理员"],
        engine.now,
    )


def test_one_on_leave_counts_but_gets_no_card_and_no_reminder(engine):
    assert line(engine, "请假人").counted
    assert cards_to(engine) == {"张三", "借调人", "调动人", "管理员", "李四", "王五"}
    engine.at("16:30")
    assert "telegram-请假人" not in {parcel.address.id for parcel in engine.delivered()}


def test_one_seconded_counts_once_with_the_unit_of_the_编制(engine):
    row = line(engine, "借调人")
    assert (row.counted, row.unit_id) == (True, engine.units["住建局"])
    assert (
        engine.read(
            lambda store: store.value(select(func.count()).where(enrolment.c.person_id == engine.people["借调人"]))
        )
        == 1
    )
    assert tallies(engine)["财政局"].due == 2


def test_one_who_joined_after_opening_may_sit_and_is_not_counted(engine):
    before = tallies(engine)
    engine.person("新来的", "财政局", since=MONDAY)
    sits(engine, "新来的")
    row = line(engine, "新来的")
    assert (row.counted, row.exempt, row.at_opening, row.sat, row.score) == (False, False, False, True, 10_000)
    assert tallies(engine) == before
    assert "做了 1 期" in engine.says("新来的", "我的学法档案")[0].text


def test_one_who_moved_bureau_while_the_round_runs_stays_with_the_unit_at_opening(engine):
    before = tallies(engine)
    moves(engine, "调动人", "财政局", MONDAY)
    sits(engine, "调动人")
    after = tallies(engine)
    assert line(engine, "调动人").unit_id == engine.units["住建局"]
    assert after["住建局"] == replace(before["住建局"], sat=1, passed=1, excellent=1)
    assert after["财政局"] == before["财政局"]
    engine.at("09:00", TUESDAY)
    assert (tallies(engine, 2)["住建局"].due, tallies(engine, 2)["财政局"].due) == (5, 3)


def test_one_who_never_bound_is_due_and_absent(engine):
    assert line(engine, "没绑的").counted
    engine.at("18:01")
    row = line(engine, "没绑的")
    assert (row.counted, row.sat) == (True, False)
    assert say("zh", "missing.left_closed", title="每日一题", absent=8) in engine.says("管理员", "未参考 1")[0].text
    (mine,) = [
        each for each in engine.read(lambda s: missing.missing(s, rounds.get(s, 1), MONDAY)) if each.name == "没绑的"
    ]
    assert mine.reason is Reason.UNBOUND


def test_all_of_them_together_and_the_bureaux_add_up_to_the_district(engine):
    engine.person("新来的", "财政局", since=MONDAY)
    moves(engine, "调动人", "财政局", MONDAY)
    for name in ("张三", "新来的", "调动人", "李四"):
        sits(engine, name)
    expected = {"住建局": Tally(7, 1, 6, 2, 2, 2), "财政局": Tally(2, 0, 2, 1, 1, 1), "全区": Tally(9, 1, 8, 3, 3, 3)}
    assert tallies(engine) == expected
    engine.at("18:01")
    assert tallies(engine) == expected
    assert engine.read(lambda store: figures.sums(store, 1)) == {
        engine.units[name]: tally for name, tally in expected.items() if name != "全区"
    }
    assert engine.read(lambda store: trend(store, "practice", EVERYTHING))[-1].tally == expected["全区"]
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_every_rate_is_displayed_with_its_own_fraction(engine):
    sits(engine, "张三")
    shown = engine.read(lambda store: round_figures(store, 1, EVERYTHING, engine.now))
    text = row_text("zh", next(row for row in shown.rows if row.name == "住建局"))
    for part in ("名册7，免考1，应考6", "16.66%（1/6）", "100%（1/1）"):
        assert part in text
    assert "应考8人，实考1人，参考率12.5%" in engine.says("管理员", "参考率")[0].text.replace("12.50%", "12.5%")


# What happens while the round runs. ------------------------------------------------------------------------------------


def test_an_exemption_approved_while_the_round_runs_takes_the_person_out_with_a_row(engine):
    (asked,) = engine.says("管理员", "免考 张三 2026-11-23 2026-11-23 住院")
    assert line(engine, "张三").counted
    engine.presses("管理员", asked.choices[0])
    assert recorded(engine, "张三") == ["exempted"]
    assert tallies(engine)["全区"] == Tally(roster=9, exempt=2, due=7)


def test_an_exempt_person_who_then_sits_is_due_again(engine):
    sits(engine, "免考人")
    row = line(engine, "免考人")
    assert (row.counted, row.exempt, row.sat) == (True, False, True)
    assert tallies(engine)["住建局"] == Tally(7, 0, 7, 1, 1, 1)
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_an_exempt_person_whose_begun_paper_is_handed_in_at_the_close_is_due_again(engine):
    engine.says("免考人", "今日答题")
    engine.answers("免考人", engine.right("免考人"))
    assert tallies(engine)["住建局"].exempt == 1
    engine.at("18:01")
    assert tallies(engine)["住建局"] == Tally(roster=7, exempt=0, due=7, sat=1, passed=0)


def test_an_exemption_for_somebody_who_has_sat_changes_nothing_in_that_round(engine):
    sits(engine, "张三")
    say_yes(engine, "管理员", "免考 张三 2026-11-23 - 住院")
    assert line(engine, "张三").counted
    assert tallies(engine)["全区"].due == 8
    engine.at("09:00", TUESDAY)
    assert not line(engine, "张三", 2).counted


def test_an_exemption_after_the_close_does_not_change_what_was_counted(engine):
    engine.at("18:01")
    before = tallies(engine)
    say_yes(engine, "管理员", "免考 张三 2026-11-23 - 住院")
    assert line(engine, "张三").counted
    assert tallies(engine) == before
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_an_exemption_of_other_days_does_not_touch_this_round(engine):
    say_yes(engine, "管理员", "免考 张三 2026-12-01 2026-12-31 学习")
    say_yes(engine, "管理员", "免考 李四 2026-10-01 2026-11-22 学习")
    assert tallies(engine)["全区"].due == 8


def test_a_later_joiner_can_not_be_taken_out_of_what_they_were_never_in(engine):
    engine.person("新来的", "财政局", since=MONDAY)
    sits(engine, "新来的")
    say_yes(engine, "管理员", "免考 新来的 2026-11-23 - 产假")
    assert tallies(engine)["全区"] == Tally(roster=9, exempt=1, due=8)


def test_the_exempt_and_the_later_joiner_are_no_one_missing(engine):
    engine.person("新来的", "财政局", since=MONDAY)
    engine.says("新来的", "今日答题")
    text = engine.says("管理员", "未参考")[0].text
    engine.write(lambda store: accounts.bind(store, engine.people["管理员"], "web", "web-管理员", engine.now))
    named = engine.says("管理员", "未参考", channel="web")[0].text
    assert "还差8人" in text
    assert "免考人" not in named
    assert "新来的" not in named
    assert "没绑的" in named


# No way to shrink it unseen. -------------------------------------------------------------------------------------------


def counted(engine):
    rows = engine.read(lambda store: store.rows(select(enrolment.c.id, enrolment.c.counted, enrolment.c.bureau_id)))
    return {row.id: (bool(row.counted), row.bureau_id) for row in rows}


def changed(engine):
    return {row.enrolment_id for row in engine.read(lambda store: store.rows(select(enrolment_change.c.enrolment_id)))}


def roster(*rows):
    return File("名册.csv", "text/csv", "\n".join(["姓名,工号,单位", *rows]).encode())


def imports(engine, *rows):
    engine.sends("管理员", roster(*rows), channel="web")
    engine.settle()
    (parcel,) = [p for p in engine.delivered("web") if p.kind == "answer"]
    engine.presses("管理员", parcel.reply.choices[0], channel="web")


def requests(engine, name, asks="申请免考"):
    """Somebody asks, in full, for something that holds today; an exemption and a leave stand in the books already."""
    for part in (f"{asks} 11月23日", "其他", "家中有事", "提交"):
        engine.says(name, part)


def approves(engine, _asked=None):
    (shown,) = engine.says("管理员", "待批申请")
    engine.presses("管理员", shown.choices[0])
    assert engine.read(lambda store: store.value(select(exemption.c.state).where(exemption.c.id == 3))) == "approved"


def say_yes_or_no(engine, said):
    """Press the first button of whatever comes, as an officer in a hurry would."""
    (asked,) = engine.says("管理员", said)
    engine.presses("管理员", asked.choices[0])


WAYS = {
    "a roster without most people": lambda e: imports(e, "管理员,GH管理员,住建局", "李四,GH李四,住建局"),
    "a roster with everybody elsewhere": lambda e: imports(e, *(f"{name},GH{name},财政局" for name in (*OPENED, *OTHERS))),
    "a person's end on the roster": lambda e: moves(e, "张三", "财政局", MONDAY),
    "retirement": lambda e: e.write(lambda s: people.change_people(s, [replace(people.person_of(s, e.people["张三"]), retires_on=MONDAY)])),
    "another category": lambda e: e.write(lambda s: people.change_people(s, [replace(people.person_of(s, e.people["张三"]), category="工勤")])),
    "leave": lambda e: say_yes(e, "管理员", "请假 张三 2026-11-23 - 病"),
    "unbinding": lambda e: e.says("张三", "解除绑定 yes"),
    "a blocked bot": lambda e: e.presses("张三", "/blocked"),
    "a narrower plan": lambda e: e.with_plan(replace(DAILY, who=Audience(units=("财政局",)))),
    "the plan withdrawn": lambda e: e.with_plan(),
    "another bank": lambda e: e.with_bank(QUESTIONS[0]),
    "opening it again": lambda e: e.says("管理员", "开放答题 daily yes"),
    "closing early": lambda e: e.says("管理员", "结束答题 1 yes").__class__ and e.after(seconds=11),
    "a role taken": lambda e: e.says("管理员", f"角色 {e.people['张三']} leader - yes"),
    "an exemption never confirmed": lambda e: e.says("管理员", "免考 张三 2026-11-23 - 病"),
    "an exemption without a reason": lambda e: e.says("管理员", "免考 yes 张三 2026-11-23 -"),
    "an exemption by somebody else": lambda e: e.says("李四", f"免考 yes {e.people['张三']} 2026-11-23 - 病"),
    "an exemption that waits": lambda e: e.write(lambda s: s.run(exemption.insert().values(
        person_id=e.people["张三"], kind="免考", reason="病", state="requested", requested_at=e.now, starts_on=MONDAY))),
    "a deferral": lambda e: e.write(lambda s: s.run(exemption.insert().values(
        person_id=e.people["张三"], kind="缓考", reason="病", state="approved", requested_at=e.now, starts_on=MONDAY))),
    "sitting and failing": lambda e: (e.says("张三", "今日答题"), [e.answers("张三", e.wrong("张三")) for _ in range(3)]),
    "a restart": lambda e: e.database.memory.forget(),
    "a request": lambda e: requests(e, "张三"),
    "a request refused": lambda e: (requests(e, "张三"), e.says("管理员", "不批准申请 3 请先补证明")),
    "a request withdrawn": lambda e: (requests(e, "张三"), e.says("张三", "撤回申请 3")),
    "a request approved by its own author": lambda e: (requests(e, "张三"), e.says("张三", "批准申请 3 7")),
    "a request shown and not confirmed": lambda e: (requests(e, "张三"), e.says("管理员", "待批申请"), e.says("管理员", "批准申请 3")),
    "a request approved with a number that is not so": lambda e: (requests(e, "张三"), e.says("管理员", "批准申请 3 6")),
    "a deferral asked for and approved": lambda e: approves(e, requests(e, "张三", "申请缓考")),
    "a leave asked for and approved": lambda e: approves(e, requests(e, "张三", "申请请假")),
    "a request approved after the person sat": lambda e: (requests(e, "张三"), sits(e, "张三"), approves(e)),
    "a departure never confirmed": lambda e: e.says("管理员", "调出 张三 调往外区"),
    "a departure without a reason": lambda e: (e.says("管理员", "调出 张三"), e.says("管理员", "确认变更 7")),
    "a departure by somebody else": lambda e: (e.says("李四", "调出 张三 调往外区"), e.says("李四", "确认变更 7")),
    "a departure of one who moved bureau": lambda e: (moves(e, "调动人", "财政局", MONDAY), say_yes_or_no(e, "调出 调动人 调到财政局")),
    "an addition of one who is there": lambda e: say_yes_or_no(e, "补录 1 张三 再记一次"),
    "an addition of one who is exempt": lambda e: say_yes_or_no(e, "补录 1 免考人 让他考"),
    "taking back an exemption there is not": lambda e: say_yes_or_no(e, "撤销免考 张三 没有的"),
    "retirement, listed": lambda e: (e.write(lambda s: people.change_people(s, [replace(people.person_of(s, e.people["张三"]), retires_on=date(2026, 12, 1))])),
                                     e.says("管理员", "当年退休 1")),
    "a decision in the moment of closing": lambda e: (requests(e, "张三"), e.write(lambda s: s.plain("UPDATE round SET state = 'closing'")),
                                                      e.says("管理员", "批准申请 3 7"), e.write(lambda s: s.plain("UPDATE round SET state = 'open'"))),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_nothing_lowers_the_denominator_without_a_dated_row(engine, way):
    engine.write(lambda store: accounts.bind(store, engine.people["管理员"], "web", "web-管理员", engine.now))
    before, rows = counted(engine), changed(engine)
    WAYS[way](engine)
    engine.settle()
    assert counted(engine) == before
    assert changed(engine) == rows
    engine.at("18:01")
    assert counted(engine) == before
    total = tallies(engine)["全区"]
    assert (total.roster, total.exempt, total.due) == (9, 1, 8)
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_only_the_one_the_row_names_is_taken_out(engine):
    before = counted(engine)
    say_yes(engine, "管理员", "免考 张三 2026-11-23 - 病")
    after = counted(engine)
    lowered = {number for number in before if before[number][0] and not after[number][0]}
    assert lowered == {line(engine, "张三").id}
    assert lowered <= changed(engine)


def test_the_rows_that_carry_the_denominator_cannot_be_rewritten(engine):
    for sql in ("UPDATE enrolment_change SET reason = 'x'", "DELETE FROM enrolment_change"):
        with pytest.raises(Exception, match="append-only"):
            engine.write(lambda store, sql=sql: store.plain(sql))


# Requests and corrections: the ways there are. -----------------------------------------------------------------------


def test_a_request_lowers_it_only_once_approved_and_only_by_one_however_often_it_is_pressed(engine):
    requests(engine, "张三")
    assert tallies(engine)["全区"].due == 8
    (shown,) = engine.says("管理员", "待批申请")
    assert "应考8→7" in shown.text
    for _ in range(3):
        engine.presses("管理员", shown.choices[0])
    assert recorded(engine, "张三") == ["exempted"]
    assert tallies(engine)["全区"] == Tally(roster=9, exempt=2, due=7)
    engine.at("18:01")
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_a_departure_lowers_it_by_a_dated_row_and_adding_back_restores_it(engine):
    say_yes(engine, "管理员", "调出 张三 调往外区，有调令")
    assert recorded(engine, "张三") == ["departed"]
    assert tallies(engine)["全区"] == Tally(roster=8, exempt=1, due=7)
    engine.now += timedelta(minutes=1)
    say_yes(engine, "管理员", f"补录 1 #{engine.people['张三']} 弄错了人")
    assert recorded(engine, "张三") == ["departed", "added"]
    assert tallies(engine)["全区"] == Tally(roster=9, exempt=1, due=8)


def test_a_later_joiner_counts_only_by_an_approved_addition(engine):
    engine.person("新来的", "财政局", since=MONDAY)
    sits(engine, "新来的")
    assert tallies(engine)["财政局"].due == 2
    say_yes(engine, "管理员", "补录 1 新来的 新调入，按通知应参加")
    assert recorded(engine, "新来的") == ["added"]
    assert tallies(engine)["财政局"] == Tally(3, 0, 3, 1, 1, 1)
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_an_exemption_taken_back_raises_it_again_and_both_rows_stay(engine):
    say_yes(engine, "管理员", "撤销免考 免考人 已返岗")
    assert recorded(engine, "免考人") == ["exempted", "exempt_withdrawn"]
    assert tallies(engine)["全区"] == Tally(roster=9, exempt=0, due=9)


def test_after_the_close_only_a_correction_changes_it_and_the_sums_of_before_stay_in_the_audit(engine):
    engine.at("18:01")
    say_yes(engine, "管理员", "调出 1 张三 结束前已离开，调令后到")
    assert recorded(engine, "张三") == ["departed", "corrected"]
    assert tallies(engine)["全区"] == Tally(roster=8, exempt=1, due=7)
    (line_,) = [row for row in engine.read(lambda s: s.rows(select(audit_table))) if row.act == "enrolment.depart"]
    (done,) = line_.details["rounds"]
    bureau = str(engine.units["住建局"])
    assert (done["sums_before"][bureau][:3], done["sums_after"][bureau][:3]) == ([7, 1, 6], [6, 1, 5])
    assert engine.read(audit.verify) is None
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_who_sat_stays_whatever_is_decided_before_or_after_the_close(engine):
    sits(engine, "张三")
    for said in ("调出 张三 调往外区", "免考 张三 2026-11-23 - 病"):
        say_yes_or_no(engine, said)
    engine.at("18:01")
    for said in ("调出 1 张三 调往外区",):
        say_yes_or_no(engine, said)
    assert line(engine, "张三").counted
    assert tallies(engine)["全区"] == Tally(9, 1, 8, 1, 1, 1)


def test_two_admins_who_decide_at_once_write_one_decision(engine):
    """Each has read the request before the other writes; on PostgreSQL in two transactions at the same time."""
    requests(engine, "张三")
    engine.person("二管理员", "司法局", role="admin")
    presses = {name: engine.says(name, "待批申请")[0].choices[0] for name in ("管理员", "二管理员")}
    together(*(lambda n=name: engine.presses(n, presses[n]) for name in presses))
    assert recorded(engine, "张三") == ["exempted"]
    assert tallies(engine)["全区"].due == 7
    acts = [row.act for row in engine.read(lambda s: s.rows(select(audit_table)))]
    assert acts.count("request.approve") == 1


def test_two_admins_who_take_the_same_person_out_at_once_write_one_row(engine):
    engine.person("二管理员", "司法局", role="admin")
    presses = {name: engine.says(name, "调出 张三 辞职")[0].choices[0] for name in ("管理员", "二管理员")}
    together(*(lambda n=name: engine.presses(n, presses[n]) for name in presses))
    assert recorded(engine, "张三") == ["departed"]
    assert tallies(engine)["全区"].due == 7


def together(*runs):
    with ThreadPoolExecutor(len(runs)) as pool:
        for done in [pool.submit(run) for run in runs]:
            done.result(timeout=60)


# Make-ups. -------------------------------------------------------------------------------------------------------------


def test_a_make_up_divides_by_the_first_rounds_denominator(engine):
    sits(engine, "张三")
    engine.at("18:01")
    engine.at("09:00", TUESDAY)
    sits(engine, "李四")
    sits(engine, "张三")
    engine.at("18:01")
    engine.write(lambda store: store.plain("UPDATE round SET of_round_id = 1 WHERE id = 2"))
    total = tallies(engine)["全区"]
    assert (total.due, total.sat, total.passed) == (8, 2, 2)
    assert engine.read(lambda store: rounds.get(store, 2)).state is State.CLOSED


def test_cards_that_never_left_change_no_figure(engine):
    engine.write(lambda store: store.run(delivery.update().values(state="failed", reason="blocked")))
    assert tallies(engine)["全区"].due == 8
    engine.now += timedelta(hours=9, seconds=11)
    engine.settle()
    assert tallies(engine)["全区"] == Tally(9, 1, 8)
