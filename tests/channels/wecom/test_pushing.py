"""Pushes over real HTTP: a thousand alike in one call, each settled alone, nobody dropped for getting too much, nothing repeated that may
have arrived."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import pytest

from channels.allowance import Allowance
from channels.sending import Pace
from channels.wecom.pushing import AT_ONCE, Pusher
from channels.wecom.refusals import Refused
from channels.wecom.showing import Manner
from channels.wecom.speaking import Speaker
from handlers.messages import Address, Choice, File, Parcel, QuestionCard, Reply
from tests.channels.wecom.running import opened, simulated, until
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import told

SEND = "/cgi-bin/message/send"
SPEED = 300
"""As many times as fast as real the clock of these tests runs."""
BEGIN = Reply(
    "每日一题开始了，共 3 题，18:00 截止。",
    (Choice("开始答题", "今日答题"), Choice("为什么给我发这个", "为什么给我发这个")),
)
ENGLISH = Reply("Today's quiz is open.", (Choice("Begin", "today"),))
QUESTION = QuestionCard("第 1/3 题", "？", ("甲", "乙", "丙"), multiple=False, token="1.0.m")


def monotonic():
    return asyncio.get_running_loop().time() * SPEED


def now():
    return datetime(2026, 12, 4, 1, tzinfo=UTC) + timedelta(seconds=monotonic())


async def sleep(seconds):
    await asyncio.sleep(seconds / SPEED)


class Busy(Speaker):
    """A Speaker that knows how many of its calls were under way at once."""

    at_once = most = 0

    async def send(self, to, message):
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            return await super().send(to, message)
        finally:
            self.at_once -= 1


@asynccontextmanager
async def town(*people, allowance=None, quiet=True):
    """(simulator, house): the town's members, and a house that owes them something; `house.serve()` starts a pusher."""
    async with simulated(**{person: person for person in people}) as sim:
        sim._now = lambda: now().timestamp()
        sim.callback("http://127.0.0.1:9/", token="t", aes_key="k")
        house = CollectingHouse(now=now, sleep=sleep)
        house.numbers = count(1)
        pace, allowance = Pace(per_second=500.0, per_chat=0.0), allowance or Allowance(20, 900)
        async with opened(sim, monotonic=monotonic) as api:
            manner = Manner("https://xuefa.example")
            house.speaker = Busy(api, manner, allowance, pace, monotonic=monotonic, sleep=sleep)
            pusher = Pusher(
                house.house, house.speaker, manner, allowance, pace, monotonic=monotonic, now=now, sleep=sleep
            )
            house.serve, house.close = pusher.start, pusher.stop
            yield sim, house
            await pusher.stop()
        assert not sim.dropped
        assert not quiet or not sim.problems


def owes(house, reply, *people):
    for person in people:
        house.planned.append(Parcel(next(house.numbers), Address("wecom", person), "card", reply))


async def done(house):
    """Everything owed has come to an end."""
    await until(lambda: not house.planned and not house.sending)


def sends(sim):
    return [call for call in sim.journal if call.path == SEND]


def states(house):
    return Counter(house.states.values())


# Many at once. ------------------------------------------------------------------------------------------------------------


@told
async def test_ten_thousand_alike_are_ten_calls_of_a_thousand_and_each_is_settled_alone():
    people = [f"u{number}" for number in range(10_000)]
    async with town(*people) as (sim, house):
        owes(house, BEGIN, *people)
        house.serve()
        await done(house)
        assert [len(call.body["touser"].split("|")) for call in sends(sim)] == [1000] * 10
        assert states(house) == {"sent": 10_000}
        assert len({outcome.id for outcome in house.outcomes}) == len(house.outcomes) == 10_000
        assert all(len(sim.inbox(person)) == 1 for person in people)
        assert len({outcome.code for outcome in house.outcomes}) == 10


@told
async def test_whom_a_call_did_not_reach_failed_and_the_others_got_it():
    async with town("zhang", "li", "wang", "zhao") as (sim, house):
        sim.users["li"].visible = False
        sim.users["wang"].licensed = False
        owes(house, BEGIN, "zhang", "li", "wang", "zhao", "gone")
        house.serve()
        await done(house)
        found = {outcome.id: (outcome.state, outcome.reason) for outcome in house.outcomes}
        assert found == {
            1: ("sent", ""), 2: ("failed", "not_visible"), 3: ("failed", "unlicensed"), 4: ("sent", ""), 5: ("failed", "not_visible"),
        }  # fmt: skip
        assert len(sends(sim)) == 1


