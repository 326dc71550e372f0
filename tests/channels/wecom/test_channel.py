"""The whole app over real HTTP: encrypted callbacks in, the API out, its menu, its directory, and its beginning and end."""

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from channels.wecom.api import Credentials
from channels.wecom.channel import Setup
from handlers.messages import BLOCKED, UNBLOCKED, Address, Choice, Member, Owed, Parcel, QuestionCard, Reply, SpentCards
from handlers.words import words
from tests.channels.wecom.running import hurried, running, simulated, until
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import told

SEND, MENU = "/cgi-bin/message/send", "/cgi-bin/menu/create"
LOOK = 600
ZHANG = Address("wecom", "zhang")
FIRST = QuestionCard("第 1/2 题", "一？", ("甲", "乙", "丙"), multiple=False, token="1.0.m")
SECOND = QuestionCard("第 2/2 题", "二？", ("甲", "乙", "丙"), multiple=True, token="1.1.m", submit_label="提交")


def quiz():
    """今日答题 -> the first card; its A -> the second; the second's B and C -> the result."""
    replies = {
        "今日答题": (Reply("", card=FIRST),),
        "=1.0.m:A": (Reply("正确。", card=SECOND, edits=True),),
        "=1.1.m:BC": (Reply("完成，得 2 分。", edits=True),),
    }
    return CollectingHouse(lambda incoming: replies.get(incoming.action or incoming.text, ()))


@asynccontextmanager
async def town(house=None, *, sound=True, **settings):
    """(simulator, house, channel) with 张三 and 李四."""
    house = house or quiz()
    async with simulated(Zhang="张三", li="李四") as sim:
        async with running(sim, house, **settings) as channel:
            yield sim, house, channel
        assert not sim.dropped
        assert not sound or not sim.problems


def calls(sim, path):
    return [call for call in sim.journal if call.path == path]


def cards(sim, user="zhang"):
    return [sent for sent in sim.inbox(user) if sent.msgtype == "template_card"]


# Conversations. -----------------------------------------------------------------------------------------------------------


@told
async def test_a_quiz_is_taken_by_buttons_and_a_vote_and_each_card_says_what_was_chosen():
    async with town() as (sim, house, _):
        assert (await sim.says("Zhang", "今日答题")).accepted
        await until(lambda: cards(sim))
        assert (await sim.clicks("Zhang", cards(sim)[0], "=1.0.m:A")).accepted
        await until(lambda: len(cards(sim)) == 2)
        await sim.clicks("Zhang", cards(sim)[1], "=1.1.m:", ["C", "B"])
        await until(lambda: sim.inbox("zhang")[-1].text == "完成，得 2 分。")
        await until(lambda: len(house.shown) == 3)
        assert [(card.greyed, card.grey_label) for card in cards(sim)] == [(True, "✓ A"), (True, "✓ BC")]
        assert [incoming.action or incoming.text for incoming in house.came] == ["今日答题", "=1.0.m:A", "=1.1.m:BC"]
        assert {incoming.account for incoming in house.came} == {ZHANG}


@told
async def test_the_house_hears_which_questions_stand_open_and_which_were_greyed_by_the_answer():
    async with town() as (sim, house, _):
        await sim.says("Zhang", "今日答题")
        await until(lambda: house.cards)
        await sim.clicks("Zhang", cards(sim)[0], "=1.0.m:A")
        await until(lambda: len(house.cards) == 3)
        assert [(card.account, card.token, bool(card.code)) for card in house.cards] == [
            (ZHANG, "1.0.m", True), (ZHANG, "1.0.m", False), (ZHANG, "1.1.m", True),
        ]  # fmt: skip


@told
async def test_what_could_not_be_recorded_is_delivered_again_and_recorded_once():
    house = quiz()
    house.failing = {"submit": 2}
    async with town(house) as (sim, _, _channel):
        delivery = await sim.says("Zhang", "今日答题")
        assert (delivery.accepted, delivery.tries) == (True, 3)
        await until(lambda: cards(sim))
        assert len(house.came) == 1


@told
async def test_a_callback_that_comes_twice_is_answered_twice_and_shown_once():
    async with town() as (sim, house, _):
        sim.duplicate_deliveries = 1
        await sim.says("Zhang", "今日答题")
        await until(lambda: house.shown)
        await hurried(5)
        assert len(house.again) == 1
        assert len(cards(sim)) == 1


@told
async def test_owed_replies_are_shown_and_reported():
    house = quiz()
    house.owing.append(Owed("wecom:old", ZHANG, None, (Reply("没有说成的话"),)))
    async with town(house) as (sim, _, _channel):
        await until(lambda: house.shown)
        assert [sent.text for sent in sim.inbox("zhang")] == ["没有说成的话"]


