"""The simulator behaves as a WeCom server does towards an app (自建应用): tokens, recipients, cards, limits, callbacks, retries."""

import asyncio
import contextlib
import io
import json
import os
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.fakes.hours import told
from tests.fakes.test_wecom_cards import BUTTONS, NOTICE, VOTE, changed
from tests.fakes.wecom import secrecy
from tests.fakes.wecom.simulator import Simulator

KEY, TOKEN = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "QDG6eK"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
ROOT = Path(__file__).resolve().parents[2]
FACTS = Path(os.environ.get("XUEFA_FACTS") or ROOT.parent / "shared" / "facts")
VECTORS = FACTS / "wecom-vectors.json"


class App:
    """A program that WeCom calls: `answers` are functions (inner XML) -> (status, body); `got` the inner XMLs."""

    def __init__(self, sim):
        self.sim, self.got, self.answers, self.seen, self.slow = sim, [], [], [], 0.0

    async def check(self, request):
        self.seen.append(dict(request.query))
        return web.Response(body=self.opened(request, request.query["echostr"]).encode() + b"\n" * len(self.answers))

    async def called(self, request):
        self.seen.append(dict(request.query))
        inner = self.opened(request, ET.fromstring(await request.text()).findtext("Encrypt"))
        self.got.append(inner)
        await asyncio.sleep(self.slow)
        status, body = self.answers.pop(0)(inner) if self.answers else (200, "")
        return web.Response(status=status, text=body)

    def opened(self, request, sealed):
        query = request.query
        assert query["msg_signature"] == secrecy.signature(TOKEN, query["timestamp"], query["nonce"], sealed)
        return secrecy.open_sealed(sealed, KEY, self.sim.corp_id)

    def replying(self, inner, *, sign=True, wrap=True, **fields):
        """An answer with this passive reply."""

        def answer(came):
            to = ET.fromstring(came).findtext("FromUserName")
            head = f"<ToUserName>{to}</ToUserName><FromUserName>{self.sim.corp_id}</FromUserName><CreateTime>1</CreateTime>"
            sealed = secrecy.seal(f"<xml>{head}{inner}</xml>" if wrap else inner, KEY, self.sim.corp_id)
            signed = secrecy.signature(TOKEN, "12", "ab", sealed) if sign else "0" * 40
            parts = {"Encrypt": sealed, "MsgSignature": signed, "TimeStamp": "12", "Nonce": "ab", **fields}
            return 200, "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in parts.items()) + "</xml>"

        self.answers.append(answer)


@contextlib.asynccontextmanager
async def corp(**settings):
    """(simulator, call): 张三 and 李四 in 住建局 (2), a 局长 in 区直机关. `call(path, body, **query)` GETs, or POSTs a body."""
    sim = Simulator(**settings)
    await sim.start()
    sim.department(2, "住建局")
    sim.department(3, "质监站", parent=2)
    sim.user("ZhangSan", "张三", [2])
    sim.user("lisi", "李四", [3, 2])
    sim.user("boss", "局长", [1], position="局长", leader=True)
    async with aiohttp.ClientSession() as session:
        program = App(sim)
        runner = web.AppRunner(web.Application(), access_log=None, shutdown_timeout=0.1)
        runner.app.add_routes([web.get("/wecom/callback", program.check), web.post("/wecom/callback", program.called)])
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        sim.callback(f"http://127.0.0.1:{runner.addresses[0][1]}/wecom/callback", token=TOKEN, aes_key=KEY)
        held = {}

        async def call(path, body=None, **query):
            if "token" not in held:
                login = {"corpid": sim.corp_id, "corpsecret": sim.secret}
                async with session.get(f"{sim.base}/cgi-bin/gettoken", params=login) as answer:
                    held["token"] = (await answer.json())["access_token"]
            return await ask(session, sim, path, body, access_token=held["token"], **query)

        call.session, call.held, call.app = session, held, program
        try:
            yield sim, call
        finally:
            await runner.cleanup()
            await sim.stop()


async def ask(session, sim, path, body=None, **query):
    """The answer of a call: JSON, or bytes."""
    kind, data = ("GET", None) if body is None else ("POST", body)
    data = json.dumps(data).encode() if isinstance(data, dict) else data
    async with session.request(kind, f"{sim.base}/cgi-bin/{path}", data=data, params=query) as answer:
        raw = await answer.read()
        return json.loads(raw) if answer.content_type == "application/json" else raw


def text(to="zhangsan", content="今日答题", **more):
    return {"touser": to, "agentid": 1000002, "msgtype": "text", "text": {"content": content}, **more}


def card(body=BUTTONS, to="zhangsan|lisi", **more):
    return {"touser": to, "agentid": 1000002, "msgtype": "template_card", "template_card": body, **more}


# --- secrecy --------------------------------------------------------------------------------------------------------------


