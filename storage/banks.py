"""Banks and plans from content files into the store: questions by revision and content hash, a file whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from quizzes.content.banks import BankHeader
from quizzes.plans import Plan, to_json
from quizzes.questions import Question
from storage.database import Store
from storage.tables import bank, plan, question, revision

_CHUNK = 400
FILE = "file"
"""The origin of a plan that stands in plans.yaml."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying one bank changed, in questions."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0


class TakenElsewhere(ValueError):
    """A question's id belongs to a question of another bank file."""

    def __init__(self, key: str, path: str) -> None:
        super().__init__(f"{key}: {path}")
        self.key, self.path = key, path


def file_hash(store: Store, path: str) -> str:
    """The hash of the file a bank was applied from; "" if it is not in force."""
    return str(store.value(select(bank.c.file_hash).where(bank.c.path == path, bank.c.removed_at.is_(None))) or "")


def apply(store: Store, path: str, header: BankHeader, questions: Iterable[Question], now: datetime, *,
          standing: Container[str] | None = None) -> Applied:  # fmt: skip
    """Bring a bank into the state of its file. Old revisions stay for the answers that point at them; questions that are gone
    are removed from new papers only. A question of another bank in force is refused if that bank is among the `standing`
    (None: all), and else moves here with its history. Call in one transaction. Raises TakenElsewhere."""
    bank_id = _bank(store, path, header, now)
    before = {
        r.key: (r.id, r.revision_id, r.removed_at)
        for r in store.rows(select(question).where(question.c.bank_id == bank_id))
    }
    seen: set[str] = set()
    added = changed = unchanged = 0
    stream = iter(questions)
    while chunk := list(islice(stream, _CHUNK)):
        numbers = _revisions(store, chunk, now)
        new = [q for q in chunk if q.key not in before]
        moved = [
            q for q in chunk if q.key in before and (before[q.key][1] != numbers[q.key] or before[q.key][2] is not None)
        ]
        _insert(store, bank_id, new, numbers, standing)
        if moved:
            store.run(
                update(question)
                .where(question.c.id == bindparam("number"))
                .values(revision_id=bindparam("new"), removed_at=None),
                [{"number": before[q.key][0], "new": numbers[q.key]} for q in moved],
            )
            _lift(store, [q.key for q in moved if before[q.key][1] != numbers[q.key]])
        seen.update(q.key for q in chunk)
        added, changed, unchanged = (
            added + len(new),
            changed + len(moved),
            unchanged + len(chunk) - len(new) - len(moved),
        )
    gone = [number for key, (number, _, removed) in before.items() if key not in seen and removed is None]
    if gone:
        store.run(
            update(question).where(question.c.id == bindparam("number")).values(removed_at=now),
            [{"number": n} for n in gone],
        )
    return Applied(added, changed, len(gone), unchanged)


def _lift(store: Store, keys: Sequence[str]) -> None:
    """A question suspended for its wrong key may be drawn again once the file says something else."""
    if keys:
        store.run(update(question).where(question.c.key.in_(keys)).values(suspended_at=None))


def suspend(store: Store, revision_id: int, now: datetime) -> bool:
    """Keep a question out of new draws until its file is corrected. False if this wording is no longer the one in force."""
    current = question.c.revision_id == revision_id, question.c.suspended_at.is_(None)
    return store.run(update(question).where(*current).values(suspended_at=now)).rowcount > 0


def _bank(store: Store, path: str, header: BankHeader, now: datetime) -> int:
    values = {"name": header.name, "law": header.law, "as_of": header.as_of, "file_hash": header.file_hash, "applied_at": now,
              "removed_at": None}  # fmt: skip
    found = store.value(select(bank.c.id).where(bank.c.path == path))
    if found is None:
        return store.new_id(insert(bank), {"path": path, **values})
    store.run(update(bank).where(bank.c.id == found).values(**values))
    return int(found)


