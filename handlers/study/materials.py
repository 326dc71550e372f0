"""学习资料: what there is to read, newest first, and reading it in chat."""

from __future__ import annotations

from datetime import datetime

from handlers.commands import choice
from handlers.messages import File, Link, Reply
from handlers.turns import Deployment, Turn
from handlers.views.materials import listed, readable
from handlers.words import say
from storage import files
from storage.database import Store
from storage.materials import Stored

SHOWN = 10
EXCERPT = 80


def newest(turn: Turn, store: Store) -> list[Reply]:
    """The materials a person may read, each with its button."""
    found = listed(store, turn.me.id)
    if not found:
        return [Reply(turn.say("materials.none"), choices=(choice(turn.language, "today"),))]
    lines = [turn.say("materials.list", total=len(found))]
    for number, each in enumerate(found[:SHOWN], 1):
        lines.append(
            turn.say("materials.line", number=number, title=each.title, date=_date(turn.language, each.at, turn.house))
        )
    buttons = tuple(
        choice(turn.language, "material", each.key, label=f"{number}. {each.title}")
        for number, each in enumerate(found[:SHOWN], 1)
    )
    if len(found) <= SHOWN:
        return [Reply("\n".join(lines), choices=buttons)]
    link = Link(turn.say("materials.open_web"), f"{turn.house.public_url}/materials")
    return [Reply("\n".join([*lines, turn.say("materials.more")]), choices=buttons, links=(link,))]


def read(turn: Turn, store: Store) -> list[Reply]:
    """「阅读 <key>」: one material, with what it stands on."""
    found = readable(store, turn.arguments[0], turn.me.id) if turn.arguments else None
    if found is None:
        return [Reply(turn.say("errors.not_found"), choices=(choice(turn.language, "materials"),))]
    return [whole(store, turn.language, found, turn.house)]


def whole(store: Store, language: str, each: Stored, house: Deployment) -> Reply:
    """A material as read in chat: title, article or link or file, what it cites, and when it was published."""
    notes = [say(language, "materials.cites", cites="；".join(each.cites))] if each.cites else []
    notes.append(say(language, "materials.published", date=_date(language, each.at, house)))
    article = "\n\n".join([each.body, *notes]) if each.body else ""
    text = each.title if article else "\n".join([each.title, *notes])
    return Reply(text, choices=(choice(language, "materials"),), article=article, **_attached(store, each))  # type: ignore[arg-type]


def announced(store: Store, language: str, each: Stored) -> Reply:
    """A pushed material as it arrives: its title, how it begins, and the button to read it; a link or file comes along whole."""
    lines = [say(language, "materials.pushed", title=each.title)]
    buttons = [choice(language, "why")]
    if each.body:
        lines += [excerpt(each.body), say(language, "materials.read_more")]
        buttons.insert(0, choice(language, "material", each.key))
    return Reply("\n".join(lines), choices=tuple(buttons), **_attached(store, each))  # type: ignore[arg-type]


def excerpt(markdown: str) -> str:
    """How an article begins, without its headings and marks."""
    plain = next(
        (
            line.strip(" *_>-")
            for line in markdown.splitlines()
            if line.strip() and not line.startswith(("#", "|", "!"))
        ),
        "",
    )
    return plain if len(plain) <= EXCERPT else plain[: EXCERPT - 1] + "…"


def _attached(store: Store, each: Stored) -> dict[str, tuple[Link | File, ...]]:
    attached: dict[str, tuple[Link | File, ...]] = {"links": (Link(each.title, each.url),) if each.url else ()}
    if each.file_id is not None:
        name, media_type, content = files.get(store, each.file_id)
        attached["files"] = (File(name, media_type, content, each.file_id),)
    return attached


def _date(language: str, at: datetime, house: Deployment) -> str:
    return house.day(language, house.today(at))
