from __future__ import annotations

from handlers.unit_words import PAYLOAD, unit_choice, units_meant
from storage import people
from storage.database import Store
from tests.builders import district

LONG = "区机关事务管理服务中心（区公务用车管理服务中心）"


def test_a_unit_is_a_button_by_its_name(store: Store) -> None:
    d = district(store)
    [unit] = people.units_named(store, "住建局")
    assert unit_choice(store, "zh", "missing", unit, d.round_id).says == f"未参考 {d.round_id} 住建局"
    assert units_meant(store, "住建局") == [unit]


def test_a_name_too_long_for_a_button_or_shared_goes_by_number(store: Store) -> None:
    d = district(store)
    people.add_unit(store, LONG, d.units["城南区"])
    for bureau in ("住建局", "司法局"):
        people.add_unit(store, "办公室", d.units[bureau])
    for unit in (*people.units_named(store, LONG), *people.units_named(store, "办公室")):
        for language in ("zh", "en"):
            button = unit_choice(store, language, "push_to", unit)
            assert button.label == unit.name
            assert len(button.says.encode()) <= PAYLOAD
            assert units_meant(store, button.says.split()[-1]) == [unit]


def test_a_word_that_means_no_unit_finds_none(store: Store) -> None:
    district(store)
    assert units_meant(store, "单位999") == units_meant(store, "单位") == units_meant(store, "张三") == []
