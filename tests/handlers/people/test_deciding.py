"""待批申请: what approving does is shown as of now, one decision is written, and a closed round is corrected only when that was said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handlers import dispatch
from handlers.messages import File, Reply
from handlers.words import words
from storage import changes, corrections, figures, files, recounting, requests, tables
from storage.database import Store
from storage.requests import Asked
from tests.builders import NOW, District, district, grant, make_round, mark, owed, person, sits, turn

ZH = words("zh")


def ask(store: Store, d: District, name: str = "张三", kind: str = "免考", **more) -> int:
    values = {"round_id": d.round_id, "reason": "长期病假", **more}
    return requests.add(store, Asked(d.people[name], kind, d.people[name], **values), NOW)[0]


def says(store: Store, d: District, said: str, name: str = "王敏", **more) -> Reply:
    [reply] = dispatch.dispatch(turn(store, d, name, said, **more), store)
    return reply


def close(store: Store, d: District) -> None:
    store.run(update(tables.round_).values(state="closed", closed_at=NOW - timedelta(hours=1)))
    figures.store_sums(store, d.round_id, NOW)


def audited(store: Store, act: str):
    return store.rows(select(tables.audit).where(tables.audit.c.act == act))


def test_what_it_does_now_is_shown_and_then_done(store: Store) -> None:
    d = district(store)
    ask(store, d)
    shown = says(store, d, "待批申请")
    assert "住建局张三申请免考" in shown.text
    assert "应考10→9" in shown.text
    done = says(store, d, shown.choices[0].says, action=True)
    assert "应考10→9" in done.text
    assert corrections.due(store, d.round_id) == 9
    [change] = changes.of_round(store, d.round_id)
    assert (change.reason, change.approver_id) == ("长期病假", d.people["王敏"])
    [line] = audited(store, "request.approve")
    assert line.details["rounds"] == [{"round": d.round_id, "before": 10, "after": 9, "corrected": False}]
    assert len(owed(store, d, "张三")) == 1


def test_pressing_twice_writes_one_decision(store: Store) -> None:
    d = district(store)
    ask(store, d)
    press = says(store, d, "待批申请").choices[0].says
    says(store, d, press, action=True)
    assert "没有重复记录" in says(store, d, press, action=True).text
    assert "没有重复记录" in says(store, d, "不批准申请 1 晚了").text
    assert (len(changes.of_round(store, d.round_id)), len(audited(store, "request.approve"))) == (1, 1)
    assert len(owed(store, d, "张三")) == 1


def test_if_the_numbers_have_changed_it_is_shown_again(store: Store) -> None:
    d = district(store)
    ask(store, d)
    press = says(store, d, "待批申请").choices[0].says
    mark(store, d, d.round_id, "吴九", counted=False, exempt=True)
    again = says(store, d, press, action=True)
    assert again.text.startswith(ZH["requests.changed"])
    assert "应考9→8" in again.text
    assert requests.get(store, 1).state == "requested"


def test_typed_without_the_number_it_is_only_shown(store: Store) -> None:
    d = district(store)
    ask(store, d)
    assert "应考10→9" in says(store, d, "批准申请 1").text
    assert requests.get(store, 1).state == "requested"
    assert says(store, d, "批准申请 99").text == ZH["requests.unknown"]


def test_a_sentence_behind_it_reaches_the_person(store: Store) -> None:
    d = district(store)
    ask(store, d)
    says(store, d, "批准申请 1 9 请 安心休养")
    assert "管理员说明：请 安心休养" in owed(store, d, "张三")[0]
    ask(store, d, "李四")
    assert "200" in says(store, d, "批准申请 2 8 " + "长" * 201).text


def test_refusing_asks_for_a_sentence_and_changes_nobody(store: Store) -> None:
    d = district(store)
    ask(store, d)
    assert says(store, d, "不批准申请 1").text == ZH["requests.ask_refusal"]
    assert requests.get(store, 1).state == "requested"
    assert "200" in says(store, d, "长" * 201).text
    says(store, d, "不批准申请 1")
    says(store, d, "请先补单位证明")
    assert (requests.get(store, 1).state, requests.get(store, 1).answer) == ("refused", "请先补单位证明")
    assert corrections.due(store, d.round_id) == 10
    assert changes.of_round(store, d.round_id) == []


def test_who_sat_meanwhile_stays(store: Store) -> None:
    d = district(store)
    ask(store, d)
    sits(store, d, d.round_id, "张三")
    shown = says(store, d, "待批申请")
    assert ZH["requests.would_nothing"] in shown.text
    says(store, d, shown.choices[0].says, action=True)
    assert (requests.get(store, 1).state, corrections.due(store, d.round_id)) == ("approved", 10)


def test_after_the_close_it_is_asked_for_explicitly_and_the_sums_of_before_and_after_are_in_the_audit(
    store: Store,
) -> None:
    d = district(store)
    ask(store, d)
    close(store, d)
    shown = says(store, d, "待批申请")
    assert "（已结束）应考10→9" in shown.text
    asked = says(store, d, shown.choices[0].says, action=True)
    assert "前后数字都留存" in asked.text
    assert (requests.get(store, 1).state, corrections.due(store, d.round_id)) == ("requested", 10)
    says(store, d, asked.choices[0].says, action=True)
    assert sum(each.due for each in figures.sums(store, d.round_id).values()) == 9
    [line] = audited(store, "request.approve")
    [done] = line.details["rounds"]
    bureau = str(d.units["住建局"])
    assert done["corrected"] is True
    assert (done["sums_before"][bureau][2], done["sums_after"][bureau][2]) == (6, 5)
    assert recounting.recount(store, d.round_id) == []


def test_while_the_round_is_being_closed_it_waits(store: Store) -> None:
    d = district(store)
    ask(store, d)
    press = says(store, d, "待批申请").choices[0].says
    store.run(update(tables.round_).values(state="closing"))
    assert says(store, d, press, action=True).text == ZH["corrections.closing"]
    assert requests.get(store, 1).state == "requested"


def test_before_the_opening_nobody_is_counted_yet(store: Store) -> None:
    d = district(store)
    planned = make_round(store, plan="next", state="planned", opened=timedelta(days=1))
    ask(store, d, round_id=planned)
    assert ZH["requests.would_at_opening"] in says(store, d, "待批申请").text


@pytest.mark.parametrize("kind", ["缓考", "请假"])
def test_a_deferral_and_a_leave_lower_no_denominator(store: Store, kind) -> None:
    d = district(store)
    ask(store, d, kind=kind, round_id=None, starts_on=(NOW - timedelta(days=3)).date())
    shown = says(store, d, "待批申请")
    says(store, d, shown.choices[0].says, action=True)
    assert (requests.get(store, 1).state, corrections.due(store, d.round_id)) == ("approved", 10)
    assert changes.of_round(store, d.round_id) == []


def test_one_who_only_moved_within_the_district_stays_with_the_unit_at_opening(store: Store) -> None:
    d = district(store)
    ask(store, d, kind="调出", round_id=None)
    moved = {"person_id": d.people["张三"], "unit_id": d.units["司法局"], "kind": "编制", "recorded_at": NOW,
             "starts_on": NOW.date()}  # fmt: skip
    store.run(tables.posting.insert(), moved)
    shown = says(store, d, "待批申请")
    assert "调到了司法局" in shown.text
    assert "批准" not in [each.label for each in shown.choices]
    says(store, d, "批准申请 1 9")
    assert (requests.get(store, 1).state, corrections.due(store, d.round_id)) == ("requested", 10)


def test_a_joiner_whom_the_unit_reported_late_is_added_by_a_correction(store: Store) -> None:
    d = district(store)
    person(store, d, "新来的", "司法局", "司法局")
    requests.add(store, Asked(d.people["新来的"], "补录", d.people["刘洋"], d.round_id, reason="新调入"), NOW)
    store.run(update(tables.round_).values(state="closed", closed_at=NOW - timedelta(hours=1)))
    shown = says(store, d, "待批申请")
    assert "（已结束）应考10→11" in shown.text
    asked = says(store, d, shown.choices[0].says, action=True)
    says(store, d, asked.choices[0].says, action=True)
    assert corrections.due(store, d.round_id) == 11


def test_ones_own_request_is_for_the_other_admin_where_there_is_one(store: Store) -> None:
    d = district(store)
    ask(store, d, "王敏")
    assert "批准" in [each.label for each in says(store, d, "待批申请").choices]
    grant(store, d, "吴九", "admin")
    assert ZH["requests.own"] in says(store, d, "待批申请").text
    says(store, d, "批准申请 1 9")
    assert requests.get(store, 1).state == "requested"
    says(store, d, says(store, d, "待批申请", "吴九").choices[0].says, "吴九", action=True)
    assert requests.get(store, 1).state == "approved"


def test_the_attachment_comes_along_and_the_next_is_one_press_away(store: Store) -> None:
    d = district(store)
    number = files.add(store, "证明.pdf", "application/pdf", b"%PDF", d.people["张三"], NOW)
    ask(store, d, file_id=number)
    ask(store, d, "吴九")
    first = says(store, d, "待批申请")
    assert first.files == (File("证明.pdf", "application/pdf", b"%PDF", number),)
    assert "第 2/2 份" in says(store, d, first.choices[-1].says, action=True).text


def test_where_names_are_not_shown_it_is_a_number(store: Store) -> None:
    d = district(store)
    grant(store, d, "李四", "admin")
    ask(store, d)
    shown = says(store, d, "待批申请", "李四").text
    assert "张三" not in shown
    assert f"#{d.people['张三']}" in shown
