"""How one person stands in one round."""

from __future__ import annotations

from storage import lines
from storage.database import Store
from storage.lines import Line
from tests.builders import district, mark, sits


def test_ones_line_in_a_round_says_how_one_stands_there(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三", 5000)
    mark(store, d, d.round_id, "张三", granted=1)
    mark(store, d, d.round_id, "李四", counted=False, exempt=True)
    assert lines.of(store, d.round_id, d.people["张三"]) == Line(True, False, True, 5000, 1, 1)
    assert lines.of(store, d.round_id, d.people["李四"]) == Line(False, True, False, None, 0, 0)
    assert lines.of(store, d.round_id + 1, d.people["张三"]) is None
