"""Plans that came from a form in the chat rather than from plans.yaml: put on the books, taken off, and put back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, select, update

from quizzes.plans import Plan, plan_from_json, to_json
from storage.banks import plan_hash
from storage.database import Store
from storage.tables import plan

FORM = "form"


def free_key(store: Store, day: date) -> str:
    """A key that no plan has or had: 「exam-20261201」, then 「exam-20261201-2」."""
    first = f"exam-{day:%Y%m%d}"
    taken = {row.key for row in store.rows(select(plan.c.key).where(plan.c.key.startswith(first, autoescape=True)))}
    keys = (first if number == 1 else f"{first}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in keys if key not in taken)


def add(store: Store, what: Plan, now: datetime) -> None:
    """Put a plan into force; its key must be free."""
    values = {
        "key": what.key,
        "content": to_json(what),
        "content_hash": plan_hash(what),
        "applied_at": now,
        "origin": FORM,
    }
    store.run(insert(plan), values)


def keys(store: Store) -> frozenset[str]:
    """The keys of the plans from forms that are in force."""
    query = select(plan.c.key).where(plan.c.origin == FORM, plan.c.removed_at.is_(None))
    return frozenset(row.key for row in store.rows(query))


def get(store: Store, key: str) -> Plan | None:
    """A plan from a form, in force or taken back; None if there is none."""
    found = store.row(select(plan.c.content).where(plan.c.key == key, plan.c.origin == FORM))
    return None if found is None else plan_from_json(found.content)


def remove(store: Store, key: str, now: datetime) -> None:
    """Take a plan out of force; its row stays."""
    store.run(update(plan).where(plan.c.key == key, plan.c.origin == FORM).values(removed_at=now))


def restore(store: Store, key: str, now: datetime) -> None:
    """Put a plan that was taken back into force again, from now on."""
    store.run(update(plan).where(plan.c.key == key, plan.c.origin == FORM).values(removed_at=None, applied_at=now))
