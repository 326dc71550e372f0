"""A Reply -> the calls that show it in a private chat. Pure: who carries them out is `speaking.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from channels.markdown import blocks
from channels.richtext import Block, Run, plain
from channels.telegram.keyboard import Rows, is_judgement, keyboard
from channels.telegram.richtext import html, parts
from handlers.messages import File, QuestionCard, Reply

_PHOTOS = ("image/png", "image/jpeg")
MOST_PHOTO = 10 * 1024 * 1024
_NO_PREVIEW = {"is_disabled": True}


@dataclass(frozen=True, slots=True)
class Call:
    """A method and its arguments but for the chat. `file` is uploaded as the argument its method is about."""

    method: str
    arguments: Mapping[str, Any]
    file: File | None = None

    @property
    def edits(self) -> bool:
        """Whether it changes a message, so that doing it twice does no harm."""
        return "message_id" in self.arguments

    def anew(self) -> Call:
        """The same text as a new message."""
        kept = {name: value for name, value in self.arguments.items() if name != "message_id"}
        return Call("sendMessage", kept)


def calls(reply: Reply, origin: str | None = None) -> list[Call]:
    """Files first and then the text, so that the buttons stay at the bottom; but a text that takes the place of the message
    that was pressed comes first. Long text is several messages, with the buttons under the last."""
    rows, lines = keyboard(reply)
    texts = parts(_blocks(reply, lines))
    files = [_file(file) for file in reply.files]
    if not texts and (rows or not files):
        if files:
            return [*files[:-1], Call(files[-1].method, _under(rows), files[-1].file)]
        texts = [(Run("·"),)] if rows else []
    said = [_text(part, rows if at == len(texts) - 1 else []) for at, part in enumerate(texts)]
    if reply.edits and origin is not None and origin.isdecimal() and said:
        first = Call("editMessageText", {"message_id": int(origin), **said[0].arguments})
        return [first, *said[1:], *files]
    return [*files, *said]


def _blocks(reply: Reply, lines: list[str]) -> list[Block]:
    found = plain(reply.text)
    if reply.article:
        found += blocks(reply.article)
    if reply.card:
        found += _card(reply.card)
    if lines:
        found.append((Run("\n".join(lines)),))
    return found


def _card(card: QuestionCard) -> list[Block]:
    """Heading and stem, then every option in full: a button shows no more than its letter."""
    found: list[Block] = [(Run(card.heading, ("b",)),)] if card.heading.strip() else []
    found += plain(card.stem)
    if card.options and not is_judgement(card):
        found.append(
            (Run("\n".join(f"{at}. {option}" for at, option in zip(ascii_uppercase, card.options, strict=False))),)
        )
    return found


def _text(part: Block, rows: Rows) -> Call:
    return Call(
        "sendMessage", {"text": html(part), "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW, **_under(rows)}
    )


def _under(rows: Rows) -> dict[str, Any]:
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def _file(file: File) -> Call:
    photo = file.media_type in _PHOTOS and len(file.content) <= MOST_PHOTO
    return Call("sendPhoto" if photo else "sendDocument", {}, file)
