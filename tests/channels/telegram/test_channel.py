"""The whole channel over real HTTP: nothing is lost, doubled or shown early, whatever Telegram does."""

import asyncio
import logging

import pytest

from channels.telegram.reading import MOST_BYTES
from handlers.messages import UNREADABLE, Choice, Reply
from tests.channels.telegram.running import FIRST, Fast, impatient, quiz, running
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import told


@told
async def test_nothing_is_acknowledged_or_shown_before_it_is_on_disk(fake):
    gate, house = asyncio.Event(), quiz()
    submit = house._submit

    async def slow(incoming):
        await gate.wait()
        return await submit(incoming)

    house._submit = slow
    zhang = fake.person(7)
    zhang.says("今日答题")
    async with running(fake, house):
        await fake.waits(lambda: fake.called("getUpdates"))
        assert fake.unacknowledged
        assert not zhang.sees()
        gate.set()
        await fake.waits(zhang.sees)
        await fake.waits(lambda: not fake.unacknowledged)


@told
async def test_what_could_not_be_recorded_is_fetched_again_and_the_rest_is_recorded_once(fake):
    house = quiz()
    house.failing = {"submit": 2}
    people = [fake.person(number) for number in range(1, 9)]
    for person in people:
        person.says("今日答题")
    async with running(fake, house):
        await fake.waits(lambda: all(person.sees() for person in people))
        await fake.waits(lambda: not fake.unacknowledged)
    assert sorted(incoming.account.id for incoming in house.came) == [str(number) for number in range(1, 9)]
    assert all(len(person.sees()) == 1 for person in people)


@told
async def test_one_persons_messages_keep_their_order_even_when_one_must_be_tried_again(fake):
    house = CollectingHouse()
    house.failing = {"submit": 1}
    zhang = fake.person(7)
    for number in range(12):
        zhang.says(str(number))
    async with running(fake, house):
        await fake.waits(lambda: not fake.unacknowledged)
    assert [incoming.text for incoming in house.came] == [str(number) for number in range(12)]


@told
async def test_restarted_numbering_is_no_repetition(fake):
    house, zhang = CollectingHouse(), fake.person(7)
    fake.renumber(5)
    zhang.says("一")
    async with running(fake, house):
        await fake.waits(lambda: not fake.unacknowledged)
    fake.renumber(5)
    zhang.says("二")
    async with running(fake, house):
        await fake.waits(lambda: not fake.unacknowledged)
    assert [incoming.text for incoming in house.came] == ["一", "二"]


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "half", "502", "garbage", "429_bare"])
@told
async def test_polling_survives(fake, fault):
    house, zhang = quiz(), fake.person(7)
    fake.fail("getUpdates", fault, times=2)
    zhang.says("今日答题")
    async with running(fake, house, monotonic=Fast()) as channel:
        await fake.waits(zhang.sees)
        await fake.waits(lambda: not fake.unacknowledged)
        assert channel.poll_age < 90
    assert len(house.came) == 1


@told
async def test_a_second_poller_is_noticed_and_the_channel_comes_back(fake):
    house, zhang = quiz(), fake.person(7)
    async with running(fake, house) as channel:
        await fake.waits(lambda: fake.called("deleteWebhook"))
        with fake.world.lock:
            fake.world.webhook = ("http://127.0.0.1:9/x", "")
            fake.world.poll += 1
            fake.world.changed()
        await fake.waits(lambda: channel.conflict)
        with fake.world.lock:
            fake.world.webhook = None
        zhang.says("今日答题")
        await fake.waits(zhang.sees)
        assert not channel.conflict


@told
async def test_a_file_dropped_into_the_chat_is_handed_over_whole(fake):
    house, zhang = CollectingHouse(), fake.person(7)
    async with running(fake, house):
        zhang.sends_file("名册.xlsx", b"PK" * 70_000, caption="导入")
        await fake.waits(lambda: house.came)
    (incoming,) = house.came
    assert (incoming.text, incoming.file.name, incoming.file.content) == ("导入", "名册.xlsx", b"PK" * 70_000)


@told
async def test_a_file_that_cannot_be_had_is_unreadable_and_holds_nobody_up(fake):
    house, zhang = CollectingHouse(), fake.person(7)
    with fake.world.lock:
        zhang.sends_file("x.zip", b"x")
        fake.world.files.clear()
        zhang.sends_file("y.zip", b"y" * 10)
        fake.world.messages[7, 2].content = b""
    async with running(fake, house):
        await fake.waits(lambda: not fake.unacknowledged)
    assert [(incoming.action, incoming.file and incoming.file.name) for incoming in house.came] == [
        (UNREADABLE, None),
        ("", "y.zip"),
    ]
    assert MOST_BYTES == 20 * 1024 * 1024


