"""Text with styles, before any platform has its say: runs of one style, and blocks that belong together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one style: tags from the outside in ("b", "blockquote"), a link as "a:" and its address."""

    text: str
    style: tuple[str, ...] = ()


Block = tuple[Run, ...]
"""What belongs together: a paragraph, a list, a table. Between blocks stands an empty line."""


def plain(text: str) -> list[Block]:
    """The paragraphs of a plain text."""
    return [(Run(paragraph),) for paragraph in text.split("\n\n") if paragraph.strip()]
