"""Messages that meet trouble, one by one: what is answered where, what waits, what is tried again, what is given up."""

import asyncio

import pytest

from channels.allowance import Allowance
from channels.base import DeliveryFailed
from channels.sending import Pace
from channels.wecom.bot.media import Media
from channels.wecom.bot.speaking import Door, Speaker, task_of
from channels.wecom.refusals import NotSent, Refused, Unsure
from handlers.messages import Address, Choice, File, Owed, Parcel, Reply
from tests.channels.wecom.bot.running import FIRST
from tests.fakes.hours import Hours, told

QUESTION = Reply("请答题", card=FIRST)
PNG = File("图.png", "image/png", b"12345")
WIRE = object()


class Script:
    """A Speaker on a connection that follows a script: exceptions are raised, None is success. `asked` are (seconds, cmd, what)."""

    def __init__(self, *script, allowance=None, connected=True):
        self.hours, self.script, self.asked, self.connected = Hours(), list(script), [], connected
        media = Media(self.ask, monotonic=self.hours.monotonic, sleep=self.hours.sleep)
        self.speaker = Speaker(
            self, media, Pace(), self.salt, allowance=allowance, monotonic=self.hours.monotonic, now=self.hours.now,
            sleep=self.hours.sleep,
        )  # fmt: skip

    async def salt(self):
        return "salt"

    async def ready(self, seconds):
        if not self.connected:
            await self.hours.sleep(seconds)
        return self.connected

    async def ask(self, cmd, body, *, to=None, seconds=5.0):
        kind = body.get("msgtype", "")
        self.asked.append((self.hours.monotonic() - 1000, cmd, kind, body))
        await asyncio.sleep(0)
        if "upload" in cmd:
            return {"upload_id": "u", "media_id": f"m{len(self.asked)}"}
        step = self.script.pop(0) if self.script else None
        if step is not None:
            raise step
        return {}

    def door(self, at=1000.0):
        return Door(WIRE, "r1", at)

    async def plays(self, story):
        playing = asyncio.ensure_future(story)
        await self.hours.pass_until(playing.done)
        return await playing

    def replies(self, *replies, key="k1"):
        return self.plays(self.speaker.reply(owed(*replies, key=key), lambda: False))

    def pushes(self, reply, number=1):
        return self.plays(self.speaker.push(parcel(reply, number)))

    @property
    def cmds(self):
        return [(cmd.removeprefix("aibot_"), kind) for _, cmd, kind, _ in self.asked]


def owed(*replies, key="k1"):
    return Owed(key, Address("wecom_bot", "zhang"), None, replies)


def parcel(reply, number=1, who="zhang"):
    return Parcel(number, Address("wecom_bot", who), "question", reply)


@told
async def test_the_first_message_answers_and_the_rest_are_messages_of_their_own():
    script = Script()
    script.speaker.opened("k1", script.door())
    await script.replies(QUESTION, Reply("再说一句"))
    assert script.cmds == [("respond_msg", "stream"), ("send_msg", "template_card"), ("send_msg", "markdown")]
    assert script.asked[1][3]["chatid"] == "zhang"
    assert all(body["chat_type"] == 1 for _, cmd, _, body in script.asked if cmd == "aibot_send_msg")


@pytest.mark.parametrize("code", [846604, 846605, 846606, 846608])
@told
async def test_a_message_that_can_no_longer_be_answered_gets_a_message_of_its_own(code):
    script = Script(Refused(code))
    script.speaker.opened("k1", script.door())
    await script.replies(Reply("好"))
    assert script.cmds == [("respond_msg", "stream"), ("send_msg", "markdown")]


@told
async def test_after_nine_minutes_nobody_tries_to_answer_in_place():
    script = Script()
    script.speaker.opened("k1", script.door(at=400.0))
    await script.replies(Reply("好"))
    assert script.cmds == [("send_msg", "markdown")]


