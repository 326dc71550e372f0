"""A round's figures as plain data: the total, 班子成员, and every bureau in 机构序列, as far as the reader may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from handlers.rights import Scope
from quizzes.enrolling import bureau
from quizzes.people import Unit
from quizzes.rates import Tally
from quizzes.rounds import Round, State
from storage import figures, footnotes, people, rounds
from storage.database import Store
from storage.figures import Gain
from storage.footnotes import Composition

TREND = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: 正考 and 补考 together, and 正考 alone."""

    name: str
    tally: Tally
    first: Tally


@dataclass(frozen=True, slots=True)
class Past:
    """A closed round of the trend."""

    title: str
    opens_at: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """What a report of a round prints. `closed`: 缺考 exists; `makeups` how many there were or are, `arranged` how many of the
    missing are enrolled in one; `elsewhere` attempts by source other than this program; `made_of` who was taken out or added."""

    round_id: int
    title: str
    notice: str
    assessed: bool
    closed: bool
    late: bool
    opens_at: datetime
    closes_at: datetime
    as_of: datetime
    total: Row
    leaders: Row
    rows: tuple[Row, ...]
    makeups: int
    arranged: int
    elsewhere: tuple[tuple[str, int], ...]
    made_of: Composition


@dataclass(frozen=True, slots=True)
class Reach:
    """What a scope covers: whole bureaux, and units inside bureaux it does not cover; `units` None is everything."""

    bureaux: tuple[Unit, ...]
    inner: tuple[Unit, ...]
    units: frozenset[int] | None


def reach_of(store: Store, scope: Scope, counted: Iterable[int] = ()) -> Reach:
    """The bureaux of a scope in 机构序列, those without a line too. `counted`: bureaux that have lines in the round, which are
    listed even if the tree has changed since (and the district itself, if it has staff of its own)."""
    tree = people.units(store)
    by_id = {each.id: each for each in tree}
    roots = {each.id for each in tree if each.parent_id is None}
    listed = {each.id for each in tree if each.parent_id in roots} | set(counted)
    bureaux = [each for each in tree if each.id in listed]
    if scope.everything:
        return Reach(tuple(bureaux), (), None)
    within = people.units_below(store, scope.units)
    inner = [
        each for each in tree
        if each.id in scope.units and bureau(each.id, by_id) not in within and each.parent_id not in within
    ]  # fmt: skip
    return Reach(tuple(each for each in bureaux if each.id in within), tuple(inner), frozenset(within))


def round_figures(store: Store, round_id: int, scope: Scope, now: datetime) -> RoundFigures:
    """The figures of a round within a scope. Raises KeyError for an unknown round. A scope of nothing sees zeros."""
    what = rounds.get(store, round_id)
    again = figures.makeups(store, round_id)
    ids = [each.id for each in again]
    reach, rows = _rows(store, what, ids, scope)
    leaders = figures.count(store, round_id, leadership=True, units=reach.units)
    led = figures.gains(store, round_id, ids, leadership=True, units=reach.units)
    closed = what.state is State.CLOSED
    waiting = [each.id for each in again if each.state in figures.ARRANGED]
    return RoundFigures(
        round_id, what.title, what.notice, what.counts == "assessed", closed, what.late, what.opens_at, what.closes_at,
        as_of=_as_of(store, [round_id, *ids], now) if closed and not waiting else now,
        total=summed("", rows),
        leaders=summed("", [_row("", each, led.get(bureau_id)) for bureau_id, each in leaders.items()]),
        rows=tuple(rows),
        makeups=len(again),
        arranged=figures.arranged(store, round_id, waiting, reach.units) if waiting else 0,
        elsewhere=tuple(figures.elsewhere(store, [round_id, *ids], reach.units).items()),
        made_of=footnotes.composition(store, round_id, reach.units),
    )  # fmt: skip


def trend(store: Store, counts: str, scope: Scope) -> list[Past]:
    """The last closed rounds of a kind (assessed or practice) within a scope, oldest first, make-ups included."""
    found = []
    for what in figures.last_closed(store, counts, TREND):
        _, rows = _rows(store, what, [each.id for each in figures.makeups(store, what.id)], scope)
        found.append(Past(what.title, what.opens_at, summed("", rows).tally))
    return found


def _rows(store: Store, what: Round, makeup_ids: list[int], scope: Scope) -> tuple[Reach, list[Row]]:
    own = figures.own(store, what)
    gained = figures.gains(store, what.id, makeup_ids)
    reach = reach_of(store, scope, own)
    rows = [_row(each.name, own.get(each.id, Tally()), gained.get(each.id)) for each in reach.bureaux]
    return reach, rows + [_within(store, what, makeup_ids, each) for each in reach.inner]


def _as_of(store: Store, round_ids: list[int], now: datetime) -> datetime:
    counted = [figures.counted_at(store, each) for each in round_ids]
    return max((at for at in counted if at is not None), default=now)


def summed(name: str, rows: Iterable[Row]) -> Row:
    """One line for several."""
    rows = list(rows)
    return Row(name, sum((row.tally for row in rows), Tally()), sum((row.first for row in rows), Tally()))


def _row(name: str, first: Tally, gained: Gain | None) -> Row:
    return Row(name, gained.after(first) if gained else first, first)


def _within(store: Store, what: Round, makeup_ids: list[int], inner: Unit) -> Row:
    """A unit inside a bureau, with what is below it, counted from the lines."""
    units = people.units_below(store, [inner.id])
    gained = figures.gains(store, what.id, makeup_ids, units=units)
    counted = figures.count(store, what.id, units=units)
    return summed(inner.name, [_row("", each, gained.get(bureau_id)) for bureau_id, each in counted.items()])
