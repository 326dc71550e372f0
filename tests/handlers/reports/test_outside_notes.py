"""Reports say how many scores came from where, and what changed after the close."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from handlers.reports import figures, outside_notes
from handlers.rights import ALL, Scope
from handlers.views.figures import round_figures
from storage import figures as counts
from storage import tables
from storage.database import Store
from tests.builders import HOUSE, NOW, district, from_outside, turn


def test_how_many_came_from_where(store: Store) -> None:
    d = district(store)
    from_outside(store, d, d.round_id, {"张三": 8000, "李四": 7000})
    from_outside(store, d, d.round_id, {"吴九": 8000}, source="上级平台")
    shown = round_figures(store, d.round_id, Scope(ALL), NOW)
    assert sorted(outside_notes.sources("zh", shown.elsewhere)) == [
        "其中来自上级平台的答卷1份。",
        "其中来自纸质的答卷2份。",
    ]
    text = figures.figures(turn(store, d, "王敏", "参考率"), store)[0].text
    assert "其中来自纸质的答卷2份。" in text
    assert "截止后更正" not in text


def test_what_came_after_the_close_is_a_printed_correction(store: Store) -> None:
    d = district(store)
    store.run(update(tables.round_).values(state="closed", closed_at=NOW, closes_at=NOW))
    counts.store_sums(store, d.round_id, NOW)
    number = from_outside(store, d, d.round_id, {"张三": 8000}, now=NOW + timedelta(days=1))
    [line] = outside_notes.after_close(store, d.round_id, "zh", HOUSE)
    assert line == f"截止后更正：12月5日 10:00，纸质成绩 1 份入账（第 {number} 批，经两人核对）。"
    text = figures.figures(turn(store, d, "王敏", "参考率", now=NOW + timedelta(days=2)), store)[0].text
    assert line in text
