"""Column types: what is written is read back, the same on both databases, through Core and raw."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from storage import tables
from storage.columns import EPOCH, instant, micros
from storage.database import Store
from tests.builders import NOW

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "UTC", "America/St_Johns", "Pacific/Apia")]
aware = st.datetimes(timezones=st.sampled_from(ZONES)).filter(lambda at: 1900 < at.year < 2200)


@given(aware)
def test_an_instant_survives_to_the_microsecond_in_any_zone(at):
    assert instant(micros(at)) == at.astimezone(UTC)
    assert instant(micros(at)).tzinfo is UTC


def test_the_epoch_is_nought_and_before_it_is_negative():
    assert micros(EPOCH) == 0
    assert micros(EPOCH - timedelta(microseconds=1)) == -1
    assert micros(datetime(1970, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))) == 0


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(TypeError):
        micros(NOW.replace(tzinfo=None))


@pytest.mark.parametrize("at", [NOW, EPOCH, NOW.replace(microsecond=999_999), datetime(1949, 10, 1, 7, tzinfo=UTC)])
def test_times_are_stored_as_whole_microseconds(store: Store, at) -> None:
    store.run(insert(tables.keep), {"name": "x", "value": "", "at": at})
    assert store.value(select(tables.keep.c.at)) == at
    assert store.plain("SELECT at FROM keep").scalar() == micros(at)


@pytest.mark.parametrize(
    "value", [{}, [], {"题": ["一", None, True, 1.5, "\"'\\"]}, {"深": {"更深": [[]]}}, "字", 0, [0.1, 10**15]]
)
def test_json_is_stored_as_text_that_both_databases_give_alike(store: Store, value) -> None:
    store.run(insert(tables.job), {"kind": "x", "params": value, "created_at": NOW})
    assert store.value(select(tables.job.c.params)) == value
    raw = store.plain("SELECT params FROM job").scalar()
    assert isinstance(raw, str)
    assert "\\u" not in raw


def test_nothing_stays_nothing(store: Store) -> None:
    store.run(insert(tables.job), {"kind": "x", "params": {}, "created_at": NOW, "result": None, "ended_at": None})
    row = store.row(select(tables.job.c.result, tables.job.c.ended_at))
    assert row is not None
    assert tuple(row) == (None, None)
    assert store.plain("SELECT result FROM job").scalar() is None


def test_dates_and_flags_are_pythons_own(store: Store) -> None:
    values = {"name": "张三", "created_at": NOW, "retires_on": date(2030, 2, 28), "leadership": True}
    store.run(insert(tables.person), values)
    row = store.row(select(tables.person))
    assert row is not None
    assert (row.retires_on, row.leadership, row.enforcement) == (date(2030, 2, 28), True, False)


def test_numbers_grow_beyond_thirty_two_bits(store: Store) -> None:
    large = 2**55 + 1
    unit = {"id": large, "parent_id": None, "name": "大", "position": 0}
    store.run(insert(tables.unit), unit)
    assert store.value(select(tables.unit.c.id)) == large