@told
async def test_a_reply_shown_in_part_goes_on_where_it_was_left_and_is_never_shown_again():
    script = Script(None, Unsure("no ack"))
    with pytest.raises(DeliveryFailed) as failed:
        await script.replies(Reply("一"), Reply("二"), Reply("三"))
    assert not failed.value.permanent
    await script.replies(Reply("一"), Reply("二"), Reply("三"))
    await script.replies(Reply("一"), Reply("二"), Reply("三"))
    assert [body["markdown"]["content"] for *_, body in script.asked] == ["一", "二", "二", "三"]


@told
async def test_a_card_whose_ack_was_lost_is_known_by_its_number_and_counts_as_shown():
    script = Script(None, Unsure("no ack"), Refused(846625))
    with pytest.raises(DeliveryFailed):
        await script.replies(QUESTION)
    await script.replies(QUESTION)
    tasks = [body["template_card"]["task_id"] for *_, kind, body in script.asked if kind == "template_card"]
    assert len(tasks) == 2
    assert tasks[0] == tasks[1]


@pytest.mark.parametrize(
    ("error", "permanent", "reason"),
    [(Refused(846607), True, "no_first_word"), (Refused(40008), True, "rejected"), (Unsure("x"), False, "no_answer")],
)
@told
async def test_a_reply_that_fails_says_for_how_long(error, permanent, reason):
    with pytest.raises(DeliveryFailed) as failed:
        await Script(error).replies(Reply("好"))
    assert (failed.value.permanent, failed.value.reason) == (permanent, reason)


@told
async def test_a_reply_waits_for_the_connection_and_is_owed_if_it_does_not_come():
    script = Script(NotSent("x"), None)
    await script.replies(Reply("好"))
    assert len(script.asked) == 2
    script = Script(NotSent("x"), connected=False)
    with pytest.raises(DeliveryFailed) as failed:
        await script.replies(Reply("好"))
    assert not failed.value.permanent


@told
async def test_a_busy_system_is_asked_again_and_a_full_conversation_after_a_minute():
    script = Script(Refused(-1), Refused(45009), None)
    await script.replies(Reply("好"))
    assert [round(at, 1) for at, *_ in script.asked] == [0.0, 0.5, 60.5]


@told
async def test_no_conversation_gets_more_than_its_allowance_and_nothing_is_dropped():
    script = Script()
    for number in range(60):
        await script.replies(Reply(str(number)), key=f"k{number}")
    times = [at for at, *_ in script.asked]
    assert len(times) == 60
    assert all(sum(at - 60 < other <= at for other in times) <= 25 for at in times)
    assert times[-1] == 120


@told
async def test_replies_go_before_pushes():
    script = Script(allowance=Allowance(per_minute=1, per_hour=100))
    await script.replies(Reply("零"))
    script.hours._now += 58.0
    push = asyncio.ensure_future(script.speaker.push(parcel(Reply("推"))))
    await asyncio.sleep(0)
    reply = asyncio.ensure_future(script.speaker.reply(owed(Reply("答"), key="k2"), lambda: False))
    await script.hours.pass_until(lambda: push.done() and reply.done())
    assert [body["markdown"]["content"] for *_, body in script.asked] == ["零", "答", "推"]


@told
async def test_a_push_that_somebody_cannot_have_soon_goes_back_to_the_queue_until_then():
    script = Script(allowance=Allowance(per_minute=1, per_hour=100))
    await script.replies(Reply("零"))
    outcome = await script.pushes(Reply("推"))
    assert (outcome.state, outcome.reason) == ("retry", "too_much")
    assert (outcome.not_before - script.hours.now()).total_seconds() == 60
    assert len(script.asked) == 1


@told
async def test_a_push_of_which_somebody_can_have_the_beginning_only_waits_whole():
    script = Script(allowance=Allowance(per_minute=2, per_hour=100))
    await script.replies(Reply("零"))
    assert (await script.pushes(QUESTION)).state == "retry"
    assert len(script.asked) == 1


