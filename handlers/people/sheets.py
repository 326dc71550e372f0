"""The printable invitation sheet: a QR code per person, cut along the dashed lines and handed over."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from handlers import typesetting
from handlers.turns import Deployment
from handlers.words import say

VOLUME = 400


@dataclass(frozen=True, slots=True)
class Card:
    """One person of the sheet. `by` is what confirms the invitation: phone, staff_no or ""."""

    name: str
    unit: str
    token: str
    by: str


def links(house: Deployment, token: str) -> list[tuple[str, str]]:
    """The ways in with a token, as (label, address): the web, and Telegram where the bot is there."""
    ways = [("web", f"{house.public_url}/join/{token}")]
    if house.telegram:
        ways.append(("telegram", f"https://t.me/{house.telegram}?start={token}"))
    return ways


def by_code(house: Deployment, language: str, token: str) -> list[str]:
    """The ways in where no link leads into a chat, a sentence each: WeCom's app and its bot, where they are."""
    chats = (("wecom", house.wecom), ("wecom_bot", house.wecom_bot))
    return [say(language, f"invitations.code_{chat}", app=name, token=token) for chat, name in chats if name]


def code(address: str) -> str:
    """A QR code as SVG, readable with a seventh of it soiled; fewer, larger squares are easier on an old phone."""
    import segno  # noqa: PLC0415

    out = io.BytesIO()
    segno.make(address, error="m", boost_error=False, micro=False).save(
        out, kind="svg", xmldecl=False, border=2, omitsize=True
    )
    return out.getvalue().decode()


def volumes(groups: Sequence[tuple[str, Sequence[Card]]]) -> Iterator[list[tuple[str, Sequence[Card]]]]:
    """Bureaux shared out over files of at most 400 cards, which stay below 2 MB; a larger bureau goes over several."""
    volume: list[tuple[str, Sequence[Card]]] = []
    room = VOLUME
    for name, cards in groups:
        for start in range(0, len(cards), VOLUME):
            part = cards[start : start + VOLUME]
            if len(part) > room:
                yield volume
                volume, room = [], VOLUME
            volume.append((name, part))
            room -= len(part)
    yield volume


def sheet(groups: Sequence[tuple[str, Sequence[Card]]], house: Deployment, language: str, until: str) -> bytes:
    """The PDF of these bureaux, each (name, cards) on pages of its own. `until` is the last day, as printed."""

    def words(key: str, /, **values: object) -> str:
        return say(language, f"invitations.{key}", **values)

    data = {"title": words("sheet_title"), "hint": words("sheet_hint"), "foot": words("sheet_foot", until=until), "lang": language,
            "groups": [{"name": name, "count": words("people", n=len(cards)), "cards": [_card(card, house, language, words) for card in cards]}
                       for name, cards in groups]}  # fmt: skip
    return typesetting.compile("invite_sheet", data)


def _card(card: Card, house: Deployment, language: str, words: Callable[..., str]) -> dict[str, Any]:
    ways = links(house, card.token)
    codes = [{"label": words(f"by_{way}") if len(ways) > 1 else "", "svg": code(address)} for way, address in ways]
    return {"name": card.name, "unit": card.unit, "codes": codes, "chats": by_code(house, language, card.token)[:1],
            "steps": [words("step_scan_either" if len(ways) > 1 else "step_scan"), words(f"step_{card.by or 'plain'}"), words("step_done")]}  # fmt: skip