@told
async def test_a_reply_to_somebody_who_is_gone_makes_them_blocked_and_their_return_unblocks_them():
    async with town() as (sim, house, _):
        sim.users["zhang"].visible = False
        await sim.says("Zhang", "今日答题")
        await until(lambda: len(house.came) == 2)
        assert (house.came[1].action, house.came[1].key) == (
            f"{BLOCKED} not_visible",
            f"{house.came[0].key}:not_visible",
        )
        await sim.subscribes("Zhang")
        assert house.came[2].action == UNBLOCKED
        await sim.unsubscribes("Zhang")
        assert house.came[3].action == BLOCKED


@told
async def test_pushes_go_out_and_spent_cards_go_grey():
    house = quiz()
    begin = Reply("开始了", (Choice("开始答题", "今日答题"),))
    for number, user in enumerate(("zhang", "li"), 1):
        house.planned.append(Parcel(number, Address("wecom", user), "card", begin))
    async with town(house) as (sim, _, _channel):
        await until(lambda: len(house.outcomes) == 2)
        assert len(calls(sim, SEND)) == 1
        house.spending = [SpentCards(house.outcomes[0].code, ("zhang", "li"), "已截止")]
        await until(lambda: house.grey)
        assert [cards(sim, user)[0].grey_label for user in ("zhang", "li")] == ["已截止", "已截止"]


@told
async def test_without_cards_everything_is_typed():
    async with town(cards=False) as (sim, house, _):
        await sim.says("Zhang", "今日答题")
        await until(lambda: house.shown)
        assert [sent.msgtype for sent in sim.inbox("zhang")] == ["text"]
        assert "A. 甲" in sim.inbox("zhang")[0].text


# The menu. ----------------------------------------------------------------------------------------------------------------


@told
async def test_the_menu_is_set_once_and_again_only_when_it_has_changed_or_is_gone():
    house = quiz()
    async with simulated() as sim:
        for said, made in ((None, 1), (None, 1), ("学一学", 2), ("学一学", 2)):
            if said:
                house._words = lambda language: {**words(language), "wecom.menu_study": "学一学"}
            async with upkept(sim, house):
                assert len(calls(sim, MENU)) == made
        assert sim.menu[0]["name"] == "学一学"
        sim.menu = None
        async with upkept(sim, house):
            assert sim.menu[0]["name"] == "学一学"


@asynccontextmanager
async def upkept(sim, house):
    """The channel, once it has looked after menu and directory."""
    looks = Looks(shanghai(4, 15))
    async with running(sim, house, now=looks.now, sleep=looks.sleep):
        await until(lambda: looks.pause)
        yield


@told
async def test_a_press_in_the_menu_says_the_words_it_shows():
    async with town() as (sim, house, _):
        await until(lambda: sim.menu)
        first = sim.menu[0]["sub_button"][0]
        assert (first["name"], first["key"]) == ("今日答题", "今日答题")
        await sim.menu_click("Zhang", first["key"])
        await until(lambda: cards(sim))
        assert house.came[0].action == "今日答题"


# The directory. -----------------------------------------------------------------------------------------------------------


class Looks:
    """A wall clock moved by hand, and a sleep that ends a pause of ten minutes only when told to look again."""

    def __init__(self, now):
        self.time, self.pause = now, None

    def now(self):
        return self.time

    async def sleep(self, seconds):
        if seconds == LOOK:
            self.pause = asyncio.get_running_loop().create_future()
            await self.pause
        else:
            await hurried(seconds)

    async def at(self, moment):
        """Lets it be that moment, and the channel look."""
        await until(lambda: self.pause is not None)
        pause, self.pause, self.time = self.pause, None, moment
        pause.set_result(None)
        await until(lambda: self.pause is not None)


