"""Replies as JSON and back, for the inbox and the deliveries. A file goes into the store once and is referred to by number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handlers.messages import Choice, File, Link, QuestionCard, Reply
from storage import files
from storage.database import Store


def to_json(store: Store, reply: Reply, owner_id: int | None, now: datetime) -> dict[str, Any]:
    """A reply as JSON, leaving out what is empty; new files are stored for `owner_id`."""
    data: dict[str, Any] = {"text": reply.text}
    if reply.choices:
        data["choices"] = [[choice.label, choice.says] for choice in reply.choices]
    if reply.card:
        card = reply.card
        data["card"] = [
            card.heading,
            card.stem,
            list(card.options),
            card.multiple,
            card.token,
            card.chosen,
            card.submit_label,
        ]
    if reply.links:
        data["links"] = [[link.label, link.url] for link in reply.links]
    if reply.files:
        data["files"] = [
            [file.id or files.add(store, file.name, file.media_type, file.content, owner_id, now)]
            for file in reply.files
        ]
    if reply.article:
        data["article"] = reply.article
    if reply.edits:
        data["edits"] = True
    return data


def from_json(
    store: Store, data: dict[str, Any], *, contents: bool = True, known: dict[int, File] | None = None
) -> Reply:
    """The inverse of `to_json`. Without `contents` files come with their names and numbers only. `known` keeps those that were read, by
    number, for the next reply."""
    card, read = data.get("card"), {} if known is None else known
    for (number,) in data.get("files", ()):
        if number not in read:
            name, media_type, content = files.get(store, number) if contents else (*files.label(store, number), b"")
            read[number] = File(name, media_type, content, number)
    found = [read[number] for (number,) in data.get("files", ())]
    return Reply(
        text=data["text"],
        choices=tuple(Choice(*pair) for pair in data.get("choices", ())),
        card=QuestionCard(card[0], card[1], tuple(card[2]), *card[3:]) if card else None,
        files=tuple(found),
        links=tuple(Link(*pair) for pair in data.get("links", ())),
        article=data.get("article", ""),
        edits=data.get("edits", False),
    )
