"""Drawing papers: which questions one person gets, in which order, with which order of options; the same seed, the same paper."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from quizzes.plans import Draw
from quizzes.questions import Kind, Question, Revision

_OTHERS = re.compile(
    r"^\W*以上|以上(?=[都均皆全各选答说几])|上述|上列|前述|前[一二两三四五]项|[均都皆](?:对|错|正确|不对|不正确|不是)"
    r"|(?:[均都皆](?:是|可以?)|全部)\W*$|全部(?:正确|错误)|[两二三]者[都均皆]|(?i:\b(?:all|none|both|any) of (?:the|these)\b)",
)
_LETTERED = re.compile(
    r"选项?\s*[A-J]|[A-J]\s*[、,，和与及或/]\s*[A-J]|[A-J]\s*[项选]|(?<![A-Za-z])[A-J]{2,}(?![A-Za-z])"
    r"|答案\s*[:：为是]?\s*[A-J]|\boptions? [A-J]\b",
)
_TRIES = 12


class Slot(NamedTuple):
    """One question of a paper. `order[i]` is the index in `question.options` of the option shown as letter i; `item` numbers the
    item of a case (from 0), None for a question that is none."""

    revision_id: int
    order: tuple[int, ...]
    item: int | None = None

    def to_json(self) -> list[Any]:
        """As stored with a paper."""
        return [self.revision_id, list(self.order), *([] if self.item is None else [self.item])]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Slot:
        """The inverse of `to_json`."""
        return cls(data[0], tuple(data[1]), data[2] if len(data) > 2 else None)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A line of the draw the pool cannot fill: `line` counts from 1; `found` questions where `want.count` are asked."""

    line: int
    want: Draw
    found: int


class PoolTooSmall(ValueError):
    """The pool has fewer fitting questions than the draw asks for, even with repeats. `shortfalls` says which lines."""

    def __init__(self, shortfalls: Sequence[Shortfall]) -> None:
        super().__init__("; ".join(f"line {s.line}: {s.want.count} wanted, {s.found} in the pool" for s in shortfalls))
        self.shortfalls = tuple(shortfalls)


