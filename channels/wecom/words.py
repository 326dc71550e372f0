"""Text as WeCom takes it: in bytes, cut between lines and never inside a character; labels cut to what a card shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from channels.richtext import Block, Run

MOST_TEXT = 2048
"""Bytes of one text message; WeCom cuts off what is beyond (document 90236)."""


def said(blocks: Iterable[Block]) -> str:
    """Blocks as plain text; what was a link is followed by its address."""
    return "\n\n".join("".join(map(_run, _grouped(block))) for block in blocks)


def marked(blocks: Iterable[Block]) -> str:
    """Blocks in the little Markdown that the app's messages know: bold, code, links, quotations (document 90236)."""
    return "\n\n".join(_quoted(block, "".join(map(_mark, block))) for block in blocks)


def _mark(run: Run) -> str:
    text = run.text.replace("<", "＜")
    if not text.strip():
        return text
    address = next((style[2:] for style in run.style if style.startswith("a:")), "")
    if address:
        return f"[{text.strip()}]({address})"
    if "code" in run.style and "\n" not in text:
        return f"`{text}`"
    return f"**{text.strip()}**" if "b" in run.style and "\n" not in text else text


def _quoted(block: Block, text: str) -> str:
    if block and block[0].style[:1] == ("blockquote",):
        return "\n".join(f"> {line}" for line in text.splitlines())
    return text


def _grouped(block: Block) -> Iterator[tuple[str, str]]:
    """(text, address) of neighbours that belong to the same link."""
    text, address = "", ""
    for run in block:
        here = next((style[2:] for style in run.style if style.startswith("a:")), "")
        if here != address and text:
            yield text, address
            text = ""
        text, address = text + run.text, here
    if text:
        yield text, address


def _run(part: tuple[str, str]) -> str:
    text, address = part
    return f"{text} {address} " if address and address != text else text


def pieces(text: str, most: int = MOST_TEXT) -> list[str]:
    """A text as messages of at most `most` bytes each: cut at the ends of lines, else of sentences, else between characters."""
    found: list[str] = []
    rest = text.strip()
    while len(rest.encode()) > most:
        at = _cut(rest, most)
        found.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [piece for piece in [*found, rest] if piece]


def _cut(text: str, most: int) -> int:
    room = len(text.encode()[:most].decode(errors="ignore"))
    for marks in ("\n", "。！？；.!?;", " ，,、"):
        best = max(text.rfind(mark, 0, room) for mark in marks) + 1
        if best > room // 2:
            return best
    return room


def merged(texts: Iterable[str], most: int = MOST_TEXT) -> list[str]:
    """Neighbouring texts joined by an empty line while they fit one message: each message costs the member one of thirty a minute."""
    found: list[str] = []
    for text in texts:
        if found and len(f"{found[-1]}\n\n{text}".encode()) <= most:
            found[-1] = f"{found[-1]}\n\n{text}"
        else:
            found.append(text)
    return found


def short(text: str, most: int) -> str:
    """The text on one line, in at most `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def literal(text: str) -> str:
    """Text without what WeCom would take for a link of ours (only `<a` means anything in its text messages), and without what it
    refuses: a character written as its number (errcode 40033)."""
    return text.replace("<a", "＜a").replace("<A", "＜A").replace("\\u", "＼u")


def heading(text: str, most: int) -> str:
    """What of a heading 「标题 · 第 1/3 题 · 单选题」 fits: as many neighbouring parts as do, the one with the question's number among them."""
    parts = text.split(" · ")
    spans = [parts[at:end] for at in range(len(parts)) for end in range(at + 1, len(parts) + 1)]
    fitting = [span for span in spans if len(" · ".join(span)) <= most]
    numbered = [span for span in fitting if any(_NUMBER.search(part) for part in span)]
    best = max(numbered or fitting, key=lambda span: len(" · ".join(span)), default=parts[-1:])
    return short(" · ".join(best), most)


_NUMBER = re.compile(r"\d+/\d+")


def tongue(text: str) -> str:
    """The language of a reply by its letters: a channel's own few words beside it are in the same."""
    letters = sum(sign.isascii() and sign.isalpha() for sign in text)
    return "en" if letters > 2 * sum("\u4e00" <= sign <= "\u9fff" for sign in text) else "zh"