def test_an_envelope_opens_for_its_receiver_only_and_not_when_touched():
    sealed = secrecy.seal("民法典第1条 📚", KEY, "wwcorp")
    assert secrecy.open_sealed(sealed, KEY, "wwcorp") == "民法典第1条 📚"
    with pytest.raises(secrecy.Unreadable, match="somebody else"):
        secrecy.open_sealed(sealed, KEY, "wwother")
    for touched in (sealed[:-4], sealed[:-8] + "AAAAAAA=", "!", "", "AAAA"):
        with pytest.raises(secrecy.Unreadable):
            secrecy.open_sealed(touched, KEY, "wwcorp")


@pytest.mark.skipif(not VECTORS.is_file(), reason="the published vectors are not beside the checkout")
def test_the_published_vectors_come_out_to_the_byte():
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    for each in vectors["official"] + vectors["generated"]:
        key, receiver = each["encoding_aes_key"], each["receive_id"]
        assert secrecy.open_sealed(each["encrypt"], key, receiver) == each["plaintext"]
        assert secrecy.seal(each["plaintext"], key, receiver, each["random16_ascii"].encode()) == each["encrypt"]
        signed = secrecy.signature(each["token"], each["timestamp"], each["nonce"], each["encrypt"])
        assert signed == each["msg_signature"]


# --- tokens ---------------------------------------------------------------------------------------------------------------


@told
async def test_a_token_is_the_same_until_it_expires_and_every_call_needs_one():
    async with corp() as (sim, call):
        login = {"corpid": "wwcorp", "corpsecret": "app-secret"}
        first, second = [await ask(call.session, sim, "gettoken", **login) for _ in range(2)]
        assert first["access_token"] == second["access_token"]
        assert 7100 < second["expires_in"] <= first["expires_in"] == 7200
        assert (await ask(call.session, sim, "gettoken", **{**login, "corpid": "x"}))["errcode"] == 40013
        assert (await ask(call.session, sim, "gettoken", **{**login, "corpsecret": "x"}))["errcode"] == 40001
        assert (await ask(call.session, sim, "agent/get", agentid=1000002))["errcode"] == 41001
        assert (await ask(call.session, sim, "agent/get", agentid=1000002, access_token="x"))["errcode"] == 40014
        assert (await call("agent/get", agentid=1000002))["errcode"] == 0
        sim.advance(7200)
        assert (await call("agent/get", agentid=1000002))["errcode"] == 42001
        call.held.clear()
        assert (await call("agent/get", agentid=1000002))["errcode"] == 0
        sim.revoke_token()
        assert (await call("agent/get", agentid=1000002))["errcode"] == 40014
        assert not sim.problems


@told
async def test_neither_secret_nor_token_stands_in_the_journal():
    async with corp() as (sim, call):
        await call("message/send", text())
        assert [each.path for each in sim.journal] == ["/cgi-bin/gettoken", "/cgi-bin/message/send"]
        assert call.held["token"] not in repr(sim.journal)
        assert "app-secret" not in repr(sim.journal)
        assert (sim.journal[1].body["text"], sim.journal[1].ip) == ({"content": "今日答题"}, "127.0.0.1")


@told
async def test_an_address_that_is_not_trusted_and_an_app_that_is_off_get_nothing_but_a_token():
    async with corp() as (sim, call):
        sim.trusted_ips = {"1.2.3.4"}
        answer = await call("message/send", text())
        assert (answer["errcode"], "from ip: 127.0.0.1" in answer["errmsg"]) == (60020, True)
        sim.trusted_ips = {"127.0.0.1"}
        assert (await call("message/send", text()))["errcode"] == 0
        sim.disabled = True
        assert (await call("message/send", text()))["errcode"] == 50003


# --- recipients -----------------------------------------------------------------------------------------------------------


@told
async def test_whom_it_cannot_reach_is_said_inside_an_answer_that_succeeded():
    async with corp() as (sim, call):
        sim.user("Hidden", "隐", [2], visible=False)
        sim.user("poor", "未授权", [2], licensed=False)
        answer = await call("message/send", text("ZHANGSAN|Hidden|Nobody|poor", toparty="9", totag="8"))
        assert (answer["errcode"], answer["invaliduser"], answer["unlicenseduser"]) == (0, "hidden|nobody", "poor")
        assert (answer["invalidparty"], answer["invalidtag"]) == ("9", "8")
        assert [each.text for each in sim.inbox("zhangsan")] == ["今日答题"]
        assert sim.inbox("hidden") == sim.inbox("poor") == []
        for nobody in ("hidden|nobody", "poor"):
            assert (await call("message/send", text(nobody)))["errcode"] == 81013
        sim.remove("zhangsan")
        assert (await call("message/send", text()))["errcode"] == 81013


@told
async def test_departments_reach_down_tags_reach_their_members_and_all_is_all():
    async with corp() as (sim, call):
        sim.tag(1, "领导", users=["boss"], parties=[3])
        for wanted in ({"toparty": "3"}, {"toparty": "2"}, {"totag": "1"}, {"touser": "@all", "toparty": "3"}):
            assert (await call("message/send", {**text(""), **wanted}))["errcode"] == 0
        found = {each: len(sim.inbox(each)) for each in ("boss", "lisi", "zhangsan")}
        assert found == {"boss": 2, "lisi": 4, "zhangsan": 2}


