from __future__ import annotations

import io
from datetime import date

import openpyxl
from sqlalchemy import insert, select

from handlers.messages import Reply
from handlers.reach import missing
from storage import accounts, deliveries, tables
from storage.database import Store
from tests.builders import NOW, District, district, enrol, make_round, mark, person, sits, turn, works


def asks(store: Store, d: District, name: str, said: str = "未参考", channel: str = "") -> Reply:
    [reply] = missing.missing(turn(store, d, name, said, channel=channel), store)
    return reply


def card(store: Store, d: District, name: str, channel: str, state: str) -> None:
    """A card of the round planned for a person and brought into a state."""
    account_id = d.accounts[name, channel]
    deliveries.plan(
        store, f"round:{d.round_id}:card:{d.people[name]}", account_id, "card", {"paper": 1}, NOW, round_id=d.round_id
    )
    store.run(tables.delivery.update().where(tables.delivery.c.account_id == account_id).values(state=state))


def last_mile(store: Store) -> District:
    """Everybody has sat but those of 住建局, who are missing for as many reasons as there are."""
    d = district(store)
    for name in ("王敏", "李建国", "周杰", "吴九", "陈芳"):
        sits(store, d, d.round_id, name)
    card(store, d, "张三", "wecom", "sent")
    mark(store, d, d.round_id, "刘洋", started=True)
    accounts.set_reachable(store, d.accounts["李四", "telegram"], "blocked", NOW)
    sits(store, d, d.round_id, "孙七", 3000)
    return d


def test_the_officer_reads_each_reason_grouped_by_what_to_do_next(store: Store) -> None:
    d = last_mile(store)
    assert asks(store, d, "王敏").text == (
        "「宪法宣传周学法考试」还差4人，12月11日 10:00 截止。另有1人未到合格线，还有考试机会。\n"
        "\n【未绑定】1人。点「邀请未绑定」，只给这些人打印邀请单。\n质安站　赵六（未绑定账号）\n"
        "\n【无法送达】1人。消息送不到，请打电话（「电话名单」），请本人打开网页登录或重新绑定。\n住建局　李四（无法送达：Telegram已屏蔽）\n"
        "\n【已送达未答完】2人。可点「提醒未参考」发一次提醒。\n住建局　刘洋（已开始，未交卷）\n住建局　张三（已送达，未作答）\n"
        "\n【未合格，可再考】1人。请本人再考一次，或等补考。\n质安站　孙七（未合格，还有1次机会）"
    )


def test_the_officers_buttons_are_what_can_be_done(store: Store) -> None:
    d = last_mile(store)
    assert [each.says for each in asks(store, d, "王敏").choices] == [
        f"邀请未绑定 {d.round_id}", f"提醒未参考 {d.round_id}", f"导出名单 {d.round_id}", f"电话名单 {d.round_id}",
        f"交办名单 {d.round_id}", f"收尾情况 {d.round_id}", f"参考率 {d.round_id}",
    ]  # fmt: skip


def test_a_liaison_reads_only_the_own_unit_and_cannot_nudge(store: Store) -> None:
    d = last_mile(store)
    mark(store, d, d.round_id, "吴九", sat=False, passed=False)
    reply = asks(store, d, "刘洋")
    assert "李四" in reply.text
    assert "吴九" not in reply.text
    assert not any("提醒" in each.label for each in reply.choices)


def test_a_leader_reads_headcounts_and_names_but_never_reachability_or_reasons(store: Store) -> None:
    d = last_mile(store)
    text = asks(store, d, "李建国").text
    assert text == (
        "「宪法宣传周学法考试」还差4人，12月11日 10:00 截止。另有1人未到合格线，还有考试机会。\n\n住建局（4人）：刘洋、张三、李四、赵六"
    )


def test_on_telegram_no_name_of_another_person_is_shown_but_the_web_is_linked(store: Store) -> None:
    d = last_mile(store)
    reply = asks(store, d, "陈芳", channel="telegram")
    assert "住建局　4人" in reply.text
    assert "这里不显示姓名" in reply.text
    assert not any(name in reply.text for name in d.people)
    assert reply.links[0].url == "https://xuefa.example/"


