"""应考: who must sit a round, fixed at its opening from dated postings, and which dated changes move a person out or in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from quizzes.people import Person, Posting, Unit
from quizzes.plans import Audience, Draw, Variant
from quizzes.rules import Rules


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person due at opening, with the unit and bureau of that day. Neither follows a later transfer."""

    person_id: int
    unit_id: int
    bureau_id: int


class UnknownUnits(ValueError):
    """An audience names units that are not in the tree; enrolling without them would shrink 应考 unseen."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


class ChangeKind(StrEnum):
    """What may happen to an enrolment after opening. 缓考 and 请假 are not here: they never change 应考."""

    ADDED = "added"
    DEPARTED = "departed"
    EXEMPTED = "exempted"
    EXEMPT_WITHDRAWN = "exempt_withdrawn"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Change:
    """One approved change: a dated row with reason and approver. `corrected` puts into force what was decided after close:
    it is the printed correction that carries the rows dated up to it. Raises ValueError without a reason."""

    kind: ChangeKind
    at: datetime
    reason: str
    approver_id: int

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a change of 应考 needs a reason")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an enrolment besides its changes: whether it was made at opening, whether the person sat, and when
    the round closed (None while it is open)."""

    at_opening: bool
    sat: bool
    closed_at: datetime | None = None


class Status(StrEnum):
    """Where a line stands: in 应考, out by 免考, out by departure, or never in (a later joiner)."""

    DUE = "due"
    EXEMPT = "exempt"
    DEPARTED = "departed"
    NEVER_DUE = "never_due"


def enrol(
    people: Iterable[Person],
    postings: Iterable[Posting],
    units: Iterable[Unit],
    audience: Audience,
    rules: Rules,
    day: date,
) -> list[Enrolled]:
    """Everybody due on `day`, in the order of `people`, each once: in the unit of the posting whose kind comes first in
    `rules.postings` (then the latest start, then the lowest id). Accounts play no part: never bound is still due.
    Raises UnknownUnits when the audience names a unit the tree does not have."""
    tree = {unit.id: unit for unit in units}
    within = _units_of(audience, tree)
    bureaux = {unit_id: bureau(unit_id, tree) for unit_id in tree}
    held = counting_postings(postings, rules.postings, day)
    return [
        Enrolled(person.id, held[person.id].unit_id, bureaux[held[person.id].unit_id])
        for person in people
        if person.id in held
        and (within is None or held[person.id].unit_id in within)
        and _is_meant(person, audience)
        and not (person.retires_on and person.retires_on < day)
    ]


def draws(
    enrolled: Iterable[Enrolled],
    people: Iterable[Person],
    units: Iterable[Unit],
    variants: Sequence[Variant],
    otherwise: tuple[Draw, ...],
) -> dict[int, tuple[Draw, ...]]:
    """By which draw each person's paper is drawn, by person id: that of the first variant meant for them, else `otherwise`.
    Raises UnknownUnits."""
    tree = {unit.id: unit for unit in units}
    known = {person.id: person for person in people}
    within = [_units_of(variant.who, tree) for variant in variants]

    def mine(each: Enrolled) -> tuple[Draw, ...]:
        for variant, inside in zip(variants, within, strict=True):
            if (inside is None or each.unit_id in inside) and _is_meant(known[each.person_id], variant.who):
                return variant.draw
        return otherwise

    return {each.person_id: mine(each) for each in enrolled}


def counting_postings(postings: Iterable[Posting], kinds: Sequence[str], day: date) -> dict[int, Posting]:
    """The one posting by which each person counts on `day`, by person id; kinds not in `kinds` (借调, 派遣) put nobody in
    the host unit, so a seconded person stays with the unit of the 编制."""
    order = {kind: place for place, kind in enumerate(kinds)}
    best: dict[int, Posting] = {}

    def before(posting: Posting) -> tuple[int, int, int]:
        return order[posting.kind], -posting.starts_on.toordinal(), posting.id

    for posting in postings:
        if posting.kind in order and posting.covers(day):
            other = best.get(posting.person_id)
            if other is None or before(posting) < before(other):
                best[posting.person_id] = posting
    return best


