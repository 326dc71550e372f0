from __future__ import annotations

import pytest
from sqlalchemy import insert

from handlers.messages import Reply
from handlers.reach import road
from storage import accounts, tables
from storage.database import Store
from tests import builders
from tests.builders import NOW, District, district, enrol, sits, turn, works
from tests.handlers.reach.test_outlook import with_history


def asks(store: Store, d: District, name: str, said: str = "收尾情况", channel: str = "") -> Reply:
    """The answer, or what the job that it began comes to."""
    [reply] = road.road(turn(store, d, name, said, channel=channel), store)
    return works(store, d, "road")[0] if reply.text == "正在推算，稍后发给您。" else reply


@pytest.fixture(autouse=True)
def _worker(monkeypatch):
    monkeypatch.setitem(builders.JOBS, "road", road.work_out)


def gap(store: Store) -> District:
    d = with_history(store)
    for name in ("未绑0", "已绑0"):
        enrol(store, d, d.round_id, name)
    return d


def test_the_officer_reads_the_forecast_its_fractions_the_bureaux_and_whom_to_call(store: Store) -> None:
    d = gap(store)
    text = asks(store, d, "王敏").text
    assert text.startswith("「宪法宣传周学法考试」12月11日 10:00 截止。应考12人，实考6人，参考率50.00%，还差6人。")
    assert "照过去的情况，截止时预计参考9人（" in text
    assert "依据：过去2期在截止前同样长的时间" in text
    assert "未确认送达 24/32" in text
    assert "未绑定 2/20" in text
    assert "政府办　应考4，实考2，预计2人（" in text
    assert "距目标差2人" in text
    assert "政府办　未绑0（未绑定账号）：请本人用邀请单绑定账号" in text
    assert text.index("政府办　应考") < text.index("住建局　应考")


def test_the_officer_on_telegram_reads_no_name(store: Store) -> None:
    d = gap(store)
    d.accounts["王敏", "telegram"] = accounts.bind(store, d.people["王敏"], "telegram", "telegram-王敏", NOW)
    reply = asks(store, d, "王敏", channel="telegram")
    assert "这里不显示姓名" in reply.text
    assert not any(name in reply.text for name in d.people)
    assert reply.links


def test_with_too_little_past_it_says_so_and_gives_no_number(store: Store) -> None:
    d = district(store)
    text = asks(store, d, "王敏").text
    assert "样本不足，不作预测：过去可比的只有0期、0人次，至少要2期、30人次。" in text
    assert "预计" not in text.replace("不作预测", "")
    assert "住建局　应考6，实考0，还差6人" in text


def test_a_leader_reads_headcounts_and_what_is_arranged_only(store: Store) -> None:
    d = gap(store)
    asked = {"person_id": d.people["张三"], "round_id": d.round_id, "kind": "缓考", "reason": "住院", "state": "approved", "requested_at": NOW,
             "decided_at": NOW}  # fmt: skip
    store.run(insert(tables.exemption), asked)
    reply = asks(store, d, "李建国")
    assert reply.text == (
        "「宪法宣传周学法考试」12月11日 10:00 截止，还差6人：已安排缓考1人。\n\n政府办　还差2人\n住建局　还差4人：已安排缓考1人"
    )
    assert not any(word in reply.text for word in ("未绑", "预计", "住院", "张三"))


def test_a_leader_of_one_unit_and_a_liaison_read_theirs(store: Store) -> None:
    d = gap(store)
    for name in ("陈芳", "刘洋"):
        text = asks(store, d, name).text
        assert "住建局　还差4人" in text
        assert "政府办" not in text


def test_when_everybody_has_sat_it_says_so(store: Store) -> None:
    d = district(store)
    for name in d.people:
        sits(store, d, d.round_id, name)
    assert "应考人员已全部参考" in asks(store, d, "王敏").text
    assert asks(store, d, "李建国").text == "「宪法宣传周学法考试」应考人员已全部参考。"


def test_after_the_close_the_officer_reads_what_leaders_read(store: Store) -> None:
    d = district(store)
    store.plain("UPDATE round SET state = 'closed'")
    assert asks(store, d, "王敏").text.startswith("「宪法宣传周学法考试」已于12月11日 10:00 截止，还差10人。")