@told
async def test_nobody_of_a_group_reached_is_a_failure_of_each():
    async with town("zhang") as (_, house):
        owes(house, BEGIN, "gone", "left")
        house.serve()
        await done(house)
        assert {(outcome.state, outcome.reason) for outcome in house.outcomes} == {("failed", "not_visible")}


def refusing(house, code, *bad):
    """Every call that names one of these is refused as a whole."""
    send, calls = house.speaker.send, []

    async def refused(to, message):
        calls.append(len(to.users))
        if set(bad) & set(to.users):
            raise Refused(code)
        return await send(to, message)

    house.speaker.send = refused
    return calls


@pytest.mark.parametrize(("code", "reason"), [(60011, "rejected"), (40031, "rejected"), (60111, "not_visible")])
@told
async def test_a_call_that_is_refused_for_the_sake_of_one_reaches_all_the_others(code, reason):
    people = [f"u{number}" for number in range(300)]
    async with town(*people) as (sim, house):
        calls = refusing(house, code, "u7")
        owes(house, BEGIN, *people)
        house.serve()
        await done(house)
        [failed] = [outcome for outcome in house.outcomes if outcome.state != "sent"]
        assert (failed.id, failed.state, failed.reason) == (8, "failed", reason)
        assert states(house)["sent"] == 299
        assert all(len(sim.inbox(person)) == (person != "u7") for person in people)
        assert len(calls) < 20


@told
async def test_of_a_call_that_reaches_nobody_those_without_a_licence_are_told_apart():
    async with town("zhang", "li") as (sim, house):
        sim.users["zhang"].licensed = False
        sim.users["li"].visible = False
        owes(house, BEGIN, "zhang", "li")
        owes(house, ENGLISH, "zhang", "li")
        house.serve()
        await done(house)
        assert [outcome.reason for outcome in sorted(house.outcomes, key=lambda each: each.id)] == [
            "unlicensed",
            "not_visible",
        ] * 2


@told
async def test_nobody_there_at_all_is_believed_at_once():
    people = [f"u{number}" for number in range(300)]
    async with town(*people) as (_, house):
        calls = refusing(house, 81013, *people)
        owes(house, BEGIN, *people)
        house.serve()
        await done(house)
        assert {(outcome.state, outcome.reason) for outcome in house.outcomes} == {("failed", "not_visible")}
        assert calls == [300]


class Unread(bytes):
    """A file of twenty megabytes, which takes a while to look at."""

    def __eq__(self, other):
        raise AssertionError("read")

    def __hash__(self):
        raise AssertionError("read")


@told
async def test_a_file_for_everybody_goes_in_one_call_and_is_not_read_to_know_that():
    async with town("zhang", "li") as (sim, house):
        for person in ("zhang", "li"):
            owes(house, Reply("请学习", files=(File("民法典.pdf", "application/pdf", Unread(b"%PDF-1.7"), 7),)), person)
        house.serve()
        await done(house)
        assert states(house) == {"sent": 2}
        assert len(sends(sim)) == 2, "the text and the file"


@told
async def test_what_is_said_in_two_languages_goes_in_two_calls():
    people = [f"u{number}" for number in range(90)]
    async with town(*people) as (sim, house):
        for number, person in enumerate(people):
            owes(house, ENGLISH if number % 9 == 0 else BEGIN, person)
        house.serve()
        await done(house)
        assert sorted(len(call.body["touser"].split("|")) for call in sends(sim)) == [10, 80]
        assert [sim.inbox(person)[0].buttons[0][0] for person in ("u0", "u1")] == ["Begin", "开始答题"]


@told
async def test_a_copy_goes_apart_from_what_is_new_and_arrives_although_it_says_the_same():
    async with town("zhang") as (sim, house):
        owes(house, BEGIN, "zhang")
        house.serve()
        await done(house)
        house.planned.append(Parcel(1, Address("wecom", "zhang"), "card", BEGIN, copy=True))
        await done(house)
        assert len(sim.inbox("zhang")) == 2


@told
async def test_personal_replies_go_side_by_side():
    people = [f"u{number}" for number in range(120)]
    async with town(*people) as (sim, house):
        for person in people:
            owes(house, Reply(f"{person}：您还差 2 题。"), person)
        house.serve()
        await done(house)
        assert states(house) == {"sent": 120}
        assert len(sends(sim)) == 120
        assert 2 <= house.speaker.most <= AT_ONCE


