"""What channels are given, on a real ledger: writes that are on disk when they resolve, reads that block nobody, and a bell for senders."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from hashlib import sha256

import pytest
from structlog.testing import capture_logs

from handlers.console import housing
from handlers.console.housing import Housing
from handlers.messages import Address, BotError, Incoming, Member, Outcome, ShownCard, Viewer
from storage import accounts
from storage.ledger import Ledger
from tests.engine import DAILY, QUESTIONS, Engine
from tests.fakes.hours import told

PLAN = ("张三", "李四")


class House:
    """张三 and 李四 of 住建局 on WeCom, today's round open, and the callables of a process that serves them."""

    def __init__(self, database):
        self.engine = Engine(database).with_bank(*QUESTIONS)
        for name in PLAN:
            self.engine.person(name, "住建局", channel="wecom")
        self.engine.with_plan(DAILY).at("09:00")
        self.housing = Housing(database, lambda: self.engine.house, lambda: self.engine.now)
        self.ledger = Ledger(database, lock_people=accounts.lock_people, after_commit=self.housing.after_commit)
        self.events = 0

    @asynccontextmanager
    async def open(self):
        self.ledger.start()
        self.housing.open(self.ledger)
        try:
            yield self.housing
        finally:
            self.ledger.stop()

    def incoming(self, text, name="张三", key=""):
        self.events += 1
        return Incoming(key or f"wecom:{self.events}", Address("wecom", f"wecom-{name}"), self.engine.now, text=text)


@pytest.fixture
def house(sqlite):
    return House(sqlite)


@told
async def test_what_is_submitted_is_recorded_once_and_answered_the_same_again(house):
    async with house.open() as serving:
        first = await serving.submit(house.incoming("今日答题", key="wecom:a"))
        again = await serving.submit(house.incoming("今日答题", key="wecom:a"))
    assert "第 1/3 题" in first.replies[0].card.heading
    assert (first.again, again.again) == (False, True)
    assert again.replies == first.replies


@told
async def test_many_at_once_are_each_answered_and_one_that_fails_is_told_so_alone(house, monkeypatch):
    take = housing.dispatch.take

    def breaks(store, incoming, deployment):
        if incoming.text == "坏":
            raise RuntimeError("on purpose")
        return take(store, incoming, deployment)

    monkeypatch.setattr(housing.dispatch, "take", breaks)
    async with house.open() as serving:
        with capture_logs():
            said = [house.incoming("坏" if n == 3 else "帮助", PLAN[n % 2]) for n in range(8)]
            found = await asyncio.gather(*map(serving.submit, said))
    texts = [answered.replies[0].text for answered in found]
    assert [n for n, text in enumerate(texts) if "没有记下" in text] == [3]
    assert [answered.key for answered in found] == [incoming.key for incoming in said]


@told
async def test_a_delivery_is_claimed_once_settled_and_due_no_longer(house):
    async with house.open() as serving:
        parcels = await serving.claim("wecom", 10)
        assert {parcel.address.id for parcel in parcels} == {"wecom-张三", "wecom-李四"}
        assert await serving.claim("wecom", 10) == []
        assert await serving.claim("telegram", 10) == []
        await serving.settle([Outcome(parcel.id, "retry") for parcel in parcels])
        assert len(await serving.claim("wecom", 1)) == 1


@told
async def test_replies_are_owed_until_they_were_shown_and_their_cards_open_until_they_were_greyed(house):
    async with house.open() as serving:
        answered = await serving.submit(house.incoming("今日答题"))
        card = answered.replies[0].card
        house.engine.now = house.engine.now.replace(minute=20)
        assert [owed.key for owed in await serving.owed("wecom")] == [answered.key]
        await serving.shown([answered.key], [ShownCard(Address("wecom", "wecom-张三"), card.token, "code")])
        assert await serving.owed("wecom") == []
        assert await serving.spent("wecom") == []
        house.engine.at("18:01")
        [spent] = await serving.spent("wecom")
        assert (spent.code, spent.addresses, spent.label) == ("code", ("wecom-张三",), "已截止")
        await serving.greyed("wecom", ["code"])
        assert await serving.spent("wecom") == []


@told
async def test_small_things_are_kept_and_read(house):
    async with house.open() as serving:
        assert await serving.keep("wecom.menu") == ""
        assert await serving.keep("wecom.menu", "a") == "a"
        await serving.keep("wecom.menu", "b")
        assert await serving.keep("wecom.menu") == "b"


@told
async def test_who_looks_is_known_by_the_secret_of_a_session_and_pages_are_views(house):
    engine = house.engine
    digest, until = sha256(b"secret").hexdigest(), engine.now.replace(year=2027)
    number = engine.people["张三"]
    engine.write(lambda store: accounts.open_session(store, number, digest, engine.now, until))
    async with house.open() as serving:
        viewer = await serving.who("secret")
        assert isinstance(viewer, Viewer)
        assert viewer.name == "张三"
        assert await serving.who("another") is None
        assert await serving.view("exams", viewer, {})
        with pytest.raises(BotError) as refused:
            await serving.view("exams", None, {})
        assert refused.value.code == "not_allowed"


@told
async def test_a_directory_marks_whom_it_does_not_show_and_applies_nothing(house):
    async with house.open() as serving:
        await serving.directory(
            "wecom", [Member("wecom-张三", "张三", ("住建局",)), Member("new", "新人", ("财政局",))]
        )
    found = house.engine.read(
        lambda store: {each.address: each.unreachable for each in accounts.on_channel(store, "wecom")}
    )
    assert found == {"wecom-张三": "", "wecom-李四": "not_visible"}


@told
async def test_what_is_wrong_on_a_channel_is_told_to_every_admin_and_to_nobody_else(house):
    house.engine.person("王敏", "司法局", channel="telegram", role="admin")
    async with house.open() as serving:
        await serving.alarm("wecom", "inactive_alert", {})
        assert [parcel.address.id for parcel in await serving.claim("telegram", 10)] == ["telegram-王敏"]


# The bell. ----------------------------------------------------------------------------------------------------------------


@told
async def test_whoever_waits_for_deliveries_is_woken_by_the_commit_that_makes_one(house, monkeypatch):
    monkeypatch.setattr(housing, "STIR_AT_LATEST", 60.0)
    house.engine.person("王敏", "住建局", channel="wecom", role="admin")
    house.engine.database.memory.stirred = False
    async with house.open() as serving:
        waiting = [asyncio.ensure_future(serving.stirred()) for _ in range(3)]
        await serving.submit(house.incoming("帮助"))
        await asyncio.sleep(0.05)
        assert not any(each.done() for each in waiting), "nothing is due"
        await serving.alarm("wecom", "inactive_alert", {})
        await asyncio.wait_for(asyncio.gather(*waiting), 5)


@told
async def test_nobody_waits_for_ever_since_another_process_may_have_made_one(house, monkeypatch):
    monkeypatch.setattr(housing, "STIR_AT_LATEST", 0.01)
    async with house.open() as serving:
        await asyncio.wait_for(serving.stirred(), 5)


def test_a_commit_before_anybody_serves_wakes_nobody(house):
    house.ledger.start()
    house.ledger.write(lambda store: setattr(store.memory, "stirred", True))
    house.ledger.stop()
