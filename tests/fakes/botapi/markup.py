"""Telegram's HTML, read as strictly as Telegram reads it: the plain text and the entities, or the error it would answer."""

import re
from html import unescape

TAGS = {
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "blockquote", "tg-spoiler", "tg-emoji", "span"
}  # fmt: skip
_PIECE = re.compile(
    r"<(/?)([a-zA-Z][\w-]*)((?:\s+[\w-]+(?:=\"[^\"]*\")?)*)\s*>|<|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);"
)


def parse(html):
    """(plain text, [(tag, attributes, start, end)]); raises ValueError with Telegram's words."""
    text, entities, opened, at = "", [], [], 0
    for piece in _PIECE.finditer(html):
        text += html[at : piece.start()]
        at = piece.end()
        whole, closing, tag, attributes = piece.group(0), piece.group(1), piece.group(2), piece.group(3)
        if whole.startswith("&"):
            text += unescape(whole)
        elif tag is None or tag.lower() not in TAGS:
            raise ValueError(
                f'Unsupported start tag "{tag or ""}" at byte offset {len(html[: piece.start()].encode())}'
            )
        elif not closing:
            if tag == "blockquote" and any(name == "blockquote" for name, _, _ in opened):
                raise ValueError("blockquote entities can't be nested")
            opened.append((tag.lower(), attributes.strip(), len(text)))
        else:
            if not opened or opened[-1][0] != tag.lower():
                raise ValueError(f"Unmatched end tag at byte offset {len(html[: piece.start()].encode())}")
            name, kept, start = opened.pop()
            entities.append((name, kept, start, len(text)))
    if opened:
        raise ValueError(f"Can't find end tag corresponding to start tag {opened[-1][0]}")
    return text + html[at:], sorted(entities, key=lambda entity: (entity[2], -entity[3]))