@told
async def test_too_many_or_no_recipients_and_the_wrong_agent_are_refused():
    async with corp() as (sim, call):
        wrong = [
            (text("|".join(f"u{each}" for each in range(1001))), 40032),
            (text("", toparty="|".join(map(str, range(101)))), 82002),
            (text("", totag="|".join(map(str, range(101)))), 82003),
            (text(""), 82001),
            (text(agentid=1), 301002),
            ({**text(), "agentid": None}, 40056),
            (text(msgtype="voicemail"), 40008),
        ]
        assert [(await call("message/send", body))["errcode"] for body, _ in wrong] == [code for _, code in wrong]
        assert not any(sim.inboxes.values())


# --- contents -------------------------------------------------------------------------------------------------------------


@told
async def test_a_long_text_is_cut_between_characters_and_noted():
    async with corp() as (sim, call):
        await call("message/send", text(content="法" * 683))
        [sent] = sim.inbox("zhangsan")
        assert sent.text == sent.body["content"] == "法" * 682
        assert len(sim.problems) == 1


@told
async def test_contents_that_wecom_will_not_have():
    async with corp() as (sim, call):
        cards = {"title": "学习", "description": "第一章", "url": "https://x.cn/"}
        wrong = [
            ("text", {"content": ""}, 44004),
            ("text", {"content": "\\u5b66"}, 40033),
            ("markdown", {"content": "法" * 700}, 45002),
            ("textcard", {**cards, "title": ""}, 41016),
            ("textcard", {**cards, "description": ""}, 41033),
            ("textcard", {**cards, "url": "x.cn"}, 45034),
            ("textcard", {**cards, "url": "https://x.cn/" + "a" * 2040}, 40039),
            ("news", {"articles": [{"title": "a", "url": "https://x.cn"}] * 9}, 45008),
            ("file", {"media_id": "none"}, 40007),
        ]
        codes = [(await call("message/send", text(msgtype=kind, **{kind: body})))["errcode"] for kind, body, _ in wrong]
        assert codes == [code for _, _, code in wrong]
        assert (await call("message/send", text(msgtype="textcard", textcard=cards)))["errcode"] == 0
        [sent] = sim.inbox("zhangsan")
        assert (sent.text, sent.buttons) == ("学习\n第一章", [("详情", "https://x.cn/")])


@told
async def test_what_an_honest_client_never_does_is_noted():
    async with corp() as (sim, call):
        await call("message/send", text(colour="red"))
        await call("message/send", text(), debug=1)
        await call("message/send", text(access_token="x"))
        assert (await call("message/send", '{"touser": "張三"}'.encode("big5")))["errcode"] == 47001
        assert (await call("message/send"))["errcode"] == 43002
        assert (await call("no/such", {}))["errcode"] != 0
        for _ in range(25):
            await ask(call.session, sim, "gettoken", corpid="wwcorp", corpsecret="app-secret")
        assert len(sim.problems) == 8


# --- cards ----------------------------------------------------------------------------------------------------------------


@told
async def test_a_card_needs_a_callback_and_its_task_serves_once():
    async with corp() as (sim, call):
        address, sim.address = sim.address, None
        assert (await call("message/send", card()))["errcode"] == 43012
        assert (await call("message/send", card(NOTICE)))["errcode"] == 0
        sim.address = address
        answer = await call("message/send", card())
        assert (answer["errcode"], bool(answer["response_code"])) == (0, True)
        assert (await call("message/send", card()))["errcode"] == 42014
        assert (await call("message/send", card({**VOTE, "checkbox": {}})))["errcode"] == 42043
        [_, sent] = sim.inbox("LiSi")
        assert (sent.task_id, sent.text, sent.buttons[1]) == ("q-1@a_B", "第 1/3 题", ("B", "=t:B"))
        assert not sent.greyed


@told
async def test_the_same_request_within_its_interval_is_taken_and_not_delivered():
    async with corp() as (sim, call):
        body = text(enable_duplicate_check=1, duplicate_check_interval=600)
        for seconds in (0, 599, 2):
            sim.advance(seconds)
            assert (await call("message/send", body))["errcode"] == 0
        assert len(sim.inbox("zhangsan")) == 2
        await call("message/send", {**body, "enable_duplicate_check": 0})
        assert len(sim.inbox("zhangsan")) == 3


@told
async def test_what_exceeds_a_members_share_vanishes_silently():
    async with corp() as (sim, call):
        for _ in range(31):
            assert (await call("message/send", text("zhangsan|lisi")))["errcode"] == 0
        assert (len(sim.inbox("zhangsan")), sim.dropped) == (30, {"zhangsan": 1, "lisi": 1})
        sim.advance(60)
        await call("message/send", text())
        assert len(sim.inbox("zhangsan")) == 31
        sim.limits.member_hour = 31
        await call("message/send", text())
        assert sim.dropped["zhangsan"] == 2
        sim.limits.per_member = False
        await call("message/send", text())
        assert len(sim.inbox("zhangsan")) == 32