def shanghai(day, hour, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@told
async def test_the_directory_is_pulled_at_the_first_start_and_then_once_a_night():
    looks, house = Looks(shanghai(4, 15)), quiz()
    async with town(house, now=looks.now, sleep=looks.sleep):
        await until(lambda: looks.pause)
        assert len(house.directories) == 1
        for day, hour, minute, pulled in (
            (4, 15, 10, 1), (4, 23, 50, 1), (5, 1, 50, 1), (5, 2, 0, 2), (5, 2, 10, 2), (5, 5, 50, 2), (5, 12, 0, 2),
            (6, 1, 59, 2), (6, 3, 0, 3), (6, 5, 0, 3),
        ):  # fmt: skip
            await looks.at(shanghai(day, hour, minute))
            assert len(house.directories) == pulled, f"{day} {hour}:{minute}"


@told
async def test_a_restart_pulls_no_directory_twice_but_one_after_days_of_rest_does_at_once():
    house = quiz()
    for moment, pulled in ((shanghai(4, 15), 1), (shanghai(4, 16), 1), (shanghai(7, 12), 2)):
        looks = Looks(moment)
        async with town(house, now=looks.now, sleep=looks.sleep):
            await until(lambda looks=looks: looks.pause)
            assert len(house.directories) == pulled


@told
async def test_the_directory_holds_whom_the_app_sees_with_their_departments():
    house = quiz()
    async with town(house) as (_, _house, _channel):
        await until(lambda: house.directories)
    assert house.directories == [("wecom", (Member("li", "李四", ()), Member("zhang", "张三", ())))]


@told
async def test_a_menu_that_wecom_refuses_holds_up_no_directory_and_each_is_tried_again():
    looks, house = Looks(shanghai(4, 15)), quiz()
    async with simulated(Zhang="张三") as sim:
        sim.fault(MENU, 48002)
        async with running(sim, house, now=looks.now, sleep=looks.sleep):
            await until(lambda: looks.pause)
            assert (len(house.directories), sim.menu) == (1, None)
            sim.fault("/cgi-bin/department", 60020, times=2)
            await looks.at(shanghai(5, 3))
            assert (len(house.directories), len(sim.menu)) == (1, 3)
            await looks.at(shanghai(5, 3, 10))
            await looks.at(shanghai(5, 3, 20))
            assert len(house.directories) == 2


# Beginning and end. -------------------------------------------------------------------------------------------------------


@told
async def test_the_channel_starts_while_wecom_is_away_and_answers_when_it_is_back():
    async with simulated(Zhang="张三") as sim:
        sim.fault("/cgi-bin/gettoken", "drop", times=6)
        async with running(sim, quiz()) as channel:
            assert await channel.username() == ""
            await sim.says("Zhang", "今日答题")
            await until(lambda: not sim.faults)


@told
async def test_the_apps_name_is_asked_for_once_and_kept():
    async with town() as (sim, house, channel):
        assert [await channel.username() for _ in range(3)] == ["学法"] * 3
        assert len(calls(sim, "/cgi-bin/agent/get")) == 1
        assert house.kept[f"wecom.name.{sim.agent_id}"] == "学法"


@told
async def test_a_stop_records_what_has_come_in_and_shows_its_replies():
    house, gate = quiz(), asyncio.Event()
    submit = house._submit

    async def slow(incoming):
        await gate.wait()
        return await submit(incoming)

    house._submit = slow
    async with simulated(Zhang="张三") as sim:
        async with running(sim, house) as channel:
            saying = asyncio.ensure_future(sim.says("Zhang", "今日答题"))
            await hurried(5)
            stopping = asyncio.ensure_future(channel.stop())
            await hurried(5)
            assert not stopping.done()
            gate.set()
            assert (await saying).accepted
            await stopping
        assert len(cards(sim)) == 1
        assert house.shown == [house.came[0].key]


@pytest.mark.parametrize("fault", [40001, "500", "drop"])
@told
async def test_no_secret_and_no_token_is_in_any_log_whatever_fails(fault, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    async with simulated(Zhang="张三") as sim:
        for path in ("/cgi-bin/menu", "/cgi-bin/department", SEND, "/cgi-bin/agent"):
            sim.fault(path, fault, times=3)
        async with running(sim, quiz()) as channel:
            await sim.says("Zhang", "今日答题")
            await channel.username()
            await until(lambda: calls(sim, SEND))
            await hurried(5)
        told_all = caplog.text + "".join(capsys.readouterr())
        assert "wecom_" in told_all
        assert not [secret for secret in (sim.secret, *sim.tokens) if secret in told_all]


@told
async def test_a_refusal_that_only_an_admin_can_mend_is_told_with_the_address_to_add():
    async with simulated(Zhang="张三") as sim:
        sim.trusted_ips = {"10.0.0.1"}
        house = quiz()
        async with running(sim, house):
            await until(lambda: house.alarms)
        assert house.alarms[0] == ("wecom", "refused", {"code": "60020", "ip": "127.0.0.1"})


def test_a_setups_secrets_are_in_no_repr():
    setup = Setup(Credentials("ww1", 7, "app-SECRET"), "tok-SECRET", "aes-SECRET")
    assert "SECRET" not in repr(setup)
    assert "7" in repr(setup)


@told
async def test_a_channel_offers_its_callback_and_its_login():
    async with town() as (_, _house, channel):
        assert channel.name == "wecom"
        assert [route.path for route in channel.routes] == ["/wecom/callback", "/wecom/login", "/wecom/entered"]