@dataclass(frozen=True, slots=True)
class _Item:
    """What the pool keeps of a question: its key and the slots it fills, several for a case, each with whether its options mix."""

    revision_id: int
    key: str
    slots: tuple[tuple[Slot, bool], ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """The questions of a round, grouped once so that many papers can be drawn from it. `banks[i]` is the bank of `items[i]`. A case
    is drawn only where a line asks for cases."""

    items: tuple[_Item, ...]
    questions: tuple[Question, ...]
    banks: tuple[str, ...]
    _fitting: dict[Draw, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, revisions: Iterable[Revision], banks: Mapping[int, str] | None = None) -> Pool:
        """`banks` names the bank of each revision id; it is needed only for draws that name banks. Of two revisions of one
        question the later counts. The order of `revisions` does not matter to what is drawn."""
        latest = {revision.question.key: revision for revision in sorted(revisions, key=lambda r: r.id)}
        chosen = sorted(latest.values(), key=lambda r: r.id)
        named = banks or {}
        return cls(
            items=tuple(_item(revision) for revision in chosen),
            questions=tuple(revision.question for revision in chosen),
            banks=tuple(named.get(revision.id, "") for revision in chosen),
        )

    def fitting(self, want: Draw) -> tuple[int, ...]:
        """Indices of the items that one line of a draw may take; worked out once per line."""
        found = self._fitting.get(want)
        if found is None:
            pairs = zip(self.questions, self.banks, strict=True)
            found = tuple(i for i, (question, bank) in enumerate(pairs) if _fits(question, bank, want))
            self._fitting[want] = found
        return found


def paper_seed(round_seed: int, person_id: int, attempt_no: int) -> int:
    """The seed of one paper, 0 to 2**63 - 1 (it fits a signed column); the same on every machine and Python."""
    digest = hashlib.sha256(f"{round_seed}:{person_id}:{attempt_no}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def draw(pool: Pool, wants: Sequence[Draw], rng: Random, avoid: Container[str]) -> tuple[Slot, ...]:
    """One paper, in the order of `wants`, no question twice. `avoid` holds question keys answered lately: they come back only
    where too few others remain, and then as few of them as possible. Uses `rng.random()` alone, whose sequence Python keeps
    stable between versions. Raises PoolTooSmall when the pool cannot fill the draw even with repeats."""
    picked = _fresh(pool, wants, rng, avoid)
    if picked is None:
        picked = _fewest_repeats(pool, wants, rng, avoid)
    return tuple(_mixed(slot, rng) if mixes else slot for index in picked for slot, mixes in pool.items[index].slots)


def shortfalls(pool: Pool, wants: Sequence[Draw]) -> tuple[Shortfall, ...]:
    """What the pool cannot fill, said before a round opens; empty when every paper can be drawn. Lines that compete for the
    same questions are counted together."""
    seats = [line for line, want in enumerate(wants) for _ in range(want.count)]
    taken: dict[int, int] = {}
    seated = [_seat(seat, [pool.fitting(wants[line]) for line in seats], taken, set()) for seat in range(len(seats))]
    found = [sum(ok for ok, line in zip(seated, seats, strict=True) if line == number) for number in range(len(wants))]
    return tuple(
        Shortfall(number + 1, want, found[number]) for number, want in enumerate(wants) if found[number] < want.count
    )


def keeps_order(question: Question) -> bool:
    """Whether the options must be shown as written: a judge question, or one whose options or explanation name others
    (以上都对, A和B, 故选AC), which would turn false under other letters."""
    options = [unicodedata.normalize("NFKC", text) for text in question.options]
    return (
        question.kind is Kind.JUDGE
        or any(_OTHERS.search(text) or _LETTERED.search(text) for text in options)
        or _LETTERED.search(unicodedata.normalize("NFKC", question.explain)) is not None
    )


def _item(revision: Revision) -> _Item:
    question = revision.question
    parts = list(enumerate(question.items)) if question.kind is Kind.CASE else [(None, question)]
    return _Item(revision.id, question.key, tuple(_part(revision.id, number, part) for number, part in parts))


def _part(revision_id: int, number: int | None, question: Question) -> tuple[Slot, bool]:
    options = 2 if question.kind is Kind.JUDGE else len(question.options)
    return Slot(revision_id, tuple(range(options)), number), options > 1 and not keeps_order(question)


def _fits(question: Question, bank: str, want: Draw) -> bool:
    low, high = want.difficulty or (question.difficulty, question.difficulty)
    return (
        (question.kind is not Kind.CASE if want.kind is None else want.kind is question.kind)
        and (want.topic is None or want.topic in question.topics)
        and low <= question.difficulty <= high
        and (want.banks is None or bank in want.banks)
    )


def _mixed(slot: Slot, rng: Random) -> Slot:
    return slot._replace(order=tuple(_shuffled(slot.order, rng)))


def _shuffled(items: Sequence[int], rng: Random) -> list[int]:
    """Fisher and Yates on `rng.random()`; `Random.shuffle` may change between versions of Python."""
    mixed = list(items)
    for last in range(len(mixed) - 1, 0, -1):
        other = int(rng.random() * (last + 1))
        mixed[last], mixed[other] = mixed[other], mixed[last]
    return mixed


def _fresh(pool: Pool, wants: Sequence[Draw], rng: Random, avoid: Container[str]) -> list[int] | None:
    """The usual, quick way: line by line, fresh questions only; None where a line finds none left."""
    picked: list[int] = []
    for want in wants:
        fitting = pool.fitting(want)
        for _ in range(want.count):
            index = _any_fresh(pool.items, fitting, picked, rng, avoid)
            if index is None:
                return None
            picked.append(index)
    return picked


def _any_fresh(
    items: Sequence[_Item], fitting: Sequence[int], picked: Sequence[int], rng: Random, avoid: Container[str]
) -> int | None:
    """A fresh question at random: by trying, which costs the same in any pool, or from the list of all that are left."""
    size = len(fitting)
    for _ in range(_TRIES if size else 0):
        index = fitting[int(rng.random() * size)]
        if index not in picked and items[index].key not in avoid:
            return index
    left = [index for index in fitting if index not in picked and items[index].key not in avoid]
    return left[int(rng.random() * len(left))] if left else None


def _fewest_repeats(pool: Pool, wants: Sequence[Draw], rng: Random, avoid: Container[str]) -> list[int]:
    """The sure way: seats and questions are matched by augmenting paths, fresh questions first. A question once seated stays
    in the paper (its seat may move), so the paper holds as many fresh questions as any paper could."""
    seats = [want for want in wants for _ in range(want.count)]
    fresh: dict[Draw, list[int]] = {}
    either: dict[Draw, list[int]] = {}
    for want in wants:
        mixed = _shuffled(pool.fitting(want), rng)
        fresh[want] = [index for index in mixed if pool.items[index].key not in avoid]
        either[want] = mixed
    taken: dict[int, int] = {}
    waiting = [seat for seat in range(len(seats)) if not _seat(seat, [fresh[want] for want in seats], taken, set())]
    for seat in waiting:
        if not _seat(seat, [either[want] for want in seats], taken, set()):
            raise PoolTooSmall(shortfalls(pool, wants))
    return [index for _, index in sorted((seat, index) for index, seat in taken.items())]


def _seat(seat: int, choices: Sequence[Sequence[int]], taken: dict[int, int], tried: set[int]) -> bool:
    """Gives `seat` one of its choices, moving others if need be; `taken` maps question to seat."""
    for index in choices[seat]:
        if index not in taken:
            taken[index] = seat
            return True
    for index in choices[seat]:
        if index not in tried:
            tried.add(index)
            if _seat(taken[index], choices, taken, tried):
                taken[index] = seat
                return True
    return False
