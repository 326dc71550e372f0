"""Printed papers: which questions stand on the A and B papers of a round, under the code printed on each sheet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from quizzes.enrolling import Enrolled
from quizzes.papers import Slot
from quizzes.printing import Printed, kinds
from storage import people, rounds
from storage.database import Store
from storage.tables import document

KIND = "paper_print"


@dataclass(frozen=True, slots=True)
class Print:
    """The papers of one kind of one round. `kind`: 0 for the round's own draw, else the number of the variant."""

    id: int
    code: str
    round_id: int
    kind: int
    papers: tuple[Printed, ...]
    issued_at: datetime

    def paper(self, letter: str) -> Printed | None:
        """The paper of a letter."""
        return next((each for each in self.papers if each.letter == letter), None)


def _print(found: Row[Any]) -> Print:
    papers = tuple(Printed.from_json(each) for each in found.content["papers"])
    return Print(found.id, found.code, found.round_id, found.content["kind"], papers, found.issued_at)


def of_round(store: Store, round_id: int) -> list[Print]:
    """What was printed for a round, by kind. Printing again gives the same papers."""
    which = document.c.kind == KIND, document.c.round_id == round_id, document.c.revoked_at.is_(None)
    found = [_print(row) for row in store.rows(select(document).where(*which).order_by(document.c.id))]
    return sorted(found, key=lambda each: each.kind)


def keep(
    store: Store, round_id: int, kind: int, papers: Sequence[Printed], code: str, by: int | None, now: datetime
) -> Print:
    """Keep papers before they are printed; those kept before, if there are any."""
    known = next((each for each in of_round(store, round_id) if each.kind == kind), None)
    if known is not None:
        return known
    content = {"kind": kind, "papers": [each.to_json() for each in papers]}
    values = {
        "kind": KIND,
        "code": code,
        "round_id": round_id,
        "content": content,
        "hash": seal(content),
        "issued_at": now,
        "issued_by": by,
    }
    number = store.new_id(insert(document), values)
    return Print(number, code, round_id, kind, tuple(papers), now)


def seal(content: dict[str, Any]) -> str:
    """SHA-256 in hex over what stands on the papers."""
    said = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def slots(store: Store, print_id: int, letter: str) -> tuple[Slot, ...]:
    """The questions of one printed paper; empty for an unknown one."""
    found = store.row(select(document).where(document.c.id == print_id, document.c.kind == KIND))
    paper = _print(found).paper(letter) if found is not None else None
    return paper.slots if paper is not None else ()


def by_enrolment(store: Store, lines: Sequence[Row[Any]]) -> dict[int, tuple[int, str]]:
    """Which print (number, code) each enrolment would have been given; rows need id, round_id, person_id, unit_id and bureau_id."""
    found: dict[int, tuple[int, str]] = {}
    for round_id in sorted({line.round_id for line in lines}):
        printed = {each.kind: (each.id, each.code) for each in of_round(store, round_id)}
        if printed:
            mine = [line for line in lines if line.round_id == round_id]
            kind = kinds_of(store, round_id, [Enrolled(line.person_id, line.unit_id, line.bureau_id) for line in mine])
            found |= {line.id: printed[kind[line.person_id]] for line in mine if kind[line.person_id] in printed}
    return found


def kinds_of(store: Store, round_id: int, enrolled: Sequence[Enrolled]) -> dict[int, int]:
    """Which kind of paper each of these people gets in a round."""
    variants = rounds.get(store, round_id).variants
    if not variants:
        return {each.person_id: 0 for each in enrolled}
    return kinds(enrolled, people.people(store), people.units(store), variants)
