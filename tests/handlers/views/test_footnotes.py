"""Footnotes as data: counts for everybody entitled to figures, lines for those who may read reasons."""

from __future__ import annotations

import pytest

from handlers.rights import ALL, UNITS, Scope
from handlers.views.footnotes import footnotes
from quizzes.enrolling import ChangeKind
from storage import corrections, exemptions
from storage.database import Store
from storage.footnotes import Composition
from tests.builders import NOW, District, district


@pytest.fixture
def d(store: Store) -> District:
    """张三 exempt, 孙七 of the station gone, 吴九 of 司法局 put off."""
    made = district(store)
    for name, kind in (("张三", ChangeKind.EXEMPTED), ("孙七", ChangeKind.DEPARTED)):
        number = corrections.line(store, made.round_id, made.people[name])
        corrections.apply(store, number, kind, "住院", made.people["王敏"], NOW)
    for name in ("吴九", "张三"):
        exemptions.record(store, made.people[name], "缓考", "出差", made.people["王敏"], NOW, round_id=made.round_id)
    return made


def test_the_whole_district_with_its_lines(store: Store, d: District) -> None:
    found = footnotes(store, d.round_id, Scope(ALL), NOW, detailed=True)
    assert found.made_of == Composition(10, exempt=1, departed=1)
    assert found.kinds == {"exempted": 1, "departed": 1}
    assert [each.name for each in found.lines] == ["张三", "孙七"]
    assert found.deferred == 1, "somebody exempt is not put off besides"
    assert found.corrected == 0


def test_a_scope_sees_its_units_and_without_detail_no_line(store: Store, d: District) -> None:
    found = footnotes(store, d.round_id, Scope(UNITS, frozenset({d.units["住建局"]})), NOW, detailed=False)
    assert (found.made_of, found.lines, found.deferred) == (Composition(6, exempt=1, departed=1), (), 0)
    nobody = footnotes(store, d.round_id, Scope(), NOW, detailed=True)
    assert (nobody.made_of, nobody.lines) == (Composition(), ())


def test_an_unknown_round_is_refused(store: Store) -> None:
    with pytest.raises(KeyError):
        footnotes(store, 404, Scope(ALL), NOW, detailed=True)
