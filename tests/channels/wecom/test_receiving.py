"""Events on their way in: on disk first, then a mark on the pressed card that never says more than was recorded, then the replies."""

import asyncio
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from channels.wecom.reading import Event, Media
from channels.wecom.receiving import Receiver
from channels.wecom.refusals import NotSent, Refused, Unsure
from handlers.messages import (
    BLOCKED,
    UNREADABLE,
    Address,
    Choice,
    Incoming,
    QuestionCard,
    Reply,
    ShownCard,
    answer_action,
)
from tests.engine import DAILY, QUESTIONS, Engine
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import Hours, told

ZHANG = Address("wecom", "zhang")
NOON = datetime(2026, 12, 4, 4, tzinfo=UTC)
FIRST = QuestionCard("第 1/2 题", "一？", ("甲", "乙", "丙"), multiple=False, token="1.0.m")
SECOND = QuestionCard("第 2/2 题", "二？", ("甲", "乙", "丙"), multiple=True, token="1.1.m")


class Heard:
    """Where replies and greyed cards go."""

    def __init__(self):
        self.owed, self.noted = [], []

    def show(self, owed):
        self.owed.append(owed)

    def note(self, cards):
        self.noted += cards


class Shelf:
    """An Api whose downloads are this: bytes, None, or an error; each takes `takes` seconds."""

    def __init__(self, content=b"x", hours=None, takes=0.0):
        self.content, self.hours, self.takes, self.now, self.most = content, hours, takes, 0, 0

    async def download(self, media_id):
        self.now += 1
        self.most = max(self.most, self.now)
        if self.hours:
            await self.hours.sleep(self.takes)
        self.now -= 1
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


def receiving(*replies, shelf=None):
    """(receiver, house, what it showed) where everything is answered by these replies."""
    house, heard = CollectingHouse(lambda _: replies), Heard()
    return Receiver(house.house, shelf or Shelf(), heard), house, heard


def said(text="今日答题", key="wecom:1"):
    return Event("Zhang", Incoming(key, ZHANG, NOON, text=text))


def pressed(action, key="wecom:1"):
    return Event("Zhang", Incoming(key, ZHANG, NOON, action=action, origin="task-0"), task="task-0", code="c")


def dropped(key="wecom:1", name="photo.jpg"):
    return Event("Zhang", Incoming(key, ZHANG, NOON), Media("m1", name, "image/jpeg"))


# What is seen. ------------------------------------------------------------------------------------------------------------


@told
async def test_what_was_said_is_recorded_and_its_replies_are_shown():
    receiver, house, heard = receiving(Reply("好"))
    assert await receiver.take(said()) == ""
    assert [incoming.text for incoming in house.came] == ["今日答题"]
    [owed] = heard.owed
    assert (owed.key, owed.address, owed.replies) == ("wecom:1", ZHANG, (Reply("好"),))
    assert heard.noted == []


@told
async def test_what_could_not_be_recorded_shows_nothing_and_says_so():
    receiver, house, heard = receiving(Reply("好"))
    house.failing = {"submit": 1}
    with pytest.raises(RuntimeError):
        await receiver.take(pressed("=1.0.m:A"))
    assert heard.owed == heard.noted == []


@told
async def test_a_callback_that_says_nothing_to_us_is_no_turn():
    receiver, house, _ = receiving()
    assert await receiver.take(Event("Zhang")) == ""
    assert await receiver.take(Event("Zhang", task="task-0", code="c")) == ""
    assert house.came == []


@told
async def test_what_wecom_warns_the_administrator_of_stands_in_the_log():
    receiver, _, _ = receiving()
    with capture_logs() as logs:
        await receiver.take(Event("", trouble="inactive_alert"))
    assert logs == [{"event": "wecom_warns", "log_level": "error", "of": "inactive_alert"}]


@told
async def test_a_repetition_greys_its_card_again_and_shows_nothing_twice():
    receiver, _, heard = receiving(Reply("正确。", card=SECOND, edits=True))
    labels = [await receiver.take(pressed("=1.0.m:B")) for _ in range(2)]
    assert labels == ["✓ B", "✓ B"]
    assert len(heard.owed) == len(heard.noted) == 1


@told
async def test_who_has_just_left_is_told_nothing():
    receiver, house, heard = receiving(Reply("再见"))
    await receiver.take(Event("Zhang", Incoming("wecom:1", ZHANG, NOON, action=BLOCKED)))
    assert house.came[0].action == BLOCKED
    assert [owed.replies for owed in heard.owed] == [()]


