"""补录, 调出, 撤销免考: shown with 应考 before and after, confirmed once, corrected in print after the close."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from handlers import dispatch
from handlers.messages import Reply
from handlers.words import words
from storage import changes, corrections, exemptions, figures, people, recounting, tables
from storage.database import Store
from tests.builders import NOW, District, district, make_round, owed, person, sits, turn

ZH = words("zh")


def says(store: Store, d: District, said: str, name: str = "王敏", **more) -> Reply:
    [reply] = dispatch.dispatch(turn(store, d, name, said, **more), store)
    return reply


def confirmed(store: Store, d: District, said: str) -> Reply:
    shown = says(store, d, said)
    return says(store, d, shown.choices[0].says, action=True)


def kinds(store: Store, d: District) -> list[str]:
    return [row.kind for row in changes.of_round(store, d.round_id)]


@pytest.mark.parametrize("said", ["补录", "补录 张三", "补录 1 张三", "调出", "调出 张三", "撤销免考", "撤销免考 张三"])
def test_without_a_person_and_a_reason_it_says_how(store: Store, said) -> None:
    d = district(store)
    assert "请这样输入" in says(store, d, said).text
    assert kinds(store, d) == []


def test_nothing_happens_before_the_confirmation(store: Store) -> None:
    d = district(store)
    shown = says(store, d, "调出 张三 调往外区")
    assert "应考10→9" in shown.text
    assert ZH["corrections.not_yet"] in shown.text
    says(store, d, "取消")
    assert says(store, d, shown.choices[0].says, action=True).text == ZH["corrections.nothing_waits"]
    assert kinds(store, d) == []
    assert people.placed(store, NOW.date(), name="张三")


def test_a_departure_is_a_dated_row_with_its_reason_and_one_line_in_the_audit(store: Store) -> None:
    d = district(store)
    shown = says(store, d, "离职 张三 辞职 已办手续")
    for _ in range(2):
        says(store, d, shown.choices[0].says, action=True)
    [row] = changes.of_round(store, d.round_id)
    assert (row.kind, row.reason, row.approver_id, row.at) == ("departed", "辞职 已办手续", d.people["王敏"], NOW)
    [line] = store.rows(select(tables.audit))
    assert (line.act, line.details["rounds"][0]["after"]) == ("enrolment.depart", 9)


def test_one_round_may_be_named(store: Store) -> None:
    d = district(store)
    other = make_round(store, plan="daily")
    assert says(store, d, f"调出 {other} 张三 调往外区").text == ZH["corrections.nothing_depart"]
    assert "应考9" in confirmed(store, d, f"调出 {d.round_id} 张三 调往外区").text.replace("10→", "")
    assert says(store, d, "调出 404 张三 调往外区").text == ZH["corrections.no_round"]


def test_a_leaver_whom_the_import_already_sent_away_is_found_by_their_line(store: Store) -> None:
    d = district(store)
    held = [each.id for each in people.postings(store) if each.person_id == d.people["张三"]]
    people.end_postings(store, held, NOW.date())
    assert "已记下" in confirmed(store, d, "调出 张三 名册已更新").text
    assert corrections.due(store, d.round_id) == 9


def test_one_who_moved_within_the_district_or_sat_is_not_taken_out(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三")
    assert says(store, d, "调出 张三 调往外区").text == ZH["corrections.nothing_depart"]
    moved = {
        "person_id": d.people["李四"],
        "unit_id": d.units["司法局"],
        "kind": "编制",
        "recorded_at": NOW,
        "starts_on": NOW.date(),
    }
    store.run(tables.posting.insert(), moved)
    assert "调到了司法局" in says(store, d, "调出 李四 调到司法局").text
    assert kinds(store, d) == []


def test_a_joiner_is_added_and_told(store: Store) -> None:
    d = district(store)
    person(store, d, "新来的", "司法局", "司法局")
    store.run(update(tables.round_).values(draw=[]))
    assert "应考10→11" in says(store, d, "补录 新来的 新调入").text
    assert kinds(store, d) == []
    assert corrections.line(store, d.round_id, d.people["新来的"]) is None
    confirmed(store, d, "补录 新来的 新调入")
    assert (kinds(store, d), corrections.due(store, d.round_id)) == (["added"], 11)
    [told] = owed(store, d, "新来的")
    assert told.startswith("您现在列入「宪法宣传周学法考试」的应考")
    assert says(store, d, "补录 新来的 再来一次").text == ZH["corrections.nothing_join"]


def test_of_two_of_a_name_one_is_chosen(store: Store) -> None:
    d = district(store)
    first = d.people["张三"]
    person(store, d, "张三", "司法局", "司法局", channels=())
    asked = says(store, d, f"调出 {d.round_id} 张三 辞职")
    assert [each.label for each in asked.choices] == ["住建局张三", "司法局张三"]
    shown = says(store, d, asked.choices[0].says, action=True)
    assert "住建局张三" in shown.text
    long = says(store, d, f"调出 {d.round_id} 张三 " + "因个人原因辞职，离职手续已全部办结，人事档案已转出")
    assert f"#{first}" in long.text
    assert long.choices == ()
    assert "没有找到" in says(store, d, "调出 没有的人 辞职").text


def test_if_it_means_something_else_by_now_it_is_shown_again(store: Store) -> None:
    d = district(store)
    shown = says(store, d, "调出 张三 辞职")
    store.run(update(tables.enrolment).where(tables.enrolment.c.person_id == d.people["吴九"]).values(counted=False))
    again = says(store, d, shown.choices[0].says, action=True)
    assert again.text.startswith(ZH["corrections.changed"])
    assert kinds(store, d) == []


def test_after_the_close_it_is_a_correction_with_both_sums(store: Store) -> None:
    d = district(store)
    store.run(update(tables.round_).values(state="closed", closed_at=NOW - timedelta(hours=1)))
    figures.store_sums(store, d.round_id, NOW)
    shown = says(store, d, f"调出 {d.round_id} 张三 结束前已离开")
    assert ZH["corrections.printed"] in shown.text
    assert shown.choices[0].label == ZH["corrections.confirm_closed"]
    says(store, d, shown.choices[0].says, action=True)
    assert kinds(store, d) == ["departed", "corrected"]
    [done] = store.rows(select(tables.audit))[0].details["rounds"]
    bureau = str(d.units["住建局"])
    assert (done["sums_before"][bureau][2], done["sums_after"][bureau][2]) == (6, 5)
    assert recounting.recount(store, d.round_id) == []
    assert says(store, d, "调出 张三 再来").text == ZH["corrections.nothing_depart"], "no round is open"


def test_while_a_round_is_being_closed_it_waits(store: Store) -> None:
    d = district(store)
    shown = says(store, d, f"调出 {d.round_id} 张三 辞职")
    store.run(update(tables.round_).values(state="closing"))
    assert says(store, d, shown.choices[0].says, action=True).text == ZH["corrections.closing"]
    assert kinds(store, d) == []
    assert people.placed(store, NOW.date(), name="张三")


def exempt(
    store: Store, d: District, kind: str = "免考", starts: date = date(2026, 11, 1), ends: date | None = None
) -> None:
    exemptions.approve(
        store, d.people["张三"], kind, "长期病假", d.people["王敏"], starts, ends, NOW - timedelta(hours=1)
    )


def test_an_exemption_taken_back_makes_the_person_due_again_and_says_so_to_them(store: Store) -> None:
    d = district(store)
    exempt(store, d)
    assert "应考9→10" in confirmed(store, d, "撤销免考 张三 已返岗").text
    assert kinds(store, d) == ["exempted", "exempt_withdrawn"]
    [told] = owed(store, d, "张三")
    assert "已返岗" in told
    assert says(store, d, "撤销免考 张三 已返岗").text == ZH["corrections.none_in_force"]


def test_of_several_in_force_one_is_chosen(store: Store) -> None:
    d = district(store)
    exempt(store, d)
    exempt(store, d, "请假")
    exempt(store, d, "请假", ends=date(2026, 11, 2))
    asked = says(store, d, "撤销免考 张三 返岗")
    assert [each.label for each in asked.choices] == ["@1", "@2"]
    shown = says(store, d, asked.choices[1].says, action=True)
    assert ZH["corrections.no_effect"] in shown.text
    says(store, d, shown.choices[0].says, action=True)
    assert [each.kind for each in exemptions.in_force(store, d.people["张三"])] == ["免考", "请假"]
    assert corrections.due(store, d.round_id) == 9


def test_a_reason_too_long_is_refused(store: Store) -> None:
    d = district(store)
    assert "200" in says(store, d, "调出 张三 " + "长" * 201).text
