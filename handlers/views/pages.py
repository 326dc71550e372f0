"""Every view a page can ask for, with its right; a page without a line here does not exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.commands import as_number
from handlers.help import privacy
from handlers.messages import BotError, File, Viewer
from handlers.rights import scope_of
from handlers.turns import Deployment
from handlers.views import chat, exam, joining, materials, verifying
from storage import accounts, files
from storage.database import Store


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a page: who (None: a stranger), what was asked, the deployment and the time."""

    viewer: Viewer | None
    query: Mapping[str, str]
    house: Deployment
    now: datetime

    @property
    def me(self) -> Viewer:
        """The viewer of a page that strangers do not reach."""
        assert self.viewer is not None
        return self.viewer


@dataclass(frozen=True, slots=True)
class View:
    """`right`: its line in the rights table; None for the pages at the door, which say only what their link says."""

    right: str | None
    run: Callable[[Store, Look], Any]


def _file(store: Store, look: Look) -> File:
    number = as_number(look.query["id"])
    if not files.may_read(store, number, look.me.person_id):
        raise BotError("not_allowed")
    name, media_type, content = files.get(store, number)
    return File(name, media_type, content, number)


VIEWS: dict[str, View] = {
    "invitation": View(
        None, lambda store, look: joining.invitation(store, look.query["token"], look.now, look.house.today(look.now))
    ),
    "entry": View(
        None, lambda store, look: joining.entry(store, look.query["code"], look.now, look.house.today(look.now))
    ),
    "seat": View(
        None, lambda store, look: joining.seat(store, look.query["code"], look.now, look.house.today(look.now))
    ),
    "hall": View(None, lambda store, look: joining.hall(store, look.query["token"], look.viewer)),
    "verify": View(
        None,
        lambda store, look: verifying.verify(store, look.query["code"], look.query["language"], look.house, look.now),
    ),
    "privacy": View(None, lambda _store, look: privacy.page(look.query["language"])),
    "chat": View("chat.read", lambda store, look: chat.chat(store, look.me, look.house, look.now)),
    "entrant": View("chat.read", lambda store, look: joining.entrant(store, look.query["code"], look.me, look.now)),
    "deliveries": View(
        "chat.read",
        lambda store, look: chat.arriving(store, look.me, as_number(look.query["after"]), look.house, look.now),
    ),
    "exams": View("quiz.answer", lambda store, look: exam.exams(store, look.me, look.house, look.now)),
    "exam_question": View(
        "quiz.answer",
        lambda store, look: exam.question(
            store, as_number(look.query["paper"]), as_number(look.query["number"]), look.me, look.house, look.now
        ),
    ),
    "exam_sheet": View(
        "quiz.answer",
        lambda store, look: exam.sheet(store, as_number(look.query["paper"]), look.me, look.house, look.now),
    ),
    "exam_result": View(
        "quiz.answer",
        lambda store, look: exam.result(store, as_number(look.query["paper"]), look.me, look.house, look.now),
    ),
    "exam_review": View(
        "quiz.answer",
        lambda store, look: exam.review(store, as_number(look.query["paper"]), as_number(look.query["part"]), look.me),
    ),
    "materials": View("material.read", lambda store, look: materials.newest(store, look.me.person_id)),
    "material": View("material.read", lambda store, look: materials.one(store, look.query["key"], look.me.person_id)),
    "file": View("file.read", _file),
}


ON_SHARED_DEVICES = (
    "seat",
    "hall",
    "exams",
    "exam_question",
    "exam_sheet",
    "exam_result",
    "exam_review",
    "verify",
    "privacy",
)
"""What a device that others use too shows of the person who sits at it."""


def view(store: Store, name: str, look: Look) -> Any:
    """What a page shows. Raises BotError "not_allowed" or "not_found"."""
    found = VIEWS[name]
    if look.viewer is not None and look.viewer.shared and name not in ON_SHARED_DEVICES:
        raise BotError("not_allowed")
    if found.right is not None and (
        look.viewer is None or not scope_of(accounts.roles_of(store, look.viewer.person_id), found.right)
    ):
        raise BotError("not_allowed")
    try:
        return found.run(store, look)
    except (KeyError, ValueError) as error:
        raise BotError("not_found") from error