# The mark on the card. ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "reply", "label"),
    [
        ("=1.0.m:A", Reply("正确。", card=SECOND, edits=True), "✓ A"),
        ("=1.0.m:AC", Reply("完成，得 2 分。", edits=True), "✓ AC"),
        ("第 2 题", Reply("", card=SECOND, edits=True), "✓"),
        ("=1.1.m:A", Reply("请至少选两项。", card=SECOND, edits=True), "↓"),
        ("=1.0.m:A", Reply("没有记下，出错了，请再试一次。"), ""),
        ("=1.0.m:A", Reply("这道题已经答过。", card=SECOND), ""),
        ("=1.0.m:A", Reply("已经截止。", (Choice("今日答题", "今日答题"),)), ""),
        ("帮助", Reply("您可以这样做"), ""),
    ],
)
@told
async def test_the_mark_on_a_pressed_card_says_what_was_chosen_only_if_that_was_recorded(action, reply, label):
    receiver, _, heard = receiving(reply)
    assert await receiver.take(pressed(action)) == label
    greyed = [ShownCard(ZHANG, action[1:6], "")] if action.startswith("=") and label else []
    assert heard.noted == greyed, "a card that stays open keeps its code"


@told
async def test_what_was_typed_or_chosen_in_the_menu_marks_no_card():
    receiver, _, heard = receiving(Reply("正确。", card=SECOND, edits=True))
    assert await receiver.take(said("A")) == ""
    assert await receiver.take(Event("Zhang", Incoming("wecom:2", ZHANG, NOON, action="=1.0.m:A"))) == ""
    assert heard.noted == []


class Town:
    """The real engine behind the channel, with a card that 张三 has before him."""

    def __init__(self, database):
        self.engine = Engine(database).with_bank(*QUESTIONS)
        self.engine.person("张三", "住建局", channel="wecom")
        self.engine.with_plan(DAILY).at("09:00")
        self.engine.says("张三", "今日答题", channel="wecom")
        self.house = CollectingHouse(lambda incoming: self.engine.hears("张三", incoming))
        self.receiver, self.keys = Receiver(self.house.house, Shelf(), Heard()), iter(range(100))

    async def press(self, card, letters):
        incoming = self.engine.incoming("张三", "wecom", action=answer_action(card.token, letters), origin="task-0")
        return await self.receiver.take(Event("Zhang", incoming, task="task-0", code="c"))


@told
async def test_on_the_real_engine_a_second_press_does_not_change_what_the_first_one_says(sqlite):
    town = Town(sqlite)
    card = town.engine.card("张三")
    assert await town.press(card, "B") == "✓ B"
    assert await town.press(card, "A") == "", "only the first counts"


@told
async def test_on_the_real_engine_a_press_after_the_close_is_marked_by_nothing(sqlite):
    town = Town(sqlite)
    card = town.engine.card("张三")
    town.engine.at("18:01")
    assert await town.press(card, "A") == ""


@told
async def test_on_the_real_engine_a_turn_that_fails_leaves_its_card_to_be_pressed_again(sqlite, monkeypatch):
    town = Town(sqlite)
    card = town.engine.card("张三")
    with monkeypatch.context() as broken, capture_logs():
        broken.setattr("storage.answers.sitting", lambda *_: 1 / 0)
        assert await town.press(card, "A") == ""
    assert await town.press(card, "A") == "✓ A"


# Files. -------------------------------------------------------------------------------------------------------------------


@told
async def test_a_picture_is_fetched_and_handed_over_whole():
    receiver, house, _ = receiving(shelf=Shelf(b"\xff\xd8\xff" * 1000))
    await receiver.take(dropped())
    [incoming] = house.came
    assert (incoming.file.name, incoming.file.media_type) == ("photo.jpg", "image/jpeg")
    assert incoming.file.content == b"\xff\xd8\xff" * 1000


@pytest.mark.parametrize("content", [None, Refused(40007), NotSent("x"), Unsure("x")])
@told
async def test_a_picture_that_cannot_be_had_is_unreadable(content):
    receiver, house, _ = receiving(shelf=Shelf(content))
    await receiver.take(dropped())
    assert [(incoming.action, incoming.file) for incoming in house.came] == [(UNREADABLE, None)]


@told
async def test_four_pictures_are_fetched_at_once_and_all_come():
    hours = Hours()
    shelf = Shelf(hours=hours, takes=2.0)
    receiver, house, _ = receiving(shelf=shelf)
    taking = asyncio.gather(*(receiver.take(dropped(f"wecom:{n}")) for n in range(10)))
    await hours.pass_until(taking.done)
    assert shelf.most == 4
    assert all(incoming.file for incoming in house.came)


@told
async def test_a_picture_that_takes_too_long_is_unreadable(monkeypatch):
    monkeypatch.setattr("channels.wecom.receiving.FETCH_SECONDS", 0.01)
    receiver, house, _ = receiving(shelf=Shelf(hours=Hours(), takes=5.0))
    await receiver.take(dropped())
    assert house.came[0].action == UNREADABLE
