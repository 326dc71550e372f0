"""What people get to see, over real HTTP: replies in place, once, again when owed, and never an older over a newer one."""

import pytest

from handlers.messages import BLOCKED, UNBLOCKED, File, Reply, answer_action
from tests.channels.telegram.running import Fast, impatient, quiz, running
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import told

PNG = b"\x89PNG....."


@told
async def test_a_quiz_is_taken_on_one_message_that_changes_in_place(fake):
    house, zhang = quiz(), fake.person(7, "张三")
    async with running(fake, house):
        zhang.says("今日答题")
        await fake.waits(zhang.sees)
        zhang.presses(zhang.sees()[0], "A")
        await fake.waits(lambda: "第 2/2 题" in zhang.sees()[0].text)
        zhang.presses(zhang.sees()[0], "B")
        await fake.waits(lambda: "得2分" in zhang.sees()[0].text)
        await fake.waits(lambda: len(fake.called("answerCallbackQuery")) == 2)
        await fake.waits(lambda: len(house.shown) == 3)
        await fake.waits(lambda: not fake.unacknowledged)
    assert [message.edits for message in zhang.sees()] == [2]
    assert zhang.sees()[0].labels == []
    assert [incoming.action or incoming.text for incoming in house.came] == ["今日答题", "=one:A", "=two:B"]


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "half", "502_after", "429:1", "hang_after"])
@told
async def test_an_edit_that_may_not_have_arrived_is_made_again(fake, fault):
    house, zhang = quiz(), fake.person(7)
    async with running(fake, house, monotonic=Fast(), request=impatient):
        zhang.says("今日答题")
        await fake.waits(zhang.sees)
        fake.fail("editMessageText", fault)
        zhang.presses(zhang.sees()[0], "A")
        await fake.waits(lambda: len(house.shown) == 2)
    assert "第 2/2 题" in zhang.sees()[0].text
    assert zhang.sees()[0].edits == 1, "the second time it was not modified, which is success"


@told
async def test_a_reply_that_may_have_arrived_is_not_doubled_but_owed(fake):
    house, zhang = quiz(), fake.person(7)
    fake.fail("sendMessage", "reset_after")
    async with running(fake, house):
        zhang.says("今日答题")
        await fake.waits(lambda: fake.called("sendMessage"))
        await fake.waits(lambda: not fake.unacknowledged)
    assert len(zhang.sees()) == 1
    assert not house.shown


@told
async def test_owed_replies_are_shown_and_reported(fake):
    house, zhang = quiz(), fake.person(7)
    house.owe("telegram:1:a", 7, None, Reply("没有说成的话"))
    async with running(fake, house):
        await fake.waits(zhang.sees)
        await fake.waits(lambda: house.shown)
    assert [message.text for message in zhang.sees()] == ["没有说成的话"]
    assert house.shown == ["telegram:1:a"]


@told
async def test_an_owed_edit_never_puts_an_older_question_over_a_newer_one(fake):
    house, zhang = quiz(), fake.person(7)
    async with running(fake, house) as channel:
        zhang.says("今日答题")
        await fake.waits(zhang.sees)
        zhang.presses(zhang.sees()[0], "A")
        await fake.waits(lambda: len(house.shown) == 2)
        house.owe("telegram:old", 7, str(zhang.sees()[0].id), Reply("旧题", edits=True))
        await fake.waits(lambda: "telegram:old" in house.shown)
        assert channel.name == "telegram"
    assert "第 2/2 题" in zhang.sees()[0].text


@told
async def test_a_pressed_message_that_is_gone_is_answered_by_a_new_one(fake):
    house, zhang = quiz(), fake.person(7)
    async with running(fake, house):
        zhang.says("今日答题")
        await fake.waits(zhang.sees)
        first = zhang.sees()[0]
        zhang.deletes(first)
        zhang.presses(first, answer_action("one", "A"), forged=True)
        await fake.waits(zhang.sees)
    assert "第 2/2 题" in zhang.sees()[0].text
    assert zhang.sees()[0].id != first.id


@told
async def test_a_press_answered_too_late_for_the_spinner_still_changes_the_message(fake):
    house, zhang = quiz(), fake.person(7)
    async with running(fake, house):
        zhang.says("今日答题")
        await fake.waits(zhang.sees)
        with fake.world.lock:
            zhang.presses(zhang.sees()[0], "A")
            fake.world.callbacks.clear()
        await fake.waits(lambda: "第 2/2 题" in zhang.sees()[0].text)
        await fake.waits(lambda: fake.called("answerCallbackQuery"))
    assert fake.called("answerCallbackQuery")[0].status == 400


@told
async def test_blocking_is_told_to_the_house_and_answered_by_nothing(fake):
    house, zhang = CollectingHouse(lambda _: (Reply("好"),)), fake.person(7)
    async with running(fake, house):
        zhang.blocks()
        await fake.waits(lambda: house.shown)
        assert not fake.called("sendMessage")
        zhang.unblocks()
        await fake.waits(zhang.sees)
    assert [incoming.action for incoming in house.came] == [BLOCKED, UNBLOCKED]


@told
async def test_a_reply_refused_by_a_blocked_account_is_told_to_the_house_too(fake):
    house, zhang = quiz(), fake.person(7)
    async with running(fake, house):
        with fake.world.lock:
            zhang.says("今日答题")
            fake.world.people[7]["blocked"] = True
        await fake.waits(lambda: house.shown)
        await fake.waits(lambda: len(house.came) == 2)
    assert house.came[1].action == f"{BLOCKED} blocked"
    assert house.came[1].key == f"{house.came[0].key}:blocked"


@told
async def test_a_picture_for_everybody_is_uploaded_once(fake):
    house = CollectingHouse(lambda _: (Reply("", files=(File("图.png", "image/png", PNG),)),))
    zhang = fake.person(7)
    async with running(fake, house):
        zhang.says("图")
        await fake.waits(lambda: len(zhang.sees()) == 1)
        await fake.waits(lambda: house.shown)
        zhang.says("再来")
        await fake.waits(lambda: len(zhang.sees()) == 2)
    assert [bool(entry.files) for entry in fake.called("sendPhoto")] == [True, False]
    assert [message.content for message in zhang.sees()] == [PNG, PNG]


@told
async def test_a_picture_that_is_none_goes_as_a_document(fake):
    house = CollectingHouse(lambda _: (Reply("", files=(File("图.png", "image/png", b"not a picture"),)),))
    zhang = fake.person(7)
    async with running(fake, house):
        zhang.says("图")
        await fake.waits(zhang.sees)
    assert zhang.sees()[0].kind == "document"