@told
async def test_the_days_ceiling_counts_people_and_is_over_the_next_day():
    async with corp(ceiling=1, now=lambda: 1_795_500_000.0) as (sim, call):
        sim.limits.per_member = False
        for number in range(199):
            sim.user(f"u{number}", "人", [9])
        sim.user("last", "人", [9])
        everybody = "|".join(f"u{number}" for number in range(199))
        assert (await call("message/send", text(everybody)))["errcode"] == 0
        assert (await call("message/send", text("u1|u2")))["errcode"] == 45009
        assert (await call("message/send", text("u1")))["errcode"] == 45009
        sim.advance(86_400)
        call.held.clear()
        assert (await call("message/send", text("u1")))["errcode"] == 0


@told
async def test_other_calls_have_a_limit_by_the_minute():
    async with corp() as (sim, call):
        sim.limits.path_minute = 2
        codes = [(await call("tag/list"))["errcode"] for _ in range(3)]
        assert (codes, (await call("department/list"))["errcode"]) == ([0, 0, 45009], 0)
        sim.advance(60)
        assert (await call("tag/list"))["errcode"] == 0


@told
async def test_a_message_can_be_recalled_for_a_day():
    async with corp() as (sim, call):
        first = (await call("message/send", text("zhangsan|lisi")))["msgid"]
        assert (await call("message/recall", {"msgid": first}))["errcode"] == 0
        assert sim.inbox("zhangsan") == sim.inbox("lisi") == []
        assert (await call("message/recall", {"msgid": "other"}))["errcode"] == 40058
        second = (await call("message/send", text()))["msgid"]
        sim.advance(86_400)
        call.held.clear()
        assert (await call("message/recall", {"msgid": second}))["errcode"] == 42052
        assert len(sim.inbox("zhangsan")) == 1


def update(code, **more):
    return {
        "userids": ["ZhangSan"],
        "agentid": 1000002,
        "response_code": code,
        "button": {"replace_name": "已作答"},
        **more,
    }


@told
async def test_an_update_code_works_once_within_three_days_and_for_the_cards_own_recipients():
    async with corp() as (sim, call):
        code = (await call("message/send", card()))["response_code"]
        path = "message/update_template_card"
        assert (await call(path, update("guessed")))["errcode"] == 60140
        assert (await call(path, update(code, userids=[])))["errcode"] == 82101
        assert (await call(path, update(code, userids=["boss"])))["errcode"] == 82102
        assert (await call(path, update(code, userids=["ZhangSan", "boss"]))) == {
            "errcode": 0, "errmsg": "ok", "invaliduser": ["boss"],
        }  # fmt: skip
        assert (await call(path, update(code)))["errcode"] == 60140
        assert [sim.inbox(each)[0].greyed for each in ("zhangsan", "lisi")] == [True, False]
        assert sim.inbox("zhangsan")[0].grey_label == "已作答"
        late = (await call("message/send", card({**BUTTONS, "task_id": "later"})))["response_code"]
        sim.advance(72 * 3600)
        call.held.clear()
        assert (await call(path, update(late)))["errcode"] == 60140


@told
async def test_an_update_may_put_another_card_in_the_place_of_the_first():
    async with corp() as (sim, call):
        code = (await call("message/send", card(VOTE)))["response_code"]
        other = {**changed(BUTTONS, ["task_id"], None), "replace_text": "已截止"}
        body = update(code, template_card=other, atall=1)
        del body["button"]
        assert (await call("message/update_template_card", {**body, "template_card": {}}))["errcode"] == 42027
        sim.problems.clear()
        assert (await call("message/update_template_card", body))["errcode"] == 0
        for each in ("zhangsan", "lisi"):
            [sent] = sim.inbox(each)
            assert (sent.greyed, sent.grey_label, sent.replaced, sent.body) == (True, "已截止", other, VOTE)
            assert (sent.task_id, sent.buttons[0]) == ("q-2", ("A", "=t:A"))
        assert not sim.problems


# --- callbacks ------------------------------------------------------------------------------------------------------------


@told
async def test_the_console_checks_the_address_to_the_byte_and_within_a_second():
    async with corp() as (sim, call):
        assert await sim.verify_url()
        call.app.answers.append(None)
        assert not await sim.verify_url()
        assert "not the plain echostr" in sim.verify_problem
        sim.callback("http://127.0.0.1:9/none", token=TOKEN, aes_key=KEY)
        assert not await sim.verify_url()
        sim.callback(None)
        assert not await sim.verify_url()
        assert sim.verify_problem == "no address configured"


