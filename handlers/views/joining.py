"""What the doors of the web show before anyone is signed in: an invitation's question, a login link. Looking consumes nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from handlers.messages import Viewer
from handlers.people.binding import confirmed_by
from handlers.people.seating import SEAT, read_code
from storage import halls, invitations, people, rounds
from storage.database import Store
from storage.invitations import BIND, ENTER

UNKNOWN = {"state": "unknown", "name": "", "unit": "", "digits": False, "by": "", "tries_left": 0}


def invitation(store: Store, token: str, now: datetime, today: date | None = None) -> dict[str, Any]:
    """`today` is the date in the deployment's zone. {"state": open | locked | used | expired | unknown, "name", "unit", "digits": whether four digits confirm it, "by": phone |
    staff_no | "" (whose digits), "tries_left"}. Name and unit are shown only while the invitation is open."""
    return _door(store, token, BIND, now, today)


def entry(store: Store, code: str, now: datetime, today: date | None = None) -> dict[str, Any]:
    """The same for a one-time login link, which needs no digits."""
    return _door(store, code, ENTER, now, today) | {"digits": False, "by": ""}


def entrant(store: Store, code: str, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """{"mine": whether a one-time login link is for whoever is signed in already}."""
    found = invitations.find(store, code, ENTER, now)
    return {"mine": found is not None and found.person_id == viewer.person_id}


def seat(store: Store, code: str, now: datetime, today: date | None = None) -> dict[str, Any]:
    """The same for a code that signs a shared device in, as typed."""
    return _door(store, read_code(code), SEAT, now, today)


def hall(store: Store, token: str, viewer: Viewer | None) -> dict[str, Any]:
    """{"state": unknown | waiting | started | ended, "place", "title", "seated": the viewer has a seat there}. Looking takes none."""
    found = halls.behind(store, token)
    if found is None:
        return {"state": "unknown", "place": "", "title": "", "seated": False}
    mine = viewer and halls.seat_of(store, found.round_id, viewer.person_id)
    return {"state": found.state, "place": found.place, "title": rounds.get(store, found.round_id).title,
            "seated": bool(mine and mine.id == found.id)}  # fmt: skip


def _door(store: Store, token: str, purpose: str, now: datetime, today: date | None) -> dict[str, Any]:
    found = invitations.find(store, token, purpose, now)
    if found is None:
        return dict(UNKNOWN)
    if found.state != "open":
        return UNKNOWN | {"state": "expired" if found.state == "revoked" else found.state}
    who = people.person_of(store, found.person_id)
    assert who is not None
    unit_id = people.unit_of(store, who.id, today or now.date())
    if unit_id is None and purpose == BIND:
        return UNKNOWN | {"state": "expired"}
    by = confirmed_by(who)
    return {"state": "open", "name": who.name, "unit": people.unit_name(store, unit_id), "digits": bool(by), "by": by,
            "tries_left": found.tries_left}  # fmt: skip
