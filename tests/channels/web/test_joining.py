"""Getting in and out."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest
from starlette.requests import Request

from channels.web.channel import Web
from channels.web.sessions import address
from tests.channels.web.conftest import SECRET
from tests.channels.web.house import AT


@pytest.fixture
def visitor(site):
    with site.client(secret=None) as client:
        yield client


def key_of(html: str) -> str:
    return re.search(r'name="key" value="([^"]+)"', html)[1]


def test_the_invitation_asks_who_one_is_and_opening_it_binds_nobody(visitor, memory):
    for _ in range(5):
        page = visitor.get("/join/token-1")
        assert "您是住建局张三吗？" in page.text
    assert visitor.head("/join/token-1").status_code == 200
    assert visitor.get("/join/token-1", headers={"sec-purpose": "prefetch"}).status_code == 200
    assert memory.heard == []
    assert "怎样进入" in visitor.get("/").text


def test_the_last_digits_let_one_in(visitor, memory):
    page = visitor.get("/join/token-1")
    secret = visitor.cookies["xuefa"]
    answer = visitor.post("/join/token-1", data={"digits": "１２３４ ", "key": key_of(page.text)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert f"xuefa={secret};" in answer.headers["set-cookie"]
    heard = memory.heard[0]
    assert (heard.action, heard.account) == ("/join token-1 1234", address(secret))
    assert heard.key.startswith("web:")
    assert "张三" in visitor.get("/").text
    assert memory.shown_keys == [heard.key]


def test_a_confirmation_whose_answer_got_lost_can_be_repeated(visitor, memory):
    form = {"digits": "1234", "key": key_of(visitor.get("/join/token-1").text)}
    secret = visitor.cookies["xuefa"]
    visitor.post("/join/token-1", data=form)
    visitor.cookies.set("xuefa", secret)
    assert "这台设备上现在是张三" in visitor.post("/join/token-1", data=form).text
    assert len(memory.heard) == 1
    assert "输入文字" in visitor.get("/").text


def test_wrong_digits_are_answered_on_the_page_and_three_lock_it(visitor, memory):
    visitor.get("/join/token-1")
    first = visitor.post("/join/token-1", data={"digits": "9999"})
    assert first.status_code == 422
    assert "号码不对。" in first.text
    assert "还可以试 2 次" in first.text
    for _ in range(2):
        last = visitor.post("/join/token-1", data={"digits": "9999"})
    assert "已经锁住" in last.text
    assert "digits" not in last.text
    assert memory.people.keys() == {address(SECRET).id}


@pytest.mark.parametrize("digits", ["", "12", "abcd", "12345", "1234 /leave"])
def test_digits_that_cannot_be_right_cost_no_try(visitor, memory, digits):
    visitor.get("/join/token-1")
    assert "请填后四位数字" in visitor.post("/join/token-1", data={"digits": digits}).text
    assert memory.heard == []


def test_the_staff_number_may_stand_in_for_the_phone(visitor, memory):
    memory.by = "staff_no"
    assert "您工号的后四位" in visitor.get("/join/token-1").text


def test_without_a_phone_in_the_roster_one_only_confirms(visitor, memory):
    memory.digits = False
    assert "digits" not in visitor.get("/join/token-1").text
    assert visitor.post("/join/token-1").status_code == 303
    assert memory.heard[0].action == "/join token-1"


def test_a_browser_without_the_pages_cookie_is_asked_to_press_again(visitor, site, memory):
    answer = visitor.post("/join/token-1", data={"digits": "1234"}, headers={"origin": site.url})
    assert "请再按一次" in answer.text
    assert memory.heard == []
    assert visitor.post("/join/token-1", data={"digits": "1234"}).status_code == 303


@pytest.mark.parametrize("token", ["other", "a%20b", "x" * 65, "%2e%2e", "<b>"])
def test_an_unknown_invitation_says_so(visitor, memory, token):
    assert "这个链接不对" in visitor.get(f"/join/{token}").text
    visitor.post(f"/join/{token}", data={"digits": "1234"})
    assert all(" " not in heard.action.removeprefix("/join ").removesuffix(" 1234") for heard in memory.heard)


def test_somebody_elses_session_is_never_taken_over(client, memory):
    page = client.get("/join/token-1")
    assert "这台设备上现在是张三" in page.text
    assert "请先退出" in page.text
    client.post("/join/token-1", data={"digits": "1234"})
    assert memory.heard == []


def test_a_login_link_is_used_by_pressing_not_by_opening(visitor, memory):
    assert "您是张三吗？" in visitor.get("/enter/code-1").text
    assert memory.heard == []
    assert visitor.post("/enter/code-1").headers["location"] == "/"
    assert memory.heard[0].action == "/enter code-1"
    assert "输入文字" in visitor.get("/").text


def test_an_expired_login_link_says_so(visitor):
    assert "已经过期" in visitor.get("/enter/code-2").text


def test_leaving_is_asked_first_and_ends_the_session(client, memory):
    assert "要用新的链接才能再进来" in client.get("/leave").text
    assert memory.heard == []
    answer = client.post("/leave")
    assert answer.headers["location"] == "/"
    assert 'xuefa=""' in answer.headers["set-cookie"]
    assert memory.heard[0].action == "/leave"
    assert memory.people == {}


def test_leaving_that_was_not_recorded_is_not_claimed(client, memory):
    memory.broken = 1
    answer = client.post("/leave")
    assert answer.status_code == 503
    assert "没有记下" in answer.text
    assert "set-cookie" not in answer.headers


def test_joining_that_was_not_recorded_is_not_claimed(visitor, memory):
    visitor.get("/join/token-1")
    memory.broken = 1
    assert visitor.post("/join/token-1", data={"digits": "1234"}).status_code == 503
    assert visitor.post("/join/token-1", data={"digits": "1234"}).status_code == 303


def test_the_invitation_in_english(visitor):
    page = visitor.get("/join/token-1?language=en")
    assert '<html lang="en">' in page.text
    assert "Are you 张三, 住建局?" in page.text
    assert "Are you" in visitor.get("/join/token-1", headers={"accept-language": "en-GB,en"}).text
    assert "您是" in visitor.get("/join/token-1", headers={"accept-language": "en,zh-CN"}).text


# By the word of another channel. -----------------------------------------------------------------------------------------


def admitted(memory, secret, token="code-1"):
    """What a browser with this cookie gets that WeCom vouches for: (status, where to, its new secret or "")."""
    fresh = "n" * 43
    web = Web(memory.house, public_url="http://law.example", secure=False, now=lambda: AT, secret=lambda: fresh)
    cookies = [(b"cookie", f"xuefa={secret}".encode())] if secret else []
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": cookies, "client": None}
    answer = asyncio.run(web.door.admit(Request(scope), token, "/exam"))
    return answer.status_code, answer.headers.get("location"), fresh if fresh in str(answer.headers) else ""


def test_whom_another_channel_vouches_for_gets_a_new_secret(memory):
    assert admitted(memory, "") == (303, "/exam", "n" * 43)
    assert memory.people[address("n" * 43).id].name == "张三"


def test_whoever_is_signed_in_already_keeps_their_session(memory):
    assert admitted(memory, SECRET) == (303, "/exam", "")
    assert memory.heard == []


@pytest.mark.parametrize("other", [{"person_id": 2, "name": "李四"}, {"shared": True}], ids=["another's", "shared"])
def test_a_session_of_somebody_else_on_the_same_browser_gives_way(memory, other):
    memory.people[address(SECRET).id] = replace(memory.people[address(SECRET).id], **other)
    assert admitted(memory, SECRET) == (303, "/exam", "n" * 43)


def test_an_entry_that_does_not_let_in_changes_nothing(memory):
    assert admitted(memory, "", token="used") == (503, None, "")