@told
async def test_what_a_member_writes_arrives_sealed_with_a_number_of_its_own():
    async with corp() as (sim, call):
        found = await sim.says("zhangsan", "今日]]>答题<&")
        assert (found.accepted, found.tries, found.status, found.reply) == (True, 1, 200, None)
        await sim.says("zhangsan", "二")
        first, second = map(ET.fromstring, call.app.got)
        kept = {child.tag: child.text for child in first}
        assert kept | {"CreateTime": "", "MsgId": ""} == {
            "ToUserName": "wwcorp", "FromUserName": "ZhangSan", "CreateTime": "", "MsgType": "text",
            "Content": "今日]]>答题<&", "MsgId": "", "AgentID": "1000002",
        }  # fmt: skip
        assert abs(int(kept["CreateTime"]) - time.time()) < 60
        assert first.findtext("MsgId") != second.findtext("MsgId")
        assert int(kept["MsgId"]) < 2**63


@told
async def test_events_have_no_number():
    async with corp() as (sim, call):
        sim.menu = [{"name": "学习", "sub_button": [{"type": "click", "name": "今日", "key": "/today"}]}]
        await sim.enters("zhangsan")
        await sim.menu_click("zhangsan", "/today")
        await sim.unsubscribes("zhangsan")
        assert not sim.users["zhangsan"].visible
        await sim.subscribes("zhangsan")
        with pytest.raises(AssertionError):
            await sim.menu_click("zhangsan", "/other")
        found = [(each.findtext("Event"), each.findtext("EventKey")) for each in map(ET.fromstring, call.app.got)]
        assert found == [("enter_agent", ""), ("click", "/today"), ("unsubscribe", None), ("subscribe", None)]
        assert not any("MsgId" in each for each in call.app.got)


@told
async def test_a_press_tells_button_task_kind_and_a_fresh_code_and_what_was_picked():
    async with corp() as (sim, call):
        await call("message/send", card())
        await call("message/send", card(VOTE))
        buttons, vote = sim.inbox("zhangsan")
        await sim.clicks("zhangsan", buttons, "=t:B")
        await sim.clicks("zhangsan", vote, "=t:", picked=("A", "C"))
        first, second = map(ET.fromstring, call.app.got)
        names = ("Event", "EventKey", "TaskId", "CardType")
        assert [first.findtext(name) for name in names] == [
            "template_card_event", "=t:B", "q-1@a_B", "button_interaction"
        ]  # fmt: skip
        assert first.find("SelectedItems") is None
        [item] = second.findall("SelectedItems/SelectedItem")
        assert item.findtext("QuestionKey") == "q"
        assert [each.text for each in item.findall("OptionIds/OptionId")] == ["A", "C"]
        fresh = first.findtext("ResponseCode")
        assert (await call("message/update_template_card", update(fresh)))["errcode"] == 0
        assert sim.inbox("zhangsan")[0].greyed


@told
async def test_a_client_lets_nobody_press_what_is_not_there_unless_it_is_forged():
    async with corp() as (sim, call):
        code = (await call("message/send", card(VOTE)))["response_code"]
        [vote] = sim.inbox("zhangsan")
        for key, picked in (("=t:", ("Z",)), ("=t:", ("A", "A")), ("other", ())):
            with pytest.raises(AssertionError):
                await sim.clicks("zhangsan", vote, key, picked)
        with pytest.raises(AssertionError):
            await sim.clicks("boss", vote, "=t:")
        await call("message/update_template_card", update(code))
        with pytest.raises(AssertionError, match="greyed"):
            await sim.clicks("zhangsan", vote, "=t:", ("A",))
        assert call.app.got == []
        assert (await sim.clicks("zhangsan", vote, "other", ("Z",), forged=True)).accepted
        assert (await sim.clicks("boss", vote, "=t:", ("A",), forged=True)).accepted
        assert "forged-code" in call.app.got[1]
        assert (await sim.clicks("lisi", vote, "=t:", ("A",))).accepted


@told
async def test_a_corner_menu_has_an_event_of_its_own():
    async with corp() as (sim, call):
        menu = {"desc": "更多", "action_list": [{"text": "不再提醒", "key": "/stop"}]}
        await call("message/send", card({**BUTTONS, "action_menu": menu}))
        await sim.clicks("zhangsan", sim.inbox("zhangsan")[0], "/stop")
        assert "template_card_menu_event" in call.app.got[0]


@told
async def test_a_refused_callback_comes_again_sealed_anew_three_times_at_most():
    async with corp() as (sim, call):
        call.app.answers += [lambda _: (500, ""), lambda _: (302, "")]
        found = await sim.says("zhangsan", "一")
        assert (found.accepted, found.tries) == (True, 3)
        assert len(set(call.app.got)) == 1
        assert (
            len({each["nonce"] for each in call.app.seen})
            == len({each["msg_signature"] for each in call.app.seen})
            == 3
        )
        call.app.answers += [lambda _: (404, "")] * 3
        assert (await sim.says("zhangsan", "二")).accepted is False
        assert len(call.app.got) == 6


@told
async def test_a_slow_answer_is_no_answer():
    async with corp() as (sim, call):
        sim.patience, call.app.slow = 0.05, 0.5
        found = await sim.says("zhangsan", "一")
        assert (found.accepted, found.tries, found.status) == (False, 3, 0)
        assert len(call.app.got) == 3


