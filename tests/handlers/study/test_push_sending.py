"""A confirmed push: each person owed it once, whatever happens to its worker; and what became of it in headcounts."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from handlers import jobs
from handlers.messages import Outcome
from handlers.registry import JOBS
from handlers.study import push_sending
from handlers.words import say, words
from storage import accounts
from storage.tables import delivery, job
from tests.engine import QUESTIONS, Engine

ZH = words("zh")


@pytest.fixture
def engine(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    for number in range(7):
        engine.person(f"干部{number}", "住建局", channel="" if number == 6 else "telegram")
    engine.person("管理员", "司法局", role="admin")
    return engine


def pushes(engine, text="请查收"):
    engine.says("管理员", f"推送 通知 {text}")
    preview = engine.says("管理员", "发给 全部")[-1]
    return engine.presses("管理员", preview.choices[0])


def owed(engine):
    return engine.read(
        lambda store: [
            row.person_id
            for row in store.rows(select(delivery).where(delivery.c.key.startswith("push:")).order_by(delivery.c.id))
        ]
    )


def test_everybody_reachable_gets_it_once_and_the_officer_reads_how_many(engine):
    pushes(engine)
    engine.settle()
    parcels = engine.delivered()
    texts = [parcel.reply.text for parcel in parcels if parcel.kind == "notice"]
    assert texts == [say("zh", "pushing.notice_text", text="请查收")] * 7
    (told,) = [parcel.reply for parcel in parcels if parcel.kind == "answer"]
    assert told.text == say("zh", "pushing.planned", id=1, title="请查收", send=7, left=1, over=0)


def test_a_worker_that_died_half_way_is_followed_by_one_that_doubles_nothing(engine, monkeypatch):
    monkeypatch.setattr(push_sending, "CHUNK", 3)
    pushes(engine)
    turns = []

    def dies(run):
        turns.append(run)
        if len(turns) == 3:
            raise KeyboardInterrupt
        return engine.write(run)

    with pytest.raises(KeyboardInterrupt):
        jobs.run_next(engine.database, dies, JOBS, engine.house, engine.now)
    assert len(owed(engine)) == 3
    engine.after(seconds=61)
    assert len(owed(engine)) == len(set(owed(engine))) == 7
    assert engine.read(lambda store: [row.state for row in store.rows(select(job.c.state))]) == ["done"]


def test_each_reads_it_in_their_own_language(engine):
    engine.says("干部0", "language en")
    pushes(engine, "see you")
    engine.settle()
    texts = {parcel.address.id: parcel.reply.text for parcel in engine.delivered() if parcel.kind == "notice"}
    assert texts["telegram-干部0"] == say("en", "pushing.notice_text", text="see you")
    assert texts["telegram-干部1"] == say("zh", "pushing.notice_text", text="see you")


def test_what_became_of_it_is_told_in_headcounts_with_the_reasons(engine):
    pushes(engine)
    engine.settle()
    from handlers import delivering

    parcels = [
        p
        for p in engine.write(lambda s: delivering.claim(s, "telegram", 99, engine.house, engine.now))
        if p.kind == "notice"
    ]
    outcomes = [
        Outcome(p.id, *state)
        for p, state in zip(
            parcels,
            [("failed", "", "blocked"), ("failed", "", "weird"), ("uncertain",), *[("sent", "1")] * 3],
            strict=False,
        )
    ]
    engine.write(lambda store: delivering.settle(store, outcomes, engine.now))
    (reply,) = engine.says("管理员", "推送情况 1")
    assert reply.text.splitlines() == [
        say("zh", "pushing.state", id=1, title="请查收", sent=3, waiting=1, failed=2, uncertain=1, cancelled=0),
        say("zh", "pushing.refusal", reason=ZH["missing.detail_blocked"], people=1),
        say("zh", "pushing.refusal", reason=ZH["missing.detail_other"], people=1),
    ]
    assert engine.says("管理员", "推送情况")[0].text == reply.text


def test_a_push_nobody_made_is_not_found(engine):
    assert engine.says("管理员", "推送情况")[0].text == ZH["pushing.state_none"]
    for number in (7, "9" * 30):
        assert engine.says("管理员", f"推送情况 {number}")[0].text == ZH["errors.not_found"]


def test_pressing_confirm_twice_sends_once(engine):
    engine.says("管理员", "推送 通知 请查收")
    button = engine.says("管理员", "发给 全部")[-1].choices[0]
    for _ in range(2):
        engine.presses("管理员", button)
    engine.settle()
    assert len(owed(engine)) == 7
    assert engine.read(lambda store: store.value(select(func.count()).select_from(job))) == 1


def test_who_unbinds_before_it_goes_out_gets_nothing(engine):
    pushes(engine)
    engine.says("干部0", "解除绑定 yes")
    engine.settle()
    assert engine.people["干部0"] not in owed(engine)
    assert engine.read(lambda store: accounts.reachable_accounts(store, [engine.people["干部0"]])) == {}
