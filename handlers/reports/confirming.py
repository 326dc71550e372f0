"""核对: what became of an issued certificate or return, by its code; looked up now, and as much of it as a stranger may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.reports import returning
from handlers.sitting import certificates
from handlers.turns import Deployment
from handlers.words import say
from quizzes import documents as codes
from quizzes.rates import percent
from quizzes.returns import PARTS, changes, moved
from storage import documents, rounds
from storage.database import Store
from storage.documents import CERTIFICATE, Document


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a code confirms. `kind`: certificate, return, or "" for an unknown code; `stands`: it still says what the ledger says;
    `verdict` is that in a sentence, `facts` what was issued, `changes` what is otherwise by now."""

    kind: str
    stands: bool
    verdict: str
    facts: tuple[tuple[str, str], ...] = ()
    changes: tuple[str, ...] = ()


def confirm(store: Store, typed: str, language: str, house: Deployment, now: datetime) -> Confirmed:
    """What stands behind a code as typed."""
    code = codes.read_code(typed)
    found = documents.behind(store, code) if code else None
    if found is None:
        return Confirmed("", stands=False, verdict=say(language, "confirming.unknown"))
    if found.kind == CERTIFICATE:
        return _certificate(store, found, language, house)
    return _return(store, found, language, house, now)


def _fact(language: str, key: str, value: object) -> tuple[str, str]:
    return say(language, f"confirming.fact_{key}"), str(value)


def _certificate(store: Store, found: Document, language: str, house: Deployment) -> Confirmed:
    """The name masked, the unit, the exam, the verdict and the date; nothing else."""
    said, stands = found.content, certificates.stands(store, found)
    facts = (
        _fact(language, "name", codes.masked(said["name"])),
        _fact(language, "unit", said["unit"]),
        _fact(language, "exam", said["title"]),
        _fact(language, "verdict", say(language, f"confirming.{said['verdict']}")),
        _fact(language, "issued", certificates.day(language, house.today(found.issued_at))),
    )
    return Confirmed(
        found.kind, stands, say(language, f"confirming.certificate_{'stands' if stands else 'fallen'}"), facts
    )


def _return(store: Store, found: Document, language: str, house: Deployment, now: datetime) -> Confirmed:
    """The printed figures, and which of them the ledger has otherwise now. No names: those stand on the paper."""
    said = found.content
    facts = (_fact(language, "unit", said["unit"]), _fact(language, "exam", said["title"]), *_figures(language, said["figures"]),
             _fact(language, "printed", house.moment(language, found.issued_at)), _fact(language, "digest", codes.short(found.hash)))  # fmt: skip
    if not found.whole or found.unit_id is None:
        return Confirmed(found.kind, False, say(language, "confirming.return_broken"), facts)
    what = rounds.get(store, found.round_id)
    counted = returning.content(store, what, found.unit_id, said["language"], house, now, reasons=False)
    lines = [_change(language, each.part, each.field, each.printed, each.now) for each in changes(said, counted)]
    people = moved(said, counted)
    lines += [say(language, "confirming.moved", people=people)] if people else []
    lines += [say(language, "confirming.closed_since")] if counted["closed"] and not said["closed"] else []
    return Confirmed(
        found.kind,
        not lines,
        say(language, f"confirming.return_{'changed' if lines else 'stands'}"),
        facts,
        tuple(lines),
    )


def _figures(language: str, printed: Mapping[str, Any]) -> list[tuple[str, str]]:
    _, _, due, sat, passed, excellent = printed["total"]
    return [
        _fact(language, "counts", say(language, "confirming.counts", due=due, sat=sat, passed=passed, excellent=excellent)),
        _fact(language, "rates", say(language, "confirming.rates", rate=percent(sat, due), sat=sat, due=due,
                                     pass_rate=percent(passed, sat), passed=passed)),
    ]  # fmt: skip


def _change(language: str, part: str, field: str, printed: int, now: int) -> str:
    where = say(language, f"returns.part_{part}") if part in PARTS else part
    return say(
        language,
        "confirming.change",
        where=where,
        what=say(language, f"confirming.field_{field}"),
        printed=printed,
        now=now,
    )