@told
async def test_callbacks_get_lost_doubled_and_answered_in_vain_on_demand():
    async with corp() as (sim, call):
        sim.lose_next_callbacks(1)
        assert (await sim.says("zhangsan", "一")).tries == 0
        sim.lose_next_answers(1)
        assert (await sim.says("zhangsan", "二")).tries == 2
        sim.duplicate_deliveries = 1
        assert (await sim.says("zhangsan", "三")).tries == 1
        assert [ET.fromstring(each).findtext("Content") for each in call.app.got] == ["二", "二", "三", "三"]


@told
async def test_a_passive_reply_is_opened_and_changes_the_card_of_who_pressed_only():
    async with corp() as (sim, call):
        call.app.replying("<MsgType>text</MsgType><Content>你好</Content>")
        assert "你好" in (await sim.says("zhangsan", "一")).reply
        assert sim.inbox("zhangsan")[0].text == "你好"
        await call("message/send", card())
        await call("message/send", card(VOTE))
        _, buttons, vote = sim.inbox("zhangsan")
        call.app.replying("<MsgType>update_button</MsgType><Button><ReplaceName>已作答</ReplaceName></Button>")
        await sim.clicks("zhangsan", buttons, "=t:A")
        option = "<OptionList><Id>{0}</Id><Text>{0}</Text><IsChecked>{1}</IsChecked></OptionList>"
        box = f"<CheckBox><QuestionKey>q</QuestionKey><Mode>1</Mode><Disable>true</Disable>{option.format('A', 'true')}"
        other = f"{box}{option.format('B', 'false')}</CheckBox><ReplaceText>已作答</ReplaceText>"
        head = "<CardType>vote_interaction</CardType><MainTitle><Title>第 2/3 题</Title></MainTitle>"
        call.app.replying(f"<MsgType>update_template_card</MsgType><TemplateCard>{head}{other}</TemplateCard>")
        await sim.clicks("zhangsan", vote, "=t:", ("A",))
        assert not sim.problems
        [_, buttons, vote] = sim.inbox("zhangsan")
        assert (buttons.greyed, vote.greyed, vote.grey_label, vote.ticked) == (True, True, "已作答", ["A"])
        assert vote.replaced["checkbox"]["mode"] == 1
        assert not any(each.greyed for each in sim.inbox("lisi"))


@told
async def test_a_malformed_passive_reply_is_noted_and_changes_nothing():
    async with corp() as (sim, call):
        await call("message/send", card())
        [sent] = sim.inbox("zhangsan")
        button = "<MsgType>update_button</MsgType><Button><ReplaceName>x</ReplaceName></Button>"
        call.app.replying(button, sign=False)
        call.app.replying(button, Nonce="")
        call.app.replying("<xml><MsgType>text</MsgType></xml>", wrap=False)
        call.app.replying("<MsgType>update_button</MsgType>")
        call.app.replying("<MsgType>update_template_card</MsgType><TemplateCard><CardType>x</CardType></TemplateCard>")
        call.app.replying("<MsgType>dance</MsgType>")
        call.app.answers.append(lambda _: (200, "success"))
        for _ in range(7):
            assert (await sim.clicks("zhangsan", sent, "=t:A")).reply is None
        call.app.replying(button)
        assert (await sim.says("zhangsan", "一")).reply is None
        assert len(sim.problems) == 8
        assert not sim.inbox("zhangsan")[0].greyed


# --- files ----------------------------------------------------------------------------------------------------------------


def upload(content, name, field="media"):
    form = aiohttp.FormData(quote_fields=False)
    form.add_field(field, io.BytesIO(content), filename=name, content_type="application/octet-stream")
    return form


@told
async def test_a_file_keeps_its_chinese_name_and_lives_for_three_days():
    async with corp() as (sim, call):
        made = await call("media/upload", upload(b"a report", "参考率.xlsx"), type="file")
        assert (made["type"], made["created_at"].isdigit()) == ("file", True)
        sending = text(msgtype="file", file={"media_id": made["media_id"]})
        assert (await call("message/send", sending))["errcode"] == 0
        assert sim.inbox("zhangsan")[0].file == ("参考率.xlsx", b"a report")
        assert await call("media/get", media_id=made["media_id"]) == b"a report"
        sim.expire_media()
        assert (await call("message/send", sending))["errcode"] == 40145
        assert (await call("media/get", media_id=made["media_id"]))["errcode"] == 40007
        assert not sim.problems


@told
async def test_a_file_that_wecom_will_not_have():
    async with corp() as (sim, call):
        wrong = [
            (upload(b"a report", "a"), "paper", 40005),
            (upload(b"", "a.txt"), "file", 44001),
            (upload(b"12345", "a.txt"), "file", 40006),
            (upload(bytes(20 * 1024 * 1024 + 1), "a.txt"), "file", 40006),
            (upload(b"no picture at all", "a.png"), "image", 40123),
            (upload(b"a report", "a", field="file"), "file", 41005),
        ]
        codes = [(await call("media/upload", form, type=kind))["errcode"] for form, kind, _ in wrong]
        assert codes == [code for _, _, code in wrong]
        encoded = aiohttp.FormData()
        encoded.add_field("media", b"a report", filename="参考率.xlsx")
        await call("media/upload", encoded, type="file")
        assert "%E5" in sim.problems[-1] or "plain filename" in sim.problems[-1]


