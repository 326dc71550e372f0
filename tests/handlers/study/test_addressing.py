from __future__ import annotations

from datetime import timedelta

from handlers.study.addressing import addressees, described, quiet_until, read_audience
from storage import accounts
from storage.database import Store
from storage.pushes import MATERIAL, Audience
from tests.builders import HOUSE, NOW, district, person, turn


def test_everybody_and_those_missing_are_understood_in_both_languages(store: Store) -> None:
    d = district(store)
    asked = turn(store, d, "王敏", "推送")
    assert read_audience(asked, store, "全部") == read_audience(asked, store, "Everybody") == Audience(everybody=True)
    assert (
        read_audience(asked, store, "those missing")
        == read_audience(asked, store, "未参考")
        == Audience(missing_in=d.round_id)
    )


def test_units_and_names_may_be_mixed_with_any_separator(store: Store) -> None:
    d = district(store)
    found = read_audience(turn(store, d, "王敏", "推送"), store, "住建局，吴九; 周杰\n司法局")
    assert found == Audience(units=(d.units["住建局"], d.units["司法局"]), people=(d.people["吴九"], d.people["周杰"]))
    assert isinstance(found, Audience)
    assert described(turn(store, d, "王敏", "推送"), store, found) == "住建局、司法局、指定2人"


def test_on_telegram_an_ambiguous_name_does_not_tell_a_unit(store: Store) -> None:
    d = district(store)
    person(store, d, "张三", "司法局", "司法局", channels=("web",))
    d.accounts["王敏", "telegram"] = accounts.bind(store, d.people["王敏"], "telegram", "telegram-王敏", NOW)
    said = read_audience(turn(store, d, "王敏", "推送", channel="telegram"), store, "张三")
    assert isinstance(said, str)
    assert "住建局" not in said
    assert "司法局" not in said


def test_the_headcounts_add_up(store: Store) -> None:
    d = district(store)
    accounts.set_reachable(store, d.accounts["李四", "telegram"], "blocked", NOW)
    found = addressees(store, MATERIAL, Audience(everybody=True), HOUSE, NOW)
    assert (found.people, found.reachable, found.unbound, found.refused) == (10, 8, 1, 1)
    assert len(found.send) == 8


def test_quiet_hours_that_pass_midnight_end_at_their_hour(store: Store) -> None:
    d = district(store)
    store.plain(f"UPDATE person SET quiet_from = 22, quiet_to = 7 WHERE id = {d.people['吴九']}")
    late = NOW.replace(hour=15, minute=30)
    assert quiet_until(store, HOUSE, late) == {d.people["吴九"]: late.replace(minute=0) + timedelta(hours=8)}
    assert quiet_until(store, HOUSE, NOW) == {}