def bureau(unit_id: int, tree: dict[int, Unit]) -> int:
    """局办: the ancestor just below the root, or the unit itself if it is one; the root's own staff count under the root.
    Raises ValueError for a tree that goes in a circle."""
    path = _path(unit_id, tree)
    return path[max(len(path) - 2, 0)].id


def unknown_units(audience: Audience, units: Iterable[Unit]) -> list[str]:
    """The names in an audience that fit no unit, to be said before a round opens."""
    paths = _named_paths({unit.id: unit for unit in units})
    return [name for name in audience.units or () if not _matching(name, paths)]


def status(facts: Facts, changes: Iterable[Change]) -> Status:
    """Where an enrolment stands after its changes. Somebody once due who sat stays due whatever came later; a change after
    close has no effect until a `corrected` row carries it."""
    now = Status.DUE if facts.at_opening else Status.NEVER_DUE
    was_due = facts.at_opening
    for change in _in_force(facts, changes):
        now = _MOVES[change.kind](now)
        was_due = was_due or now is Status.DUE
    return Status.DUE if was_due and facts.sat else now


def counted(facts: Facts, changes: Iterable[Change]) -> bool:
    """Whether an enrolment is in 应考."""
    return status(facts, changes) is Status.DUE


_MOVES: dict[ChangeKind, Callable[[Status], Status]] = {
    ChangeKind.ADDED: lambda _: Status.DUE,
    ChangeKind.DEPARTED: lambda now: Status.DEPARTED if now is not Status.NEVER_DUE else now,
    ChangeKind.EXEMPTED: lambda now: Status.EXEMPT if now is Status.DUE else now,
    ChangeKind.EXEMPT_WITHDRAWN: lambda now: Status.DUE if now is Status.EXEMPT else now,
    ChangeKind.CORRECTED: lambda now: now,
}


def _in_force(facts: Facts, changes: Iterable[Change]) -> list[Change]:
    ordered = sorted(changes, key=lambda change: change.at)
    if facts.closed_at is None:
        return ordered
    carried = [change.at for change in ordered if change.kind is ChangeKind.CORRECTED]
    until = max([facts.closed_at, *carried])
    return [change for change in ordered if change.at <= until]


def _is_meant(person: Person, audience: Audience) -> bool:
    return (
        (audience.categories is None or person.category in audience.categories)
        and (audience.ranks is None or person.rank in audience.ranks)
        and (audience.enforcement is None or person.enforcement == audience.enforcement)
        and (audience.people is None or person.id in audience.people)
    )


def _units_of(audience: Audience, tree: dict[int, Unit]) -> set[int] | None:
    if audience.units is None:
        return None
    paths = _named_paths(tree)
    matched = {name: _matching(name, paths) for name in audience.units}
    missing = [name for name, found in matched.items() if not found]
    if missing:
        raise UnknownUnits(missing)
    tops = set().union(*matched.values())
    return {unit_id for unit_id in tree if any(above.id in tops for above in _path(unit_id, tree))}


def _named_paths(tree: dict[int, Unit]) -> dict[int, tuple[str, ...]]:
    """Names from the root down to each unit."""
    return {unit_id: tuple(unit.name for unit in reversed(_path(unit_id, tree))) for unit_id in tree}


def _matching(name: str, paths: dict[int, tuple[str, ...]]) -> set[int]:
    """Units whose path ends with `name`: 「执法大队」 or, to be exact, 「住建局/执法大队」."""
    wanted = tuple(part.strip() for part in name.split("/"))
    return {unit_id for unit_id, path in paths.items() if path[-len(wanted) :] == wanted}


def _path(unit_id: int, tree: dict[int, Unit]) -> list[Unit]:
    """From the unit up to its root."""
    path = [tree[unit_id]]
    while (parent_id := path[-1].parent_id) is not None:
        if len(path) > len(tree):
            raise ValueError(f"the tree of units goes in a circle at unit {unit_id}")
        path.append(tree[parent_id])
    return path
