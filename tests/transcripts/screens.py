"""What a person sees: replies as a transcript quotes them, and finding in them what it quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from handlers.messages import Reply


@dataclass(slots=True)
class Screen:
    """What one person has been shown since the last thing they did: each reply with its channel, and how far it has been read."""

    shown: list[tuple[str, Reply]] = field(default_factory=list)
    read: int = 0

    @property
    def text(self) -> str:
        return "\n".join(as_text(reply) for _, reply in self.shown)


def as_text(reply: Reply) -> str:
    """A reply as a transcript quotes it."""
    lines = [reply.text, reply.article]
    if card := reply.card:
        options = [f"{letter}. {option}" for letter, option in zip("ABCDEFGHIJ", card.options, strict=False)]
        ticked = [f"已勾 {card.chosen}"] if card.chosen else []
        lines += [card.heading, card.stem, *options, *ticked]
    lines += [f"[文件 {file.name}]" for file in reply.files] + [f"[{link.label} {link.url}]" for link in reply.links]
    return "\n".join([*filter(None, lines), *(f"[{each.label}]" for each in reply.choices)])


def pattern(text: str) -> re.Pattern[str]:
    """The quoted text, where … is anything and a space is any space."""
    parts = [r"\s+".join(map(re.escape, part.split())) for part in text.split("…")]
    return re.compile(".*?".join(parts), re.DOTALL)
