"""学习资料: those of the content files, published to everybody, and those an officer pushed, shown to whom they were pushed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from quizzes.materials import Material
from storage.database import Store
from storage.tables import material

PUSHED = "p."
"""What the keys of pushed materials begin with; no content file can use it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A material in force: an article (`body`, Markdown), a link (`url`) or a file. `at` is when it was published or last changed."""

    id: int
    key: str
    title: str
    body: str
    cites: tuple[str, ...]
    url: str
    file_id: int | None
    at: datetime

    @property
    def published(self) -> bool:
        """Whether it is everybody's, rather than only theirs to whom it was pushed."""
        return not self.key.startswith(PUSHED)


def _stored(row: Row[Any]) -> Stored:
    return Stored(row.id, row.key, row.title, row.body, tuple(row.cites), row.url, row.file_id, row.created_at)


def apply(store: Store, some: Sequence[Material], now: datetime) -> int:
    """Bring the materials of content files into force and give how many were new or changed; unchanged ones are left alone."""
    known = {row.key: row for row in store.rows(select(material.c.key, material.c.content_hash, material.c.removed_at))}
    changed = 0
    for each in some:
        values = {"title": each.title, "body": each.body, "cites": list(each.cites), "content_hash": _hash(each)}
        before = known.get(each.key)
        if before is not None and before.content_hash == values["content_hash"] and before.removed_at is None:
            continue
        changed += 1
        if before is None:
            store.run(insert(material), {"key": each.key, "created_at": now, **values})
        else:
            store.run(
                update(material).where(material.c.key == each.key).values(removed_at=None, created_at=now, **values)
            )
    return changed


def _hash(each: Material) -> str:
    content = [each.key, each.title, each.as_of.isoformat(), list(each.cites), each.body]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def remove_others(store: Store, keys: Iterable[str], now: datetime) -> int:
    """Withdraw published materials whose file is gone (those not in `keys`), and give how many. Pushed ones stay."""
    kept = material.c.key.in_(list(keys))
    gone = material.c.removed_at.is_(None) & ~material.c.key.startswith(PUSHED, autoescape=True) & ~kept
    return store.run(update(material).where(gone).values(removed_at=now)).rowcount


def add_pushed(
    store: Store, title: str, now: datetime, *, body: str = "", url: str = "", file_id: int | None = None
) -> Stored:
    """Keep what an officer is about to push: an article, a link or a file. Nobody sees it before it is pushed."""
    number = 1 + len(store.rows(select(material.c.id).where(material.c.key.startswith(PUSHED, autoescape=True))))
    content_hash = hashlib.sha256(f"{title}\n{body}\n{url}\n{file_id}".encode()).hexdigest()
    values: dict[str, Any] = {"key": f"{PUSHED}{number}", "title": title, "body": body, "cites": [], "url": url, "file_id": file_id,
              "content_hash": content_hash, "created_at": now}  # fmt: skip
    return by_id(store, store.new_id(insert(material), values))


def by_id(store: Store, material_id: int) -> Stored:
    """A material by its number, withdrawn or not. Raises KeyError."""
    found = store.row(select(material).where(material.c.id == material_id))
    if found is None:
        raise KeyError(material_id)
    return _stored(found)


def get(store: Store, key: str) -> Stored | None:
    """A material in force, or None."""
    found = store.row(select(material).where(material.c.key == key, material.c.removed_at.is_(None)))
    return None if found is None else _stored(found)


def published(store: Store, most: int = 200) -> list[Stored]:
    """The materials of the content files, newest first."""
    which = material.c.removed_at.is_(None), ~material.c.key.startswith(PUSHED, autoescape=True)
    return [
        _stored(row)
        for row in store.rows(
            select(material).where(*which).order_by(material.c.created_at.desc(), material.c.id).limit(most)
        )
    ]


def newest(store: Store, pushed: Mapping[int, datetime], most: int) -> list[Stored]:
    """What somebody may read, newest first: everything published, and what was pushed to them (number -> when)."""
    found = {each.id: each for each in published(store)}
    ids = list(pushed)
    for start in range(0, len(ids), 500):
        which = material.c.id.in_(ids[start : start + 500]), material.c.removed_at.is_(None)
        found |= {row.id: _stored(row) for row in store.rows(select(material).where(*which))}
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    return sorted(
        found.values(), key=lambda each: (max(each.at, pushed.get(each.id, long_ago)), -each.id), reverse=True
    )[:most]
