"""Printed papers are kept once, under the code on each sheet."""

from __future__ import annotations

from sqlalchemy import select, update

from quizzes.papers import Slot
from quizzes.plans import Audience, Draw, Variant, to_json
from quizzes.printing import Printed
from storage import prints, tables
from storage.database import Store
from tests.builders import NOW, district

PAPERS = (Printed("A", 5, (Slot(1, (1, 0)),)), Printed("B", 6, (Slot(2, (0, 1)),)))


def test_printed_again_they_are_the_same(store: Store) -> None:
    d = district(store)
    first = prints.keep(store, d.round_id, 0, PAPERS, "K3F9TV", d.people["王敏"], NOW)
    again = prints.keep(store, d.round_id, 0, PAPERS[::-1], "XXXXXX", d.people["王敏"], NOW)
    assert (again.id, again.code, again.papers) == (first.id, "K3F9TV", PAPERS)
    assert prints.slots(store, first.id, "B") == PAPERS[1].slots
    assert prints.slots(store, first.id, "C") == prints.slots(store, 999, "A") == ()


def test_the_seal_is_that_of_what_stands_on_the_papers(store: Store) -> None:
    d = district(store)
    prints.keep(store, d.round_id, 0, PAPERS, "K3F9TV", None, NOW)
    row = store.row(select(tables.document))
    assert row is not None
    assert row.hash == prints.seal(row.content)


def test_each_enrolment_is_given_the_papers_of_its_kind(store: Store) -> None:
    d = district(store)
    variant = to_json(Variant(Audience(units=("司法局",)), (Draw(1),)))
    store.run(update(tables.round_).values(variants=[variant]))
    plain = prints.keep(store, d.round_id, 0, PAPERS, "AAAAAA", None, NOW)
    other = prints.keep(store, d.round_id, 1, PAPERS, "CCCCCC", None, NOW)
    lines = store.rows(select(tables.enrolment).where(tables.enrolment.c.round_id == d.round_id))
    mine = {line.person_id: prints.by_enrolment(store, lines)[line.id] for line in lines}
    assert mine[d.people["吴九"]] == (other.id, "CCCCCC")
    assert mine[d.people["张三"]] == (plain.id, "AAAAAA")
    assert [each.kind for each in prints.of_round(store, d.round_id)] == [0, 1]