def test_the_officer_on_telegram_reads_counts_by_step(store: Store) -> None:
    d = last_mile(store)
    d.accounts["王敏", "telegram"] = accounts.bind(store, d.people["王敏"], "telegram", "telegram-王敏", NOW)
    reply = asks(store, d, "王敏", channel="telegram")
    assert "【未绑定】1人。" in reply.text
    assert "赵六" not in reply.text
    assert not any("导出" in each.label for each in reply.choices)
    refused = missing.export(turn(store, d, "王敏", "导出名单", channel="telegram"), store)
    assert "这里不显示姓名" in refused[0].text
    assert store.row(select(tables.job.c.id)) is None


def test_an_auditor_reads_headcounts_only(store: Store) -> None:
    d = last_mile(store)
    text = asks(store, d, "周杰").text
    assert "住建局　4人" in text
    assert "张三" not in text


def test_exempt_people_and_later_joiners_are_not_missing(store: Store) -> None:
    d = last_mile(store)
    mark(store, d, d.round_id, "赵六", counted=False, exempt=True)
    mark(store, d, d.round_id, "张三", counted=False)
    assert "还差2人" in asks(store, d, "王敏").text


def test_a_pending_exemption_and_a_leave_are_told_apart(store: Store) -> None:
    d = last_mile(store)
    asked = {"person_id": d.people["赵六"], "kind": "免考", "reason": "病假", "state": "requested", "requested_at": NOW}
    store.run(insert(tables.exemption), asked)
    leave = {"person_id": d.people["李四"], "kind": "请假", "reason": "休假", "state": "approved", "requested_at": NOW,
             "starts_on": date(2026, 12, 1), "ends_on": date(2026, 12, 9), "decided_at": NOW}  # fmt: skip
    store.run(insert(tables.exemption), leave)
    text = asks(store, d, "王敏").text
    assert "【等单位意见】1人。等本单位联络员填「单位意见」，再由管理员决定。\n质安站　赵六（申请等单位意见）" in text
    assert "【请假中】1人。不打扰，返岗后再提醒。\n住建局　李四（请假）" in text
    assert "病假" not in text


def test_when_all_have_sat_it_says_so(store: Store) -> None:
    d = district(store)
    for name in d.people:
        sits(store, d, d.round_id, name)
    assert asks(store, d, "王敏").text == "「宪法宣传周学法考试」应考人员已全部参考。"


def test_after_the_close_the_open_make_up_is_meant(store: Store) -> None:
    d = district(store)
    store.plain("UPDATE round SET state = 'closed'")
    assert "缺考10人" in asks(store, d, "王敏").text
    make_up = make_round(store, plan="makeup", title="补考", of=d.round_id)
    enrol(store, d, make_up, "张三", "住建局", "住建局")
    assert asks(store, d, "王敏").text.startswith("「补考」还差1人")


def test_a_unit_can_be_asked_for_by_name_within_the_scope(store: Store) -> None:
    d = last_mile(store)
    assert "赵六" in asks(store, d, "王敏", f"未参考 {d.round_id} 质安站").text
    assert "李四" not in asks(store, d, "王敏", f"未参考 {d.round_id} 质安站").text
    assert "不在您负责的范围内" in asks(store, d, "刘洋", "未参考 司法局").text


def test_a_long_list_shows_thirty_then_units_and_sends_the_rest_as_a_spreadsheet(store: Store) -> None:
    d = last_mile(store)
    for number in range(40):
        person(store, d, f"新人{number:02d}", "司法局", "司法局", channels=())
        enrol(store, d, d.round_id, f"新人{number:02d}")
    reply = asks(store, d, "王敏")
    assert "以下是前30人，共45人。" in reply.text
    assert sum("（" in line and "　" in line for line in reply.text.splitlines()) == 30
    assert {"住建局", "司法局"} <= {each.label for each in reply.choices}
    [sheet] = works(store, d, "missing_sheet")
    assert sheet.text.startswith("「宪法宣传周学法考试」名单，共45人")


def rows(reply: Reply) -> list[list[object]]:
    book = openpyxl.load_workbook(io.BytesIO(reply.files[0].content))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def test_the_spreadsheet_of_the_officer_has_reasons_and_a_sheet_of_definitions(store: Store) -> None:
    d = last_mile(store)
    missing.export(turn(store, d, "王敏", f"导出名单 {d.round_id}"), store)
    [reply] = works(store, d, "missing_sheet")
    found = rows(reply)
    assert found[0] == ["序号", "局办", "所在单位", "姓名", "原因", "下一步"]
    assert found[3] == [3, "住建局", "住建局", "李四", "无法送达：Telegram已屏蔽",
                        "消息送不到，请打电话（「电话名单」），请本人打开网页登录或重新绑定。"]  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(reply.files[0].content))
    assert book.sheetnames == ["未参考名单", "说明"]
    assert book.worksheets[0].freeze_panes == "A2"
    assert "含个人信息" in reply.text