@told
async def test_a_question_that_is_pushed_is_settled_with_the_code_of_its_card():
    async with town("zhang") as (sim, house):
        owes(house, Reply("开始了", card=QUESTION), "zhang")
        house.serve()
        await done(house)
        [outcome] = house.outcomes
        assert [sent.msgtype for sent in sim.inbox("zhang")] == ["text", "template_card"]
        await house.speaker.grey(["zhang"], outcome.code, "已截止")
        assert sim.inbox("zhang")[1].greyed


# Not too much. ------------------------------------------------------------------------------------------------------------


@told
async def test_members_whose_minute_is_full_wait_in_the_store_and_nothing_of_theirs_is_dropped():
    async with town("zhang", "li") as (sim, house):
        for number in range(50):
            owes(house, Reply(f"第{number}条"), "zhang")
        owes(house, Reply("一条"), "li")
        house.serve()
        await done(house)
        assert sim.inbox("li")[0].at < sim.inbox("zhang")[20].at, "the others were not held up"
        told_all = [sent.text for sent in sim.inbox("zhang")]
        assert told_all[:20] == [f"第{number}条" for number in range(20)]
        assert sorted(told_all) == sorted(f"第{number}条" for number in range(50))
        assert {outcome.reason for outcome in house.outcomes if outcome.state == "retry"} == {"paced"}


@told
async def test_a_text_of_more_messages_than_a_minute_allows_waits_between_them():
    async with town("zhang") as (sim, house):
        owes(house, Reply("", article="\n\n".join("文" * 600 for _ in range(45))), "zhang")
        house.serve()
        await done(house)
        assert len(sim.inbox("zhang")) == 45
        assert states(house) == {"sent": 1}


@told
async def test_nobody_waits_for_a_member_who_may_have_the_beginning_only():
    allowance = Allowance(20, 900)
    async with town("zhang", "li", allowance=allowance) as (sim, house):
        for _ in range(19):
            allowance.take("zhang", monotonic())
        owes(house, Reply("开始了", card=QUESTION), "zhang", "li")
        house.serve()
        await done(house)
        last = {user: [sent.at for sent in sim.inbox(user)] for user in ("zhang", "li")}
        assert [len(times) for times in last.values()] == [2, 2]
        assert last["li"][1] - last["li"][0] < 30
        assert last["zhang"][0] - last["li"][1] > 30
        assert last["zhang"][1] - last["zhang"][0] < 30


# Trouble. -----------------------------------------------------------------------------------------------------------------


@told
async def test_too_many_calls_halt_every_push_for_a_minute_and_then_each_goes_once():
    people = [f"u{number}" for number in range(40)]
    async with town(*people) as (sim, house):
        sim.fault(SEND, 45009)
        for person in people:
            owes(house, Reply(f"{person}：一"), person)
        began = now()
        house.serve()
        await done(house)
        assert states(house) == {"sent": 40}
        assert all(len(sim.inbox(person)) == 1 for person in people)
        refused = next(call.at for call in sends(sim) if call.answer["errcode"] == 45009)
        early = [call.at for call in sends(sim) if refused < call.at < refused + 55]
        assert len(early) < AT_ONCE, "more than what was on its way already"
        waited = [outcome for outcome in house.outcomes if outcome.state == "retry"]
        assert waited
        assert all(outcome.not_before >= began for outcome in waited)


@told
async def test_a_text_whose_answer_was_lost_is_uncertain_and_not_repeated():
    async with town("zhang", "li") as (sim, house):
        sim.fault(SEND, "drop_after")
        owes(house, Reply("通知"), "zhang", "li")
        house.serve()
        await done(house)
        assert [(outcome.state, outcome.reason) for outcome in house.outcomes] == [("uncertain", "no_answer")] * 2
        assert len(sends(sim)) == 1


@told
async def test_a_card_whose_answer_was_lost_is_asked_for_again_and_sent_once():
    async with town("zhang", "li") as (sim, house):
        sim.fault(SEND, "drop_after", times=2)
        owes(house, BEGIN, "zhang", "li")
        house.serve()
        await done(house)
        assert states(house) == {"sent": 2}
        assert [len(sim.inbox(user)) for user in ("zhang", "li")] == [1, 1]


@told
async def test_a_text_that_is_out_is_not_sent_again_when_its_card_fails():
    async with town("zhang") as (sim, house):
        send = house.speaker.send

        async def trouble(to, message):
            if message.kind == "template_card":
                sim.fault(SEND, 48002)
            return await send(to, message)

        house.speaker.send = trouble
        owes(house, Reply("开始了", card=QUESTION), "zhang")
        house.serve()
        await done(house)
        assert states(house) == {"uncertain": 1}
        assert [sent.msgtype for sent in sim.inbox("zhang")] == ["text"]


