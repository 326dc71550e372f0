"""What the app says, over real HTTP: within the member's allowance, once, again where it surely did not arrive, and owed where that is
not known."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from channels.allowance import Allowance
from channels.base import DeliveryFailed
from channels.sending import Pace
from channels.wecom.refusals import NotSent, Refused, Unsure
from channels.wecom.showing import Manner, messages
from channels.wecom.speaking import Recipients, Sent, Speaker, task_of
from handlers.messages import Address, Choice, File, Owed, QuestionCard, Reply
from tests.channels.wecom.running import opened, simulated
from tests.fakes.hours import told

SEND, UPLOAD = "/cgi-bin/message/send", "/cgi-bin/media/upload"
QUESTION = QuestionCard("第 1/3 题", "？", ("甲", "乙", "丙"), multiple=False, token="1.0.m")
SHEET = File("名单.xlsx", "application/vnd.ms-excel", b"x" * 100)
ASK = (Choice("学法档案", "学法档案"),)


class Leaps:
    """A clock that stands still until somebody sleeps, and is then that much later, for the simulator too."""

    def __init__(self, sim):
        self.sim, self.passed = sim, 0.0

    def monotonic(self):
        return 1000.0 + self.passed

    async def sleep(self, seconds):
        self.passed += seconds
        self.sim.advance(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def spoken(**members):
    """(simulator, speaker, clock): the true limits on both sides."""
    async with simulated(**(members or {"zhang": "张三", "li": "李四"})) as sim:
        sim.callback("http://127.0.0.1:9/", token="t", aes_key="k")
        clock = Leaps(sim)
        async with opened(sim, monotonic=clock.monotonic) as api:
            pace = Pace(per_second=500.0, per_chat=0.0)
            speaker = Speaker(
                api,
                Manner("https://xuefa.example"),
                Allowance(20, 900),
                pace,
                monotonic=clock.monotonic,
                sleep=clock.sleep,
            )
            speaker.pace = pace
            yield sim, speaker, clock
        assert not sim.problems
        assert not sim.dropped


def owed(*replies, to="zhang", key="wecom:1"):
    return Owed(key, Address("wecom", to), None, replies)


async def shows(speaker, *replies, **more):
    return await speaker.show(owed(*replies, **more), lambda: False)


def calls(sim, path=SEND):
    return [call for call in sim.journal if call.path == path]


def texts(sim, user="zhang"):
    return [sent.text for sent in sim.inbox(user)]


# Within the allowance. ----------------------------------------------------------------------------------------------------


@told
async def test_whatever_is_too_much_for_a_minute_waits_and_nothing_is_dropped():
    async with spoken() as (sim, speaker, clock):
        for number in range(70):
            await shows(speaker, Reply(f"第{number}条"), key=f"wecom:{number}")
        assert texts(sim) == [f"第{number}条" for number in range(70)]
        assert 180 <= clock.passed < 240


@told
async def test_a_reply_of_many_messages_waits_between_them():
    async with spoken() as (sim, speaker, clock):
        await shows(speaker, Reply("", article="\n\n".join("文" * 600 for _ in range(45))))
        assert len(sim.inbox("zhang")) == 45
        assert clock.passed >= 120


@told
async def test_one_members_full_minute_holds_up_nobody_else():
    async with spoken() as (sim, speaker, clock):
        for number in range(20):
            await shows(speaker, Reply("一"), key=f"wecom:{number}")
        await shows(speaker, Reply("二"), to="li")
        assert clock.passed == 0
        assert texts(sim, "li") == ["二"]


# Once, or again. ----------------------------------------------------------------------------------------------------------


@told
async def test_a_question_that_was_shown_can_be_greyed_by_its_code_once():
    async with spoken() as (sim, speaker, _):
        [card] = await shows(speaker, Reply("", card=QUESTION, choices=ASK))
        assert (card.account, card.token) == (Address("wecom", "zhang"), "1.0.m")
        await speaker.grey(["zhang"], card.code, "已作答")
        asked = sim.inbox("zhang")[1]
        assert (asked.greyed, asked.grey_label) == (True, "已作答")
        with pytest.raises(Refused) as refused:
            await speaker.grey(["zhang"], card.code, "已作答")
        assert refused.value.code == 60140


@told
async def test_choices_are_no_question_and_keep_no_code():
    async with spoken() as (_, speaker, _clock):
        assert await shows(speaker, Reply("好", choices=ASK)) == []


@pytest.mark.parametrize("known", [True, False])
@told
async def test_a_card_whose_answer_was_lost_is_sent_again_and_arrives_once(known):
    """Whether WeCom knows the request again by its text, or only the task_id by its name."""
    async with spoken() as (sim, speaker, _):
        sim.fault(SEND, "drop_after", times=2)
        if not known:
            sim.repeats = Forgetful()
        await shows(speaker, Reply("好", choices=ASK))
        assert len(sim.inbox("zhang")) == 1
        assert [call.answer["errcode"] for call in calls(sim)] == ([0, 0, 0] if known else [0, 42014, 42014])


@pytest.mark.parametrize("fault", [45009, 48002, 60020])
@told
async def test_a_card_that_may_have_arrived_is_not_called_unsent_because_a_later_try_was_refused(fault):
    async with spoken() as (sim, speaker, _):
        [message] = messages([Reply("好", choices=ASK)], task_of("x"), Manner(""))
        sim.fault(SEND, "drop_after")
        sim.fault(SEND, fault, times=9)
        with pytest.raises(Unsure):
            await speaker.send(Recipients(("zhang",)), message)
        assert len(sim.inbox("zhang")) == 1


@told
async def test_what_wecom_will_never_take_is_refused_whatever_came_of_the_first_try():
    async with spoken() as (sim, speaker, _):
        [message] = messages([Reply("好", choices=ASK)], task_of("x"), Manner(""))
        sim.fault(SEND, "drop")
        sim.fault(SEND, 82004)
        with pytest.raises(Refused):
            await speaker.send(Recipients(("zhang",)), message)


@told
async def test_a_reply_that_broke_off_goes_on_where_it_was_and_says_nothing_twice():
    async with spoken() as (sim, speaker, _):
        reply = Reply("规则。" * 120, choices=ASK)  # a text, and a card below it
        await shows(speaker, Reply("先"), key="wecom:0")
        before = len(sim.inbox("zhang"))
        once, speaker._once = speaker._once, refusing(speaker._once)
        with pytest.raises(DeliveryFailed):
            await shows(speaker, reply)
        assert len(sim.inbox("zhang")) == before + 1
        speaker._once = once
        await shows(speaker, reply)
        assert [each.msgtype for each in sim.inbox("zhang")[before:]] == ["text", "template_card"]


def refusing(once):
    """Calls that carry a card fail without having left; others pass."""

    async def asked(to, message):
        if message.kind == "template_card":
            raise NotSent("no route")
        return await once(to, message)

    return asked


class Forgetful(dict):
    """What WeCom would know a request again by, if it kept anything."""

    def __setitem__(self, key, value):
        pass


@told
async def test_a_turn_that_is_shown_again_later_asks_its_question_under_the_same_task():
    async with spoken() as (sim, speaker, clock):
        sim.fault(SEND, "drop_after", times=4)
        with pytest.raises(DeliveryFailed) as failed:
            await shows(speaker, Reply("好", choices=ASK), key="wecom:7")
        assert not failed.value.permanent
        await clock.sleep(5 * 3600)
        await shows(speaker, Reply("好", choices=ASK), key="wecom:7")
        assert len(sim.inbox("zhang")) == 1
        assert sim.inbox("zhang")[0].task_id == task_of("wecom:7")(0)


@told
async def test_a_text_that_may_have_arrived_is_not_doubled_but_owed():
    async with spoken() as (sim, speaker, _):
        sim.fault(SEND, "drop_after")
        with pytest.raises(DeliveryFailed) as failed:
            await shows(speaker, Reply("好"))
        assert not failed.value.permanent
        assert texts(sim) == ["好"]


@pytest.mark.parametrize("code", [-1, 6000, 45033])
@told
async def test_what_surely_was_not_sent_is_tried_again(code):
    async with spoken() as (sim, speaker, _):
        sim.fault(SEND, code, times=5)
        await shows(speaker, Reply("好"))
        assert texts(sim) == ["好"]


@pytest.mark.parametrize("code", [60020, 48002, 50003, 43012])
@told
async def test_what_somebody_must_mend_in_the_console_leaves_the_reply_owed(code):
    async with spoken() as (sim, speaker, _):
        sim.fault(SEND, code, times=4)
        with pytest.raises(DeliveryFailed) as failed:
            await shows(speaker, Reply("好"))
        assert (failed.value.permanent, len(calls(sim))) == (False, 4)
        assert f"{code}" in failed.value.reason


# Halts. -------------------------------------------------------------------------------------------------------------------


@told
async def test_too_many_calls_halt_everything_for_a_minute_and_then_the_reply_goes():
    async with spoken() as (sim, speaker, clock):
        sim.fault(SEND, 45009)
        await shows(speaker, Reply("好"))
        assert texts(sim) == ["好"]
        assert 60 <= clock.passed < 65


@told
async def test_other_peoples_replies_wait_out_the_halt_too():
    async with spoken() as (sim, speaker, clock):
        speaker.pace.halt(60, clock.monotonic())
        await shows(speaker, Reply("好"), to="li")
        assert clock.passed >= 60
        assert texts(sim, "li") == ["好"]


@told
async def test_a_ceiling_that_does_not_lift_leaves_the_reply_owed():
    async with spoken() as (sim, speaker, clock):
        sim.ceiling = 0
        with pytest.raises(DeliveryFailed) as failed:
            await shows(speaker, Reply("好"))
        assert not failed.value.permanent
        assert clock.passed >= 180


# Refusals. ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "reason"), [(82004, "rejected"), (40008, "rejected"), (60111, "not_visible"), (99999, "rejected")]
)
@told
async def test_a_refusal_that_would_be_the_same_the_next_time_is_final(code, reason):
    async with spoken() as (sim, speaker, _):
        sim.fault(SEND, code)
        with pytest.raises(DeliveryFailed) as failed:
            await shows(speaker, Reply("好"))
        assert (failed.value.reason, failed.value.permanent) == (reason, True)
        assert len(calls(sim)) == 1


@told
async def test_a_member_whom_the_app_does_not_see_is_not_visible():
    async with spoken() as (sim, speaker, _):
        sim.users["zhang"].visible = False
        with pytest.raises(DeliveryFailed) as failed:
            await shows(speaker, Reply("好"))
        assert (failed.value.reason, failed.value.permanent) == ("not_visible", True)


class Says:
    """An Api whose answers are these, and its speaker."""

    def __init__(self, **answer):
        self.answer, self.credentials = answer, self
        self.agent_id, self.upload = 1, None
        self.speaker = Speaker(self, Manner(""), Allowance(20, 900), Pace())

    async def post(self, path, body):
        return {"errcode": 0, "msgid": "m", **self.answer}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [({"invaliduser": "Zhang"}, "not_visible"), ({"unlicenseduser": "x|ZHANG"}, "unlicensed")],
)
@told
async def test_a_yes_that_names_the_member_among_those_it_did_not_reach_is_a_no(answer, reason):
    with pytest.raises(DeliveryFailed) as failed:
        await shows(Says(**answer).speaker, Reply("好"))
    assert (failed.value.reason, failed.value.permanent) == (reason, True)


@told
async def test_a_yes_that_names_others_or_nobody_is_a_yes():
    for answer in ({}, {"invaliduser": "li"}, {"invaliduser": None}, {"unlicenseduser": ""}):
        assert await shows(Says(**answer).speaker, Reply("好")) == []


# Files. -------------------------------------------------------------------------------------------------------------------


@told
async def test_a_file_for_two_people_is_uploaded_once_under_its_name():
    async with spoken() as (sim, speaker, _):
        for user in ("zhang", "li"):
            await shows(speaker, Reply("", files=(SHEET,)), to=user)
        assert [sim.inbox(user)[0].file for user in ("zhang", "li")] == [("名单.xlsx", SHEET.content)] * 2
        assert len(calls(sim, UPLOAD)) == 1


@told
async def test_a_file_that_wecom_no_longer_has_is_uploaded_again():
    async with spoken() as (sim, speaker, _):
        await shows(speaker, Reply("", files=(SHEET,)))
        sim.expire_media()
        await shows(speaker, Reply("", files=(SHEET,)), key="wecom:2")
        assert len(sim.inbox("zhang")) == 2
        assert len(calls(sim, UPLOAD)) == 2


@told
async def test_a_file_is_uploaded_again_before_its_three_days_are_over():
    async with spoken() as (sim, speaker, clock):
        await shows(speaker, Reply("", files=(SHEET,)))
        await clock.sleep(3 * 86_400 - 600)
        await shows(speaker, Reply("", files=(SHEET,)), key="wecom:2")
        assert [call.answer["errcode"] for call in calls(sim)] == [0, 0]
        assert len(calls(sim, UPLOAD)) == 2


@told
async def test_an_upload_whose_answer_was_lost_is_made_again_since_nobody_saw_anything():
    async with spoken() as (sim, speaker, _):
        sim.fault(UPLOAD, "drop_after")
        await shows(speaker, Reply("", files=(SHEET,)))
        assert len(sim.inbox("zhang")) == 1


@told
async def test_a_file_that_wecom_does_not_take_is_refused_for_good():
    async with spoken() as (_, speaker, _clock):
        with pytest.raises(DeliveryFailed) as failed:
            await shows(speaker, Reply("", files=(File("x.txt", "text/plain", b"1234"),)))
        assert (failed.value.reason, failed.value.permanent) == ("rejected", True)


# To many. -----------------------------------------------------------------------------------------------------------------


def one(reply):
    [message] = messages([reply], task_of("wecom:1"), Manner(""))
    return message


@told
async def test_departments_and_tags_are_reached_by_their_numbers():
    async with spoken() as (sim, speaker, _):
        sim.department(2, "住建局")
        sim.user("wang", "王五", [2])
        sim.tag(7, "执法", users=["li"])
        sent = await speaker.send(Recipients(departments=(2,), tags=(7,)), one(Reply("通知")))
        assert [texts(sim, user) for user in ("zhang", "li", "wang")] == [[], ["通知"], ["通知"]]
        assert sent.number == sim.inbox("li")[0].id
        body = calls(sim)[0].body
        assert (body.get("touser"), body["toparty"], body["totag"]) == (None, "2", "7")


@told
async def test_of_many_each_is_told_apart_by_whether_it_was_reached():
    async with spoken() as (sim, speaker, _):
        sim.user("Wang", "王五", [1], licensed=False)
        sent = await speaker.send(Recipients(("zhang", "nobody", "wang", "li")), one(Reply("好", choices=ASK)))
        assert {user: sent.missed(user) for user in ("zhang", "nobody", "wang", "li")} == {
            "zhang": "", "nobody": "not_visible", "wang": "unlicensed", "li": "",
        }  # fmt: skip
        assert sent.code
        await speaker.grey(["zhang", "li"], sent.code, "已截止")
        assert [sim.inbox(user)[0].grey_label for user in ("zhang", "li")] == ["已截止", "已截止"]


@told
async def test_a_send_that_may_have_arrived_is_unsure_for_a_text_and_known_for_a_card():
    async with spoken() as (sim, speaker, _):
        sim.fault(SEND, "drop_after")
        with pytest.raises(Unsure):
            await speaker.send(Recipients(("zhang",)), one(Reply("好")))
        sim.fault(SEND, "drop")
        assert (await speaker.send(Recipients(("zhang",)), one(Reply("好", choices=ASK)))).code
        assert [sent.msgtype for sent in sim.inbox("zhang")] == ["text", "template_card"]


def test_a_turns_tasks_are_the_same_every_time_and_fit_wecoms_alphabet():
    first, again, other = task_of("wecom:1"), task_of("wecom:1"), task_of("wecom:2")
    assert [first(n) for n in range(3)] == [again(n) for n in range(3)]
    assert len({first(0), first(1), other(0)}) == 3
    assert first(12).replace("-", "").isalnum()


def test_nobody_is_missed_by_an_answer_that_names_nobody():
    assert Sent().missed("zhang") == ""
    assert Recipients(("a", "b"), (1,), (2, 3)).fields() == {"touser": "a|b", "toparty": "1", "totag": "2|3"}
