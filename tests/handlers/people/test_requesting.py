"""申请: what the person is asked, one part after another; what is recorded; who may withdraw it."""

from __future__ import annotations

import pytest

from handlers import dispatch
from handlers.messages import File, Reply
from handlers.words import words
from storage import files, requests
from storage.database import Store
from tests.builders import NOW, District, district, owed, turn

ZH = words("zh")


def says(store: Store, d: District, name: str, said: str, **more) -> Reply:
    [reply] = dispatch.dispatch(turn(store, d, name, said, **more), store)
    return reply


def fill(store: Store, d: District, name: str = "张三", *parts: str) -> Reply:
    for part in parts or ("申请免考", f"申请 {d.round_id}", "申请 出国（境）", "申请 探亲", "申请 提交"):
        reply = says(store, d, name, part, action=part.startswith("申请"))
    return reply


def test_a_request_is_recorded_as_it_was_shown(store: Store) -> None:
    d = district(store)
    assert "编号 1" in fill(store, d).text
    found = requests.get(store, 1)
    assert found is not None
    assert (found.kind, found.round_id, found.category, found.reason, found.requested_by, found.state) == (
        "免考", d.round_id, "abroad", "出国（境）；探亲", d.people["张三"], "requested")  # fmt: skip


def test_submitting_twice_records_one(store: Store) -> None:
    d = district(store)
    fill(store, d)
    assert says(store, d, "张三", "申请 提交", action=True).text == ZH["requests.none_in_hand"]
    assert "同样的申请已经提交过，编号 1" in fill(store, d).text
    assert len(requests.waiting(store)) == 1


def test_everything_typed_works_without_buttons(store: Store) -> None:
    d = district(store)
    for part in ("申请请假", "12月7日至12月9日", "公务出差", "跳过", "提交"):
        says(store, d, "张三", part)
    assert requests.get(store, 1).reason == "公务出差"
    assert fill(store, d, "张三", "申请免考 2026-12-01 2026-12-31").text.startswith(
        "免考，12月1日至12月31日：请选择事由"
    )


@pytest.mark.parametrize("said", ["99", "明天再说", "申请 404"])
def test_what_is_no_round_and_no_date_is_asked_again(store: Store, said) -> None:
    d = district(store)
    says(store, d, "张三", "申请免考")
    assert says(store, d, "张三", said).text.startswith(ZH["requests.scope_unread"])


def test_another_reason_needs_words(store: Store) -> None:
    d = district(store)
    fill(store, d, "张三", "申请缓考", f"申请 {d.round_id}", "申请 其他")
    assert "跳过" not in [each.label for each in says(store, d, "张三", "申请 跳过", action=True).choices]
    assert "300" in says(store, d, "张三", "长" * 301).text
    says(store, d, "张三", "抢险")
    says(store, d, "张三", "改一下：防汛抢险")
    assert "防汛抢险" in says(store, d, "张三", "申请").text


def test_a_file_goes_with_the_request_and_only_admins_and_the_person_may_read_it(store: Store) -> None:
    d = district(store)
    fill(store, d, "张三", "申请免考", f"申请 {d.round_id}", "申请 出国（境）", "申请 探亲")
    shown = says(store, d, "张三", "", file=File("签证.xlsx", "application/vnd.ms-excel", b"x"))
    assert "附件：签证.xlsx。" in shown.text
    says(store, d, "张三", "申请 提交", action=True)
    number = requests.get(store, 1).file_id
    may = {name for name, person_id in d.people.items() if files.may_read(store, number, person_id)}
    assert may == {"张三", "王敏"}


def test_the_liaison_is_told_first_and_the_admin_where_there_is_none(store: Store) -> None:
    d = district(store)
    fill(store, d)
    assert (len(owed(store, d, "刘洋")), owed(store, d, "王敏")) == (1, [])
    fill(store, d, "吴九")
    assert len(owed(store, d, "王敏")) == 1
    assert not any("张三" in text or "出国" in text for text in owed(store, d, "刘洋"))


def test_a_liaison_asks_for_their_own_people_only(store: Store) -> None:
    d = district(store)
    assert says(store, d, "刘洋", "代申请 免考 吴九").text == ZH["requests.nobody"]
    assert says(store, d, "刘洋", f"代申请 免考 {d.people['吴九']}").text == ZH["requests.nobody"]
    fill(store, d, "刘洋", "代申请 免考 赵六", f"申请 {d.round_id}", "申请 产假、哺乳", "申请 跳过")
    assert "住建局" not in says(store, d, "刘洋", "申请").text
    says(store, d, "刘洋", "申请 提交", action=True)
    found = requests.get(store, 1)
    assert (found.person_id, found.requested_by, found.verdict) == (d.people["赵六"], d.people["刘洋"], "agree")
    assert len(owed(store, d, "王敏")) == 1


def test_the_person_sees_the_state_and_may_withdraw_while_it_waits(store: Store) -> None:
    d = district(store)
    fill(store, d)
    assert "等待决定" in says(store, d, "张三", "我的申请").text
    assert says(store, d, "李四", "撤回申请 1").text == ZH["requests.unknown"]
    assert "已撤回" in says(store, d, "张三", "撤回申请 1").text
    assert "已撤回" in says(store, d, "张三", "撤回申请 1").text
    assert requests.get(store, 1).state == "withdrawn"
    fill(store, d)
    requests.decide(store, 2, "refused", "请先补证明", d.people["王敏"], NOW)
    assert "未批准：请先补证明" in says(store, d, "张三", "我的申请").text
    assert "不能撤回" in says(store, d, "张三", "撤回申请 2").text