@pytest.mark.parametrize("code", [45009, 48002, -1])
@told
async def test_a_notice_is_not_left_half_said_when_its_card_is_refused_for_now(code):
    async with town("zhang", "li") as (sim, house):
        send, left = house.speaker.send, [2]

        async def trouble(to, message):
            if message.kind == "template_card" and left[0]:
                left[0] -= 1
                raise Refused(code)
            return await send(to, message)

        house.speaker.send = trouble
        owes(house, Reply("开始了", card=QUESTION), "zhang", "li")
        house.serve()
        await done(house)
        assert states(house) == {"sent": 2}
        assert [sent.msgtype for sent in sim.inbox("li")] == ["text", "template_card"]
        assert all(outcome.code for outcome in house.outcomes)


@told
async def test_a_message_that_cannot_even_be_made_holds_up_no_other():
    async with town("zhang", "li") as (_, house):
        owes(house, Reply(None), "zhang")
        owes(house, Reply("通知"), "zhang", "li")
        house.serve()
        await done(house)
        assert [house.states[number] for number in (1, 2, 3)] == ["uncertain", "sent", "sent"]


@told
async def test_what_wecom_will_never_take_has_failed_and_does_not_hold_up_the_rest():
    async with town("zhang", "li") as (sim, house):
        sim.fault(SEND, 82004)
        owes(house, Reply("违禁"), "zhang")
        owes(house, Reply("通知"), "li")
        house.serve()
        await done(house)
        assert Counter((outcome.state, outcome.reason) for outcome in house.outcomes) == {
            ("failed", "rejected"): 1,
            ("sent", ""): 1,
        }


@pytest.mark.parametrize("code", [48002, 60020])
@told
async def test_while_the_console_is_wrong_everything_rests_longer_each_time_and_goes_once_it_is_right(code):
    async with town("zhang", "li") as (sim, house):
        sim.fault(SEND, code, times=5)
        owes(house, BEGIN, "zhang", "li")
        house.serve()
        await done(house)
        assert states(house) == {"sent": 2}
        times = [call.at for call in sends(sim)]
        rests = [later - earlier for earlier, later in pairwise(times)]
        assert all(rest >= least * 0.9 for rest, least in zip(rests, (1, 2, 4, 8, 16), strict=True))


@told
async def test_a_house_that_fails_for_a_while_loses_nothing():
    async with town("zhang") as (sim, house):
        house.failing = {"claim": 2, "settle": 2}
        owes(house, BEGIN, "zhang")
        house.serve()
        await done(house)
        assert states(house) == {"sent": 1}
        assert len(sim.inbox("zhang")) == 1


# The stop. ----------------------------------------------------------------------------------------------------------------


@told
async def test_a_stop_settles_what_is_done_and_leaves_what_is_on_its_way_to_the_lease():
    async with town("zhang", "li") as (sim, house):
        owes(house, Reply("一"), "zhang")
        house.serve()
        await until(lambda: sim.inbox("zhang"))
        sim.fault(SEND, "hang")
        owes(house, Reply("二"), "li")
        await until(lambda: house.speaker.at_once == 1 and len(sends(sim)) == 2)
        await house.close(within=0.05)
        assert states(house) == {"sent": 1}
        assert [parcel.address.id for parcel in house.sending.values()] == ["li"]


@told
async def test_a_stop_waits_for_the_call_that_is_on_its_way_and_begins_no_other():
    people = [f"u{number}" for number in range(60)]
    async with town(*people) as (sim, house):
        for person in people:
            owes(house, Reply(f"{person}：一"), person)
        begun, send = asyncio.Event(), house.speaker.send

        async def noted(to, message):
            begun.set()
            return await send(to, message)

        house.speaker.send = noted
        house.serve()
        await begun.wait()
        await house.close()
        assert not house.sending
        assert states(house)["sent"] == len(sends(sim)) < 60
        assert states(house)["sent"] + len(house.planned) == 60


@told
async def test_a_stop_hands_back_what_waited_for_calls_that_hang():
    people = [f"u{number}" for number in range(AT_ONCE + 4)]
    async with town(*people) as (sim, house):
        sim.fault(SEND, "hang", times=AT_ONCE)
        for person in people:
            owes(house, Reply(f"{person}：一"), person)
        owes(house, Reply("u0：二"), "u0")
        house.serve()
        await until(lambda: len(sends(sim)) == AT_ONCE)
        await house.close(within=0.05)
        assert len(house.sending) == AT_ONCE
        assert len(house.planned) == 5
