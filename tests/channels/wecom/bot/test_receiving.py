"""From a frame to its record: in order, once, and said when it could not be made."""

import asyncio
from datetime import UTC, datetime

from channels.answering import Answers
from channels.wecom.bot.frames import Attachment, Frame
from channels.wecom.bot.receiving import Receiver
from handlers.messages import UNREADABLE, Address, File, Incoming, Reply
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import Hours, told

NOW = datetime(2026, 12, 4, 1, tzinfo=UTC)
WIRE = object()


class Mouth:
    """A Speaker that notes what it was to say, at which second."""

    def __init__(self, hours):
        self.hours, self.said, self.doors = hours, [], {}

    def opened(self, key, door):
        self.doors[key] = door

    async def reply(self, owed, superseded):
        self.said.append(("reply", owed.key))
        return ()

    async def replace(self, chat, card, door):
        self.said.append(("replace", card["task_id"], door.req_id, self.hours.monotonic() - 1000))

    async def welcome(self, chat, text, door):
        self.said.append(("welcome", chat, text[:2]))

    async def say(self, chat, text):
        self.said.append(("say", chat))


class Scene:
    def __init__(self, answer=lambda _: (Reply("好", edits=True),), fetch=None):
        self.hours = Hours()
        self.house = CollectingHouse(answer, sleep=self.hours.sleep)
        self.mouth = Mouth(self.hours)
        answers = Answers("wecom_bot", self.house.house, self.mouth.reply, now=self.hours.now, sleep=self.hours.sleep)
        self.receiver = Receiver(
            self.house.house,
            self.mouth,
            answers,
            fetch or self.none,
            monotonic=self.hours.monotonic,
            sleep=self.hours.sleep,
        )

    async def none(self, attachment):
        return None

    async def hears(self, *frames):
        for frame in frames:
            await self.receiver.heard(frame, WIRE)
        stopping = asyncio.ensure_future(self.receiver.stop(within=60.0))
        await self.hours.pass_until(stopping.done)


def frame(key, kind="message", who="zhang", attachment=None, **said):
    return Frame(
        kind, f"r-{key}", who, Incoming(f"wecom_bot:{key}", Address("wecom_bot", who), NOW, **said), attachment
    )


@told
async def test_a_message_opens_its_door_and_a_press_changes_its_card():
    scene = Scene()
    await scene.hears(frame("1", text="今日答题"), frame("2", "press", action="=t:A", origin="x1q"))
    assert scene.mouth.doors["wecom_bot:1"].req_id == "r-1"
    assert "wecom_bot:2" not in scene.mouth.doors
    assert ("replace", "x1q", "r-2", 0.0) in scene.mouth.said
    assert [said for said in scene.mouth.said if said[0] == "reply"] == [
        ("reply", "wecom_bot:1"),
        ("reply", "wecom_bot:2"),
    ]


@told
async def test_a_repeated_event_is_shown_by_nobody():
    scene = Scene()
    await scene.hears(frame("1", text="在"), frame("1", text="在"))
    assert scene.mouth.said == [("reply", "wecom_bot:1")]


@told
async def test_who_opens_the_chat_is_welcomed_without_a_record():
    scene = Scene()
    await scene.hears(Frame("enter", "r1", "li"))
    await asyncio.sleep(0)
    assert scene.mouth.said == [("welcome", "li", "您好")]
    assert not scene.house.came


@told
async def test_one_persons_frames_are_recorded_in_order_and_nobody_waits_for_another():
    held = asyncio.Event()

    async def slowly(attachment):
        await held.wait()
        return File("a.txt", "text/plain", b"x")

    scene = Scene(fetch=slowly)
    for each in (
        frame("1", attachment=Attachment("https://x", "", "file")),
        frame("2", text="二"),
        frame("3", who="li", text="三"),
    ):
        await scene.receiver.heard(each, WIRE)
    await scene.hours.pass_for(1.0)
    assert [incoming.key for incoming in scene.house.came] == ["wecom_bot:3"]
    held.set()
    await scene.hears()
    assert [incoming.key for incoming in scene.house.came] == ["wecom_bot:3", "wecom_bot:1", "wecom_bot:2"]
    assert scene.house.came[1].file.content == b"x"


@told
async def test_a_file_that_cannot_be_had_is_unreadable():
    scene = Scene()
    await scene.hears(frame("1", text="看", attachment=Attachment("https://x", "", "file")))
    assert (scene.house.came[0].action, scene.house.came[0].text) == (UNREADABLE, "")


@told
async def test_a_record_that_fails_is_tried_again_and_one_that_cannot_be_made_is_said():
    scene = Scene()
    scene.house.failing = {"submit": 5}
    await scene.hears(frame("1", text="在"))
    assert len(scene.house.came) == 1
    scene.house.failing = {"submit": 6}
    await scene.hears(frame("2", text="在"))
    assert len(scene.house.came) == 1
    assert scene.mouth.said[-1] == ("say", "zhang")


@told
async def test_a_thousand_who_wait_hold_the_reading_of_more():
    held = asyncio.Event()

    async def slowly(attachment):
        await held.wait()

    scene = Scene(fetch=slowly)
    for number in range(1000):
        await scene.receiver.heard(
            frame(str(number), who=f"u{number}", attachment=Attachment("https://x", "", "file")), WIRE
        )
    more = asyncio.ensure_future(scene.receiver.heard(frame("more", text="在"), WIRE))
    await asyncio.sleep(0)
    assert not more.done()
    held.set()
    await more
    await scene.hears()
    assert len(scene.house.came) == 1001