def test_the_spreadsheet_of_a_leader_has_neither_reasons_nor_those_who_failed(store: Store) -> None:
    d = last_mile(store)
    missing.export(turn(store, d, "李建国", "导出名单"), store)
    found = rows(works(store, d, "missing_sheet")[0])
    assert found[0] == ["序号", "局办", "所在单位", "姓名"]
    assert [row[3] for row in found[1:]] == ["刘洋", "张三", "李四", "赵六"]


def test_a_request_with_the_units_opinion_waits_for_the_officer(store: Store) -> None:
    d = last_mile(store)
    asked = {
        "person_id": d.people["赵六"],
        "kind": "免考",
        "reason": "病假",
        "state": "requested",
        "requested_at": NOW,
        "opinion": "agree",
    }
    store.run(insert(tables.exemption), asked)
    reply = asks(store, d, "王敏")
    assert "【待审批】1人。先办免考、缓考申请，再决定是否催办。\n质安站　赵六（申请待管理员审批）" in reply.text
    assert reply.choices[0].says == "待批申请"


def test_without_a_liaison_a_request_waits_for_the_officer_at_once(store: Store) -> None:
    d = last_mile(store)
    asked = {
        "person_id": d.people["李建国"],
        "kind": "缓考",
        "reason": "出差",
        "state": "requested",
        "requested_at": NOW,
    }
    store.run(insert(tables.exemption), asked)
    mark(store, d, d.round_id, "李建国", sat=False, passed=False, attempts=0)
    assert "政府办　李建国（申请待管理员审批）" in asks(store, d, "王敏").text


def test_each_closed_way_is_named_with_the_platforms_reason(store: Store) -> None:
    d = last_mile(store)
    accounts.set_reachable(store, d.accounts["张三", "wecom"], "deactivated", NOW)
    accounts.set_reachable(store, d.accounts["张三", "telegram"], "blocked", NOW)
    assert "张三（无法送达：企业微信账号已注销、Telegram已屏蔽）" in asks(store, d, "王敏").text


def test_a_card_lost_on_one_account_and_another_account_open_is_a_group_of_its_own(store: Store) -> None:
    d = last_mile(store)
    accounts.set_reachable(store, d.accounts["张三", "wecom"], "blocked", NOW)
    reply = asks(store, d, "王敏")
    assert "【换个渠道可送达】1人。" in reply.text
    assert f"换渠道 {d.round_id}" in [each.says for each in reply.choices]


def test_time_over_without_an_answer_is_a_reason_of_its_own_while_attempts_are_left_and_after(store: Store) -> None:
    d = last_mile(store)
    mark(store, d, d.round_id, "刘洋", attempts=1)
    assert "刘洋（到时间没有作答，还有1次机会）" in asks(store, d, "王敏").text
    mark(store, d, d.round_id, "刘洋", attempts=2)
    reply = asks(store, d, "王敏")
    assert "【到时间没有作答，机会用完】1人。" in reply.text
    assert f"加一次机会 - {d.round_id}" in [each.says for each in reply.choices]


def test_what_the_office_can_mend_is_said_with_the_group(store: Store) -> None:
    d = last_mile(store)
    accounts.set_reachable(store, d.accounts["张三", "wecom"], "not_visible", NOW)
    accounts.set_reachable(store, d.accounts["张三", "telegram"], "blocked", NOW)
    text = asks(store, d, "王敏").text
    assert "张三（无法送达：企业微信不在应用可见范围内、Telegram已屏蔽）" in text
    assert text.count("管理后台 → 应用管理 → 可见范围") == 1
    accounts.end(store, d.accounts["张三", "telegram"], NOW)
    accounts.end(store, d.accounts["张三", "wecom"], NOW)
    bot = accounts.bind(store, d.people["张三"], "wecom_bot", "z", NOW)
    accounts.set_reachable(store, bot, "no_first_word", NOW)
    text = asks(store, d, "王敏").text
    assert "张三（无法送达：智能机器人还没有给机器人发过第一句话）" in text
    assert "随便发一句话" in text
    assert "可见范围" not in text