@told
async def test_a_picture_that_a_member_sends_can_be_fetched():
    async with corp() as (sim, call):
        assert (await sim.sends_image("zhangsan", PNG)).accepted
        media_id = ET.fromstring(call.app.got[0]).findtext("MediaId")
        assert await call("media/get", media_id=media_id) == PNG
        async with call.session.get(ET.fromstring(call.app.got[0]).findtext("PicUrl")) as answer:
            assert await answer.read() == PNG


# --- directory, menu, login -----------------------------------------------------------------------------------------------


@told
async def test_the_directory_shows_its_visible_part():
    async with corp() as (sim, call):
        sim.department(4, "别处", visible=False)
        sim.user("hidden", "隐", [2], visible=False)
        ids = (await call("department/simplelist"))["department_id"]
        assert [(each["id"], each["parentid"]) for each in ids] == [(1, 0), (2, 1), (3, 2)]
        assert [each["name"] for each in (await call("department/list", id=2))["department"]] == ["住建局", "质监站"]
        assert (await call("department/get", id=3))["department"]["name"] == "质监站"
        assert [(await call("department/get", id=each))["errcode"] for each in (4, 9)] == [60011, 60123]
        direct = (await call("user/simplelist", department_id=2))["userlist"]
        assert [(each["userid"], each["department"]) for each in direct] == [("ZhangSan", [2]), ("lisi", [3, 2])]
        assert (await call("user/simplelist", department_id=1))["userlist"][0]["name"] == "局长"
        assert (await call("user/list", department_id=1))["userlist"][0]["is_leader_in_dept"] == [1]
        member = await call("user/get", userid="LISI")
        assert (member["userid"], member["main_department"], member["status"]) == ("lisi", 3, 1)
        assert [(await call("user/get", userid=each))["errcode"] for each in ("hidden", "nobody")] == [60011, 60111]
        assert (await call("user/list_id", {"cursor": "", "limit": 1}))["errcode"] == 48002
        sim.tag(1, "领导", users=["boss", "hidden"], parties=[3])
        assert (await call("tag/list"))["taglist"] == [{"tagid": 1, "tagname": "领导"}]
        tag = await call("tag/get", tagid=1)
        assert ([each["userid"] for each in tag["userlist"]], tag["partylist"]) == (["boss"], [3])
        wanted = [direct[0]["open_userid"], "ZhangSan"]
        plain = await call("batch/openuserid_to_userid", {"open_userid_list": wanted})
        assert plain["userid_list"] == [{"open_userid": wanted[0], "userid": "ZhangSan"}]
        assert plain["invalid_open_userid_list"] == ["ZhangSan"]
        assert not sim.problems


@told
async def test_the_app_tells_its_range():
    async with corp() as (sim, call):
        seen = await call("agent/get", agentid=1000002)
        assert (seen["allow_partys"], seen["allow_userinfos"], seen["close"]) == ({"partyid": [1]}, {"user": []}, 0)
        sim.users["lisi"].visible = False
        seen = await call("agent/get", agentid=1000002)
        assert seen["allow_userinfos"]["user"] == [{"userid": "ZhangSan"}, {"userid": "boss"}]
        assert (await call("agent/get", agentid=7))["errcode"] == 301002
        assert (await call("getcallbackip"))["ip_list"] == ["127.0.0.1"]


@told
async def test_a_menu_is_measured_and_kept():
    async with corp() as (sim, call):

        async def made(*buttons):
            return (await call("menu/create", {"button": list(buttons)}, agentid=1000002))["errcode"]

        one = {"type": "click", "name": "今日", "key": "/today"}
        assert (await call("menu/get", agentid=1000002))["errcode"] == 46003
        codes = [
            await made(),
            await made(one, one, one, one),
            await made({**one, "name": "今日答题学习"}),
            await made({**one, "type": "dance"}),
            await made({**one, "key": "k" * 129}),
            await made({"type": "view", "name": "页", "url": "x.cn"}),
            await made({"name": "学", "sub_button": [one] * 6}),
            await made({"name": "学", "sub_button": [{**one, "name": "字" * 14}]}),
        ]
        assert codes == [40016, 40016, 40018, 40017, 40019, 40020, 40023, 40025]
        assert await made({"name": "学习", "sub_button": [one]}, one) == 0
        assert (await call("menu/get", agentid=1000002))["button"][1] == one
        assert (await call("menu/delete", agentid=1000002))["errcode"] == 0
        assert sim.menu is None


