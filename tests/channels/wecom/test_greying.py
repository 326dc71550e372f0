"""Cards that nobody can answer any more go grey: once for all who got them together, again where it may help, and never for ever."""

from contextlib import asynccontextmanager

import pytest

from channels.allowance import Allowance
from channels.sending import Pace
from channels.wecom.greying import Greying
from channels.wecom.showing import Manner, messages
from channels.wecom.speaking import Recipients, Speaker, task_of
from handlers.messages import Choice, QuestionCard, Reply, SpentCards
from tests.channels.wecom.running import hurried, opened, simulated, until
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import told

UPDATE = "/cgi-bin/message/update_template_card"
QUESTION = Reply("", card=QuestionCard("第 1/3 题", "？", ("甲", "乙", "丙"), multiple=False, token="1.0.m"))
BEGIN = Reply("开始了", (Choice("开始答题", "今日答题"),))


@asynccontextmanager
async def town(**more):
    """(simulator, house, greying, sent): `sent(reply, *people)` sends in one call and gives the code of its card."""
    async with simulated(zhang="张三", li="李四", wang="王五") as sim:
        sim.callback("http://127.0.0.1:9/", token="t", aes_key="k")
        house = CollectingHouse()
        async with opened(sim) as api:
            speaker = Speaker(api, Manner(""), Allowance(100, 1000), Pace(), sleep=hurried)

            async def sent(reply, *people):
                for message in messages([reply], task_of(f"{people}"), Manner("")):
                    found = await speaker.send(Recipients(people), message)
                return found.code

            yield sim, house, Greying(house.house, speaker, sleep=hurried), sent
        assert not sim.problems


def cards(sim, user):
    return [(card.greyed, card.grey_label) for card in sim.inbox(user) if card.msgtype == "template_card"]


def updates(sim):
    return [call for call in sim.journal if call.path == UPDATE]


@told
async def test_a_question_answered_elsewhere_goes_grey_and_its_code_is_forgotten():
    async with town() as (sim, house, greying, sent):
        code = await sent(QUESTION, "zhang")
        house.spending = [SpentCards(code, ("zhang",), "已作答")]
        await greying.once()
        assert cards(sim, "zhang") == [(True, "已作答")]
        assert house.grey == [code]
        await greying.once()
        assert len(updates(sim)) == 1


@told
async def test_a_closed_round_greys_the_card_of_all_who_got_it_together_in_one_call():
    async with town() as (sim, house, greying, sent):
        code = await sent(BEGIN, "zhang", "li", "wang")
        house.spending = [SpentCards(code, ("zhang", "li", "wang"), "已截止")]
        await greying.once()
        assert [cards(sim, user) for user in ("zhang", "li", "wang")] == [[(True, "已截止")]] * 3
        assert len(updates(sim)) == 1


@told
async def test_many_codes_go_side_by_side_and_are_told_to_the_house_together():
    async with town() as (sim, house, greying, sent):
        codes = [await sent(QUESTION, user) for user in ("zhang", "li", "wang")]
        house.spending = [
            SpentCards(code, (user,), "已作答") for code, user in zip(codes, ("zhang", "li", "wang"), strict=True)
        ]
        await greying.once()
        assert sorted(house.grey) == sorted(codes)
        assert all(cards(sim, user) == [(True, "已作答")] for user in ("zhang", "li", "wang"))


@told
async def test_a_code_that_has_expired_is_forgotten():
    async with town() as (sim, house, greying, sent):
        code = await sent(QUESTION, "zhang")
        sim.advance(72 * 3600)
        house.spending = [SpentCards(code, ("zhang",), "已作答")]
        await greying.once()
        assert house.grey == [code]
        assert cards(sim, "zhang") == [(False, "")]


@told
async def test_a_code_that_was_used_while_the_answer_got_lost_is_forgotten_the_next_time():
    async with town() as (sim, house, greying, sent):
        code = await sent(QUESTION, "zhang")
        house.spending = [SpentCards(code, ("zhang",), "已作答")]
        sim.fault(UPDATE, "drop_after")
        await greying.once()
        assert house.grey == []
        assert cards(sim, "zhang") == [(True, "已作答")]
        await greying.once()
        assert house.grey == [code]
        assert [call.answer["errcode"] for call in updates(sim)] == [0, 60140]


@told
async def test_the_card_of_somebody_who_has_left_is_forgotten():
    async with town() as (sim, house, greying, sent):
        code = await sent(QUESTION, "zhang")
        sim.remove("zhang")
        house.spending = [SpentCards(code, ("zhang",), "已作答")]
        await greying.once()
        assert house.grey == [code]


@pytest.mark.parametrize(("code", "times"), [(-1, 4), (45009, 4), (60020, 1), (48002, 1), ("500", 1), ("drop", 1)])
@told
async def test_what_another_try_may_mend_is_tried_again(code, times):
    async with town() as (sim, house, greying, sent):
        card = await sent(QUESTION, "zhang")
        house.spending = [SpentCards(card, ("zhang",), "已作答")]
        sim.fault(UPDATE, code, times=times)
        while sim.faults:
            await greying.once()
            assert house.grey == []
        await greying.once()
        assert house.grey == [card]
        assert cards(sim, "zhang") == [(True, "已作答")]


@told
async def test_one_code_in_trouble_holds_up_none_of_the_others():
    async with town() as (sim, house, greying, sent):
        codes = [await sent(QUESTION, user) for user in ("zhang", "li")]
        house.spending = [SpentCards("unknown", ("zhang",), "已作答"), SpentCards(codes[1], ("li",), "已作答")]
        await greying.once()
        assert cards(sim, "li") == [(True, "已作答")]
        assert sorted(house.grey) == sorted(["unknown", codes[1]])


@told
async def test_nothing_spent_is_no_call_and_no_turn():
    async with town() as (sim, house, greying, _):
        house.on_change = lambda: pytest.fail("the house was told of nothing")
        await greying.once()
        assert updates(sim) == []


@told
async def test_it_looks_again_and_again_even_when_the_house_has_failed_and_ends_when_told():
    async with town() as (sim, house, greying, sent):
        looked = []

        async def spent(channel):
            looked.append(channel)
            if len(looked) == 1:
                raise RuntimeError("on purpose")
            return house.spending

        house._spent = spent
        again = Greying(house.house, greying._speaker, sleep=hurried)
        house.spending = [SpentCards(await sent(QUESTION, "zhang"), ("zhang",), "已截止")]
        again.start()
        await until(lambda: house.grey)
        await again.stop()
        assert set(looked) == {"wecom"}
        before = len(looked)
        await hurried(30)
        assert len(looked) == before
        assert cards(sim, "zhang") == [(True, "已截止")]


@told
async def test_it_can_be_stopped_before_it_was_started():
    async with town() as (_, _house, greying, _sent):
        await greying.stop()