@told
async def test_the_channel_starts_while_telegram_is_away_and_finds_its_name_later(fake):
    house, zhang = quiz(), fake.person(7)
    fake.fail("*", "reset_before", times=4)
    zhang.says("今日答题")
    async with running(fake, house) as channel:
        await fake.waits(zhang.sees)
        assert await channel.username() == "xuefa_test_bot"
        assert await channel.username() == "xuefa_test_bot"
    assert len([entry for entry in fake.called("getMe") if entry.status == 200]) == 1
    assert house.kept == {"telegram.username.42": "xuefa_test_bot"}


@told
async def test_the_name_is_empty_while_telegram_is_away_and_nothing_raises(fake):
    fake.fail("getMe", "reset_before")
    async with running(fake, CollectingHouse()) as channel:
        assert await channel.username() == ""


@told
async def test_the_token_is_in_no_log_whatever_fails(fake, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    house, zhang = quiz(), fake.person(7)
    for method, fault in (
        ("getUpdates", "half"),
        ("getUpdates", "502"),
        ("sendMessage", "hang"),
        ("sendMessage", "garbage"),
        ("deleteWebhook", "502"),
    ):
        fake.fail(method, fault)
    zhang.says("今日答题")
    house.plan(1, 7)
    async with running(fake, house, request=impatient):
        await fake.waits(lambda: house.states.get(1) not in (None, "retry"))
        await fake.waits(lambda: not fake.unacknowledged)
    told_all = caplog.text + "".join(capsys.readouterr())
    assert "polling_failed" in told_all
    assert "SECRET" not in told_all


@told
async def test_roles_share_the_work(fake):
    house, zhang = quiz(), fake.person(7)
    house.plan(1, 7)
    async with running(fake, house, receive=False) as sender:
        await fake.waits(lambda: house.outcomes)
        assert (sender.poll_age, sender.routes) == (None, [])
    assert not fake.called("getUpdates")
    house.plan(2, 7)
    async with running(fake, house, send=False):
        zhang.says("今日答题")
        await fake.waits(lambda: len(zhang.sees()) == 2)
    assert house.claims
    assert len(house.planned) == 1


@told
async def test_pushes_go_out_are_settled_and_say_under_which_number(fake):
    house = CollectingHouse()
    people = [fake.person(number) for number in range(1, 31)]
    for number in range(1, 31):
        house.plan(number, number, Reply("", card=FIRST))
    people[4].blocks()
    people[5].deactivates()
    house.plan(31, 404)
    async with running(fake, house):
        await fake.waits(lambda: len(house.outcomes) == 31)
    by_id = {outcome.id: outcome for outcome in house.outcomes}
    assert [(by_id[n].state, by_id[n].reason) for n in (5, 6, 31)] == [
        ("failed", "blocked"), ("failed", "deactivated"), ("failed", "chat_not_found"),
    ]  # fmt: skip
    assert all(by_id[n].platform_id == str(people[n - 1].sees()[0].id) for n in (1, 2, 30))


@pytest.mark.parametrize(
    ("fault", "state", "copies"),
    [("reset_after", "uncertain", 1), ("502", "uncertain", 0), ("429:1", "sent", 1), ("429_bare", "sent", 1)],
)
@told
async def test_a_push_is_never_repeated_unless_it_surely_was_not_sent(fake, fault, state, copies):
    house, zhang = CollectingHouse(), fake.person(7)
    house.plan(1, 7)
    fake.fail("sendMessage", fault)
    async with running(fake, house, monotonic=Fast()):
        await fake.waits(lambda: house.states.get(1) not in (None, "retry"))
    assert house.states == {1: state}
    assert len(zhang.sees()) == copies


@told
async def test_in_a_storm_of_faults_nobody_gets_a_push_twice_and_every_sent_one_is_there(fake):
    house = CollectingHouse()
    people = {number: fake.person(number) for number in range(1, 201)}
    for number in people:
        house.plan(number, number)
    for fault in ("reset_before", "reset_after", "half", "502", "502_after", "garbage", "429:1"):
        fake.fail("sendMessage", fault, times=1000, share=0.05)
    async with running(fake, house, send=True, receive=False, monotonic=Fast()):
        await fake.waits(lambda: sum(state != "retry" for state in house.states.values()) == 200)
    copies = {number: len(person.sees()) for number, person in people.items()}
    assert max(copies.values()) == 1
    assert all(copies[number] == 1 for number, state in house.states.items() if state == "sent")
    assert {"sent", "uncertain"} == set(house.states.values())


@told
async def test_a_long_article_whose_end_is_too_fast_is_finished_and_not_begun_again(fake):
    house, zhang = CollectingHouse(), fake.person(7)
    house.plan(
        1, 7, Reply("", article="\n\n".join("文" * 1500 for _ in range(6)), choices=(Choice("知道了", "知道了"),))
    )
    fake.fail("sendMessage", "429:1", after=1)
    async with running(fake, house, monotonic=Fast()):
        await fake.waits(lambda: house.outcomes)
    assert house.states == {1: "sent"}
    assert [bool(message.buttons) for message in zhang.sees()] == [False, False, True]