@told
async def test_a_browser_is_sent_back_with_a_code_that_tells_once_who_it_is():
    async with corp() as (sim, call):
        sim.trusted_domain = "xuefa.example:8443"
        query = {
            "appid": "wwcorp", "redirect_uri": "https://xuefa.example:8443/wecom/entered?to=1", "response_type": "code",
            "scope": "snsapi_base", "state": "abc123", "agentid": "1000002",
        }  # fmt: skip

        async def opens(user=None, **other):
            headers = {"X-Sim-User": user} if user else {}
            address = f"{sim.base}/connect/oauth2/authorize"
            request = call.session.get(address, params={**query, **other}, headers=headers, allow_redirects=False)
            async with request as answer:
                return answer.headers.get("Location", "")

        back = await opens("zhangsan")
        assert back.startswith("https://xuefa.example:8443/wecom/entered?to=1&code=")
        assert back.endswith("&state=abc123")
        code = back.partition("code=")[2].partition("&")[0]
        assert (await call("auth/getuserinfo", code=code))["userid"] == "ZhangSan"
        assert (await call("auth/getuserinfo", code=code))["errcode"] == 40029
        stranger = (await opens()).partition("code=")[2].partition("&")[0]
        assert "openid" in await call("auth/getuserinfo", code=stranger)
        sim.browser_user = "lisi"
        old = (await opens()).partition("code=")[2].partition("&")[0]
        assert (await call("user/getuserinfo", code=old))["UserId"] == "lisi"
        late = (await opens()).partition("code=")[2].partition("&")[0]
        sim.advance(300)
        assert (await call("auth/getuserinfo", code=late))["errcode"] == 40029
        assert not sim.problems
        wrong = [
            {"appid": "x"},
            {"agentid": "1"},
            {"state": "a-b"},
            {"redirect_uri": "https://xuefa.example/"},
            {"scope": "x"},
        ]
        assert [await opens(**each) for each in wrong] == [""] * 5
        assert len(sim.problems) == 5


# --- faults, and a process of its own -------------------------------------------------------------------------------------


@told
async def test_calls_go_wrong_on_demand():
    async with corp() as (sim, call):
        await call("tag/list")
        sim.fault("/cgi-bin/message/send", -1, times=2)
        assert [(await call("message/send", text()))["errcode"] for _ in range(3)] == [-1, -1, 0]
        sim.fault("/cgi-bin/message", "500")
        assert b"500" in await call("message/send", text())
        for code in ("drop", "drop_after"):
            sim.fault("/cgi-bin/message/send", code)
            with pytest.raises(aiohttp.ClientError):
                await call("message/send", text())
        assert len(sim.inbox("zhangsan")) == 2
        sim.fault("/cgi-bin/message/send", "hang")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(call("message/send", text()), 0.1)
        assert (len(sim.inbox("zhangsan")), sim.faults) == (2, [])


@told
async def test_it_can_be_moved_by_http():
    async with corp() as (sim, call):

        async def sim_post(name, **body):
            async with call.session.post(f"{sim.base}/_sim/{name}", json=body) as answer:
                assert answer.status == 200
                return await answer.json()

        await sim_post("setup", people=2)
        assert (await sim_post("say", user="u1", text="今日答题"))["accepted"]
        await call("message/send", card(to="u1|u2"))
        assert (await sim_post("click", user="u1", key="=t:A"))["accepted"]
        assert (await sim_post("enter", user="u1"))["accepted"]
        assert await sim_post("verify_url") == {"verified": True, "problem": ""}
        await sim_post("fault", path="/cgi-bin/tag", code=45033)
        assert (await call("tag/list"))["errcode"] == 45033
        async with call.session.get(f"{sim.base}/_sim/users/u1/inbox") as answer:
            [shown] = await answer.json()
        assert (shown["task_id"], shown["buttons"][0]) == ("q-1@a_B", ["A", "=t:A"])
        found = await sim_post("storm", rate=200, seconds=0.1, text="一", people=5)
        assert (found["offered"], found["accepted"]) == (20, 20)
        await sim_post("revoke_token")
        assert (await call("tag/list"))["errcode"] == 40014
        async with call.session.get(f"{sim.base}/_sim/state") as answer:
            assert (await answer.json())["delivered"] == 2


@told
async def test_ten_thousand_people_take_well_under_a_second_and_it_can_forget():
    async with corp(remember=False) as (sim, call):
        for number in range(10_000):
            sim.user(f"u{number}", "人", [2])
        began = time.perf_counter()
        assert (await call("message/send", text("@all")))["errcode"] == 0
        assert time.perf_counter() - began < 1
        assert (sum(sim.delivered.values()), sim.inbox("u1"), len(sim.messages)) == (10_003, [], 0)


def test_it_runs_as_a_process_of_its_own():
    async def story():
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.fakes.wecom", "--people", "3", "--forget",
            cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            base = (await asyncio.wait_for(process.stdout.readline(), 15)).decode().strip()
            async with aiohttp.ClientSession() as session, session.get(f"{base}/_sim/state") as answer:
                assert (await answer.json())["problems"] == []
        finally:
            process.terminate()
            await process.wait()

    asyncio.run(story())
