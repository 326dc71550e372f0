"""我的数据: what is recorded about a person, why, who sees it and how long it is kept; and the way to have all of it."""

from __future__ import annotations

from typing import Any

from handlers.commands import choice
from handlers.messages import Link, Reply
from handlers.turns import Turn
from handlers.words import LANGUAGES, say
from storage import jobs
from storage.database import Store

EXPORT = "export_my_data"
KINDS = ("roster", "accounts", "results", "answers", "messages", "requests", "feedback", "documents", "acts")
FACTS = ("what", "why", "who")
RIGHTS = ("read", "export", "correct", "complain", "answer")


def privacy(turn: Turn, store: Store) -> list[Reply]:
    """「我的数据」: in short, with the page that says it in full."""
    link = Link(turn.say("privacy.open"), f"{turn.house.public_url}/privacy")
    buttons = (choice(turn.language, EXPORT), choice(turn.language, "record"), choice(turn.language, "complaint"))
    return [Reply(turn.say("privacy.short"), choices=buttons, links=(link,))]


def export(turn: Turn, store: Store) -> list[Reply]:
    """「导出我的数据」: a job gives a zip of everything about oneself."""
    if jobs.under_way(store, EXPORT, turn.me.id):
        return [Reply(turn.say("privacy.exporting_already"))]
    account_id = turn.account.id if turn.account else None
    jobs.add(store, EXPORT, {}, person_id=turn.me.id, account_id=account_id, now=turn.now)
    return [Reply(turn.say("privacy.exporting"))]


def page(language: str) -> dict[str, Any]:
    """What the page says: {"title", "lead": lines, "rows": [{"what", "facts": [(label, value)]}], "rights_title", "rights"}."""
    reader = language if language in LANGUAGES else LANGUAGES[0]

    def words(key: str) -> str:
        return say(reader, f"privacy.{key}")

    rows = [
        {"what": words(kind), "facts": [(words(f"label_{fact}"), words(f"{kind}_{fact}")) for fact in FACTS]}
        for kind in KINDS
    ]
    return {
        "title": words("title"),
        "lead": [words("lead"), words("never"), words("how_long")],
        "rows": rows,
        "rights_title": words("rights_title"),
        "rights": [words(f"right_{right}") for right in RIGHTS],
    }
