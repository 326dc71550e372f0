"""Issued documents: certificates and returns, each under its code, as they were printed; a row is never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select

from quizzes.documents import seal
from storage.database import Store
from storage.tables import document

CERTIFICATE, RETURN = "certificate", "return"


@dataclass(frozen=True, slots=True)
class Document:
    """One issued document. `content` is what it says, `hash` the seal over it; `revoked_at`: taken back."""

    id: int
    kind: str
    code: str
    round_id: int
    person_id: int | None
    unit_id: int | None
    content: dict[str, Any]
    hash: str
    issued_at: datetime
    revoked_at: datetime | None

    @property
    def whole(self) -> bool:
        """Whether it still says what it said when it was issued."""
        return seal(self.content) == self.hash


_COLUMNS = [document.c[name] for name in Document.__slots__]


def _found(store: Store, *which: ColumnElement[bool]) -> list[Document]:
    query = select(*_COLUMNS).where(document.c.kind.in_((CERTIFICATE, RETURN)), *which).order_by(document.c.id)
    return [Document(*tuple(row)) for row in store.rows(query)]


def get(store: Store, number: int) -> Document:
    """A certificate or return by its number. Raises KeyError."""
    found = _found(store, document.c.id == number)
    if not found:
        raise KeyError(number)
    return found[0]


def behind(store: Store, code: str) -> Document | None:
    """The certificate or return of a code, or None."""
    found = _found(store, document.c.code == code)
    return found[0] if found else None


def certificates(store: Store, person_id: int, round_id: int | None = None) -> list[Document]:
    """The certificates of a person, oldest first; of all rounds or of one."""
    mine = document.c.kind == CERTIFICATE, document.c.person_id == person_id
    return _found(store, *mine, *([] if round_id is None else [document.c.round_id == round_id]))


def returns(store: Store, round_id: int, unit_id: int) -> list[Document]:
    """The returns printed of a unit for a round, oldest first."""
    return _found(store, document.c.kind == RETURN, document.c.round_id == round_id, document.c.unit_id == unit_id)


def issue(store: Store, kind: str, code: str, round_id: int, content: dict[str, Any], by: int | None, now: datetime, *,
          person_id: int | None = None, unit_id: int | None = None) -> int:  # fmt: skip
    """Keep a document before it is printed; gives its number."""
    values = {"kind": kind, "code": code, "round_id": round_id, "person_id": person_id, "unit_id": unit_id, "content": content,
              "hash": seal(content), "issued_at": now, "issued_by": by}  # fmt: skip
    return store.new_id(insert(document), values)


def broken(store: Store) -> list[int]:
    """The documents that no longer say what they said when they were issued: somebody changed the database by hand."""
    query = select(document.c.id, document.c.content, document.c.hash).order_by(document.c.id)
    return [row.id for row in store.rows(query) if seal(row.content) != row.hash]
