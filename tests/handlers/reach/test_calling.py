from __future__ import annotations

import io

import openpyxl

from handlers.reach import calling
from storage import accounts
from storage.database import Store
from tests import builders
from tests.builders import NOW, District, mark, turn, works
from tests.handlers.reach.test_missing import last_mile


def book(store: Store, d: District, name: str, monkeypatch):
    monkeypatch.setitem(builders.JOBS, "call_list", calling.write)
    [answer] = calling.call_list(turn(store, d, name, "电话名单"), store)
    assert answer.text == "正在生成电话名单，稍后发给您。"
    [reply] = works(store, d, "call_list")
    return reply, openpyxl.load_workbook(io.BytesIO(reply.files[0].content))


def test_a_sheet_for_each_bureau_says_whom_to_call_why_and_what_to_say(store: Store, monkeypatch) -> None:
    d = last_mile(store)
    mark(store, d, d.round_id, "吴九", sat=False, passed=False, attempts=0)
    reply, found = book(store, d, "王敏", monkeypatch)
    assert reply.text.startswith("「宪法宣传周学法考试」电话名单，共6人")
    assert found.sheetnames == ["住建局", "司法局"]
    rows = [[cell.value for cell in row] for row in found["住建局"].iter_rows()]
    assert rows[0] == ["序号", "所在单位", "姓名", "电话", "原因", "怎么说", "先打"]
    by_name = {row[2]: row for row in rows[1:]}
    assert by_name["李四"][3:] == [
        "13800000007",
        "无法送达：Telegram已屏蔽",
        "消息送不到，请打电话：打开网页登录，或重新绑定后参加。",
        "是",
    ]
    assert by_name["孙七"][6] is None or by_name["孙七"][6] == ""


def test_a_liaison_gets_the_own_unit_only(store: Store, monkeypatch) -> None:
    d = last_mile(store)
    mark(store, d, d.round_id, "吴九", sat=False, passed=False, attempts=0)
    _, found = book(store, d, "刘洋", monkeypatch)
    assert found.sheetnames == ["住建局"]


def test_no_phone_leaves_by_telegram(store: Store) -> None:
    d = last_mile(store)
    d.accounts["王敏", "telegram"] = accounts.bind(store, d.people["王敏"], "telegram", "telegram-王敏", NOW)
    [reply] = calling.call_list(turn(store, d, "王敏", "电话名单", channel="telegram"), store)
    assert "这里不显示姓名" in reply.text
    assert reply.links