def _revisions(store: Store, chunk: Sequence[Question], now: datetime) -> dict[str, int]:
    """Key -> number of the revision with this content, written where new."""
    dialect = postgresql if store.on_postgres else sqlite
    hashes = {q.key: q.content_hash for q in chunk}
    rows = [{"key": q.key, "content_hash": hashes[q.key], "content": q.to_json(), "created_at": now} for q in chunk]
    store.run(dialect.insert(revision).on_conflict_do_nothing(index_elements=["key", "content_hash"]), rows)
    found = store.rows(
        select(revision.c.id, revision.c.key, revision.c.content_hash).where(revision.c.key.in_(list(hashes)))
    )
    return {r.key: r.id for r in found if r.content_hash == hashes[r.key]}


def _insert(store: Store, bank_id: int, new: Sequence[Question], numbers: dict[str, int],
            standing: Container[str] | None) -> None:  # fmt: skip
    """Questions this bank did not have. A bank that loses one is not what its file last said, and is read again."""
    if not new:
        return
    keys = [q.key for q in new]
    query = select(
        question.c.key,
        question.c.revision_id,
        question.c.removed_at,
        bank.c.removed_at.label("bank_removed"),
        bank.c.path,
    ).join(bank)
    elsewhere = {r.key: r for r in store.rows(query.where(question.c.key.in_(keys)))}
    for key, found in elsewhere.items():
        if found.removed_at is None and found.bank_removed is None and (standing is None or found.path in standing):
            raise TakenElsewhere(key, found.path)
    values = [{"key": key, "bank_id": bank_id, "revision_id": numbers[key]} for key in keys]
    fresh = [v for v in values if v["key"] not in elsewhere]
    if fresh:
        store.run(insert(question), fresh)
    for moving in (v for v in values if v["key"] in elsewhere):
        store.run(update(question).where(question.c.key == moving["key"]).values(
            bank_id=bank_id, revision_id=moving["revision_id"], removed_at=None))  # fmt: skip
    _lift(store, [key for key, found in elsewhere.items() if found.revision_id != numbers[key]])
    if elsewhere:
        losing = [found.path for found in elsewhere.values()]
        store.run(update(bank).where(bank.c.path.in_(losing)).values(file_hash=""))


def remove_others(store: Store, paths: Iterable[str], now: datetime) -> int:
    """Banks whose files are gone leave new papers; nothing is deleted. Gives how many."""
    gone = (
        update(bank)
        .where(bank.c.path.not_in(list(paths)), bank.c.removed_at.is_(None))
        .values(removed_at=now, file_hash="")
    )
    return store.run(gone).rowcount


def apply_plans(store: Store, plans: Sequence[Plan], now: datetime) -> int:
    """Bring the plans into the state of plans.yaml; gives how many changed. A plan keeps the time since when it holds, so that
    a change of its words never makes past days look missed. Plans from a form (`storage.form_plans`) stay as they are, unless the
    file has one of the same key: then it is the file's."""
    before = {r.key: r for r in store.rows(select(plan))}
    changed = 0
    for each in plans:
        content, digest = to_json(each), plan_hash(each)
        found = before.get(each.key)
        if found is None:
            store.run(insert(plan), {"key": each.key, "content": content, "content_hash": digest, "applied_at": now})
        elif found.content_hash != digest or found.removed_at is not None or found.origin != FILE:
            since = found.applied_at if found.removed_at is None else now
            store.run(
                update(plan)
                .where(plan.c.id == found.id)
                .values(content=content, content_hash=digest, applied_at=since, removed_at=None, origin=FILE)
            )
        else:
            continue
        changed += 1
    kept = [each.key for each in plans]
    gone = plan.c.key.not_in(kept), plan.c.removed_at.is_(None), plan.c.origin == FILE
    store.run(update(plan).where(*gone).values(removed_at=now))
    return changed


def plan_hash(what: Plan) -> str:
    """SHA-256 (hex) of everything a plan says."""
    return hashlib.sha256(json.dumps(to_json(what), ensure_ascii=False, sort_keys=True).encode()).hexdigest()
