"""The pages of 学习资料: the list of what a person may read, and one of them."""

from __future__ import annotations

from typing import Any

from handlers.messages import Link
from storage import files, materials, pushes
from storage.database import Store
from storage.materials import Stored

MOST = 200


def listed(store: Store, person_id: int, most: int = MOST) -> list[Stored]:
    """What a person may read, newest first."""
    return materials.newest(store, pushes.pushed_to(store, person_id), most)


def readable(store: Store, key: str, person_id: int) -> Stored | None:
    """A material in force that is published, or was pushed to the person; else None."""
    found = materials.get(store, key)
    if found is None or found.published or found.id in pushes.pushed_to(store, person_id):
        return found
    return None


def newest(store: Store, person_id: int) -> list[dict[str, str]]:
    """[{"key", "title", "at"}], `at` in ISO."""
    return [{"key": each.key, "title": each.title, "at": each.at.isoformat()} for each in listed(store, person_id)]


def one(store: Store, key: str, person_id: int) -> dict[str, Any]:
    """{"title", "body" (Markdown), "cites", "at" (ISO), "links"}. Raises KeyError for what is not there for this person."""
    found = readable(store, key, person_id)
    if found is None:
        raise KeyError(key)
    links = [Link(found.title, found.url)] if found.url else []
    if found.file_id is not None:
        links.append(Link(files.label(store, found.file_id)[0], f"/files/{found.file_id}"))
    return {
        "title": found.title,
        "body": found.body,
        "cites": list(found.cites),
        "at": found.at.isoformat(),
        "links": links,
    }
