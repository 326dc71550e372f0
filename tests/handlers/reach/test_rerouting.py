from __future__ import annotations

from sqlalchemy import insert, select

from handlers.messages import Reply
from handlers.reach import rerouting
from storage import accounts, tables
from storage.database import Store
from tests.builders import NOW, District, district, turn
from tests.handlers.reach.test_missing import card


def lost(store: Store) -> District:
    """张三's card went to 企业微信, which has refused since; Telegram is open. 李四 has only the account that refuses."""
    d = district(store)
    line = store.value(select(tables.enrolment.c.id).where(tables.enrolment.c.person_id == d.people["张三"]))
    store.run(insert(tables.paper), {"enrolment_id": line, "number": 1, "seed": 1, "slots": []})
    card(store, d, "张三", "wecom", "sent")
    card(store, d, "李四", "telegram", "failed")
    accounts.set_reachable(store, d.accounts["张三", "wecom"], "blocked", NOW)
    accounts.set_reachable(store, d.accounts["李四", "telegram"], "blocked", NOW)
    return d


def asks(store: Store, d: District, said: str = "换渠道") -> Reply:
    [reply] = rerouting.reroute(turn(store, d, "王敏", said), store)
    return reply


def test_what_would_be_sent_where_is_shown_and_then_done(store: Store) -> None:
    d = lost(store)
    shown = asks(store, d)
    assert "有1人原渠道送不到，另有可用账号" in shown.text
    assert "改用Telegram：1人" in shown.text
    assert asks(store, d, shown.choices[0].says).text == "已安排在另一渠道再发：1人。"
    columns = tables.delivery.c.account_id, tables.delivery.c.state, tables.delivery.c.not_before
    newest = store.row(select(*columns).order_by(tables.delivery.c.id.desc()))
    assert tuple(newest) == (d.accounts["张三", "telegram"], "planned", NOW)
    assert store.value(select(tables.audit.c.act)) == "delivery.reroute"


def test_that_account_is_preferred_from_now_on(store: Store) -> None:
    d = lost(store)
    asks(store, d, f"换渠道 {d.round_id} yes 1")
    accounts.set_reachable(store, d.accounts["张三", "wecom"], "", NOW)
    later = accounts.bind(store, d.people["张三"], "wecom", "wecom-new", NOW)
    assert accounts.reachable_accounts(store, [d.people["张三"]]) == {
        d.people["张三"]: (d.accounts["张三", "telegram"], "telegram")
    }
    accounts.prefer(store, later)
    assert accounts.reachable_accounts(store, [d.people["张三"]]) == {d.people["张三"]: (later, "wecom")}


def test_in_the_evening_the_card_waits_for_working_hours(store: Store) -> None:
    d = lost(store)
    night = NOW.replace(hour=13)
    [shown] = rerouting.reroute(turn(store, d, "王敏", "换渠道", now=night), store)
    assert "12月7日 08:30 起发出" in shown.text
    rerouting.reroute(turn(store, d, "王敏", f"换渠道 {d.round_id} yes 1", now=night), store)
    newest = store.row(select(tables.delivery.c.not_before).order_by(tables.delivery.c.id.desc()))
    assert newest.not_before == NOW.replace(day=7, hour=0, minute=30)


def test_a_number_that_has_changed_and_nobody_at_all(store: Store) -> None:
    d = lost(store)
    assert asks(store, d, f"换渠道 {d.round_id} yes 2").text.startswith("人数有变化")
    accounts.set_reachable(store, d.accounts["张三", "wecom"], "", NOW)
    assert asks(store, d).text == "「宪法宣传周学法考试」没有可以换渠道再发的人。"
    store.plain("UPDATE round SET state = 'closed'")
    assert "没有在进行" in asks(store, d).text