@told
async def test_a_push_in_parts_is_sent_when_its_last_part_is():
    script = Script()
    assert (await script.pushes(QUESTION)).state == "sent"
    assert script.cmds == [("send_msg", "markdown"), ("send_msg", "template_card")]
    assert (await script.pushes(Reply(""))).state == "failed"


@pytest.mark.parametrize(
    ("first", "state", "reason"),
    [
        (Unsure("x"), "uncertain", "no_answer"),
        (NotSent("x"), "retry", "unreachable"),
        (Refused(846607), "failed", "no_first_word"),
        (Refused(93006), "failed", "no_first_word"),
        (Refused(40008), "failed", "rejected"),
        (Refused(-1), "retry", "errcode_-1"),
        (Refused(45009), "retry", "too_much"),
    ],
)
@told
async def test_a_push_that_fails_at_its_first_part_says_what_became_of_it(first, state, reason):
    script = Script(first)
    outcome = await script.pushes(QUESTION)
    assert (outcome.state, outcome.reason, len(script.asked)) == (state, reason, 1)


@told
async def test_a_push_that_fails_after_its_first_part_is_never_sent_again():
    script = Script(None, NotSent("x"), connected=True)
    script.connected = True
    script.script += [NotSent("x")] * 3
    assert (await script.pushes(QUESTION)).state == "uncertain"


@told
async def test_a_push_waits_a_moment_for_the_connection_and_goes_back_to_the_queue():
    script = Script(connected=False)
    outcome = await script.pushes(Reply("推"))
    assert (outcome.state, script.asked) == ("retry", [])


@told
async def test_a_second_copy_of_a_card_that_had_arrived_is_sent_and_a_text_has_no_number_to_know_it_by():
    buttons = Reply("今天有题", choices=(Choice("开始", "今日答题"),))
    assert (await Script(Refused(846625)).pushes(buttons)).state == "sent"
    assert (await Script(Refused(846625)).pushes(Reply("今天有题"))).state == "failed"


@told
async def test_a_press_is_marked_in_time_or_not_at_all():
    script = Script(allowance=Allowance(per_minute=1, per_hour=100))
    await script.plays(script.speaker.replace("zhang", {"task_id": "x"}, script.door()))
    await script.plays(script.speaker.replace("zhang", {"task_id": "y"}, script.door()))
    assert script.cmds == [("respond_update_msg", "")]
    late = Script()
    late.hours._now += 5.0
    await late.plays(late.speaker.replace("zhang", {}, late.door()))
    assert not late.asked


@pytest.mark.parametrize("error", [Refused(846604), NotSent("x"), Unsure("x")])
@told
async def test_a_mark_or_a_welcome_that_fails_harms_nothing(error):
    script = Script(error, error)
    await script.plays(script.speaker.replace("zhang", {}, script.door()))
    await script.plays(script.speaker.welcome("zhang", "您好", script.door()))
    assert script.cmds == [("respond_update_msg", ""), ("respond_welcome_msg", "text")]


@told
async def test_a_file_that_wecom_has_forgotten_is_uploaded_again():
    script = Script(Refused(40145), None)
    assert (await script.pushes(Reply("", files=(PNG,)))).state == "sent"
    assert [cmd for cmd, _ in script.cmds].count("upload_media_init") == 2
    assert script.cmds[-1] == ("send_msg", "image")


@told
async def test_what_belongs_together_stays_together():
    script = Script()
    both = [script.speaker.push(parcel(QUESTION, 1)), script.speaker.reply(owed(QUESTION), lambda: False)]
    await script.plays(asyncio.gather(*both))
    assert [kind for _, kind in script.cmds] == ["markdown", "template_card"] * 2


def test_a_cards_number_is_the_same_again_and_nobody_elses():
    assert task_of("a", "1:zhang") == task_of("a", "1:zhang")
    assert len({task_of("a", "1:zhang"), task_of("b", "1:zhang"), task_of("a", "1:li")}) == 3
    assert len(task_of("a", "1:zhang")) < 100
