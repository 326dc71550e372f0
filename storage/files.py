"""Files that came in (rosters) or go out (pictures, sheets), in the database so that every process has them."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import insert, select, update

from quizzes.people import RoleName
from storage.database import Store
from storage.tables import file, role


def add(store: Store, name: str, media_type: str, content: bytes, owner_id: int | None, now: datetime) -> int:
    """Keep a file for its owner (None: nobody in particular) and give its number."""
    values = {"name": name, "media_type": media_type, "content": content, "sha256": hashlib.sha256(content).hexdigest(),
              "created_at": now, "person_id": owner_id}  # fmt: skip
    return store.new_id(insert(file), values)


def copy_for(store: Store, file_id: int, owner_id: int, now: datetime) -> int:
    """The same file for somebody else, kept once for each of them. Raises KeyError."""
    found = store.row(select(file).where(file.c.id == file_id))
    if found is None:
        raise KeyError(file_id)
    mine = file.c.person_id == owner_id, file.c.sha256 == found.sha256, file.c.name == found.name
    known = store.value(select(file.c.id).where(*mine).limit(1))
    return int(known) if known is not None else add(store, found.name, found.media_type, found.content, owner_id, now)


def get(store: Store, file_id: int) -> tuple[str, str, bytes]:
    """(name, media type, content). Raises KeyError."""
    found = store.row(select(file.c.name, file.c.media_type, file.c.content).where(file.c.id == file_id))
    if found is None:
        raise KeyError(file_id)
    return found.name, found.media_type, found.content


def label(store: Store, file_id: int) -> tuple[str, str]:
    """(name, media type). Raises KeyError."""
    found = store.row(select(file.c.name, file.c.media_type).where(file.c.id == file_id))
    if found is None:
        raise KeyError(file_id)
    return found.name, found.media_type


def owner(store: Store, file_id: int) -> int | None:
    """Whose file it is; None if nobody's in particular. Raises KeyError."""
    found = store.row(select(file.c.person_id).where(file.c.id == file_id))
    if found is None:
        raise KeyError(file_id)
    return None if found.person_id is None else int(found.person_id)


def forget(store: Store, file_id: int) -> None:
    """Drop the content of a file that was read and is needed no more; its name and digest stay."""
    store.run(update(file).where(file.c.id == file_id).values(content=b""))


def publish(store: Store, file_id: int) -> None:
    """From now on everybody who is in may read the file: it goes out with a pushed material."""
    store.run(update(file).where(file.c.id == file_id).values(allowed="everybody"))


def for_admins(store: Store, file_id: int) -> None:
    """From now on the admins may read the file too: it is attached to a request."""
    store.run(update(file).where(file.c.id == file_id).values(allowed=RoleName.ADMIN))


def may_read(store: Store, file_id: int, person_id: int) -> bool:
    """Whether a file is the person's own, or everybody's, or the admins' and the person is one. Raises KeyError."""
    found = store.row(select(file.c.person_id, file.c.allowed).where(file.c.id == file_id))
    if found is None:
        raise KeyError(file_id)
    if found.allowed == RoleName.ADMIN:
        held = role.c.person_id == person_id, role.c.name == RoleName.ADMIN, role.c.revoked_at.is_(None)
        return bool(found.person_id == person_id or store.row(select(role.c.id).where(*held).limit(1)))
    return bool(found.allowed == "everybody" or found.person_id == person_id)
