from __future__ import annotations

from sqlalchemy import select

from handlers.messages import Reply
from handlers.people import invitations as printing
from handlers.reach import inviting
from storage import accounts, invitations, tables
from storage.database import Store
from tests import builders
from tests.builders import NOW, District, district, person, sits, turn, works


def asks(store: Store, d: District, name: str, said: str, channel: str = "") -> Reply:
    [reply] = inviting.invite(turn(store, d, name, said, channel=channel), store)
    return reply


def test_exactly_those_who_are_missing_for_want_of_an_account_are_invited(store: Store, monkeypatch) -> None:
    monkeypatch.setitem(builders.JOBS, "invite_sheet", printing.print_sheet)
    d = district(store)
    person(store, d, "新人", "住建局", "住建局", channels=())
    shown = asks(store, d, "王敏", f"邀请未绑定 {d.round_id}")
    assert shown.text.startswith("「宪法宣传周学法考试」未参考的人里有1人没有绑定账号")
    assert "住建局　1人" in shown.text
    assert shown.choices[0].says == f"邀请未绑定 {d.round_id} yes 1"
    assert asks(store, d, "王敏", shown.choices[0].says).text.startswith("正在制作邀请单：1 人")
    [made] = works(store, d, "invite_sheet")
    assert "共 1 人" in made.text
    assert invitations.waiting(store, d.people.values(), NOW) == {d.people["赵六"]}
    assert store.value(select(tables.audit.c.act)) == "invitation.sheet"


def test_a_number_that_has_changed_is_shown_again(store: Store) -> None:
    d = district(store)
    assert asks(store, d, "王敏", f"邀请未绑定 {d.round_id} yes 3").text.startswith("人数有变化，请再确认一次。")
    assert store.row(select(tables.job.c.id)) is None


def test_a_liaison_invites_within_the_own_unit(store: Store) -> None:
    d = district(store)
    accounts.end(store, d.accounts["吴九", "wecom"], NOW)
    assert "有1人没有绑定账号" in asks(store, d, "刘洋", "邀请未绑定").text
    assert "有2人没有绑定账号" in asks(store, d, "王敏", "邀请未绑定").text


def test_nobody_to_invite_is_said_and_telegram_leads_to_the_web(store: Store) -> None:
    d = district(store)
    d.accounts["王敏", "telegram"] = accounts.bind(store, d.people["王敏"], "telegram", "telegram-王敏", NOW)
    assert "请在网页上打印" in asks(store, d, "王敏", "邀请未绑定", "telegram").text
    sits(store, d, d.round_id, "赵六")
    assert asks(store, d, "王敏", "邀请未绑定").text == "「宪法宣传周学法考试」没有因未绑定而未参考的人。"
