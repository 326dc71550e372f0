"""Text with styles, as Telegram's HTML, cut into messages that Telegram takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from channels.richtext import Block, Run

MOST_CHARACTERS = 4096
MOST_ENTITIES = 100


GAP = Run("\n\n")


def html(runs: Iterable[Run]) -> str:
    """Telegram's HTML of the runs; neighbours that share an outer tag stay inside one."""
    out: list[str] = []
    opened: tuple[str, ...] = ()
    for run in runs:
        same = _shared(opened, run.style)
        out += [_closing(tag) for tag in reversed(opened[same:])]
        out += [_opening(tag) for tag in run.style[same:]]
        out.append(escape(run.text, quote=False))
        opened = run.style
    out += [_closing(tag) for tag in reversed(opened)]
    return "".join(out)


def parts(blocks: Iterable[Block]) -> list[Block]:
    """The blocks as messages: split between blocks, and inside one only if it is too long by itself."""
    done: list[Block] = []
    part: Block = ()
    for piece in (piece for block in blocks for piece in _pieces(block)):
        joined = (*part, GAP, *piece) if part else piece
        if part and (_length(joined) > MOST_CHARACTERS or _entities(joined) > MOST_ENTITIES):
            done.append(part)
            joined = piece
        part = joined
    done.append(part)
    return [part for part in done if "".join(run.text for run in part).strip()]


def _pieces(block: Block) -> Iterable[Block]:
    while _length(block) > MOST_CHARACTERS or _entities(block) > MOST_ENTITIES:
        at = _cut(block)
        yield _slice(block, 0, at)
        block = _slice(block, at, _length(block))
    yield block


def _cut(block: Block) -> int:
    """Where to cut a block that is too long: the end of a line, else of a sentence, else of a word, in the second half."""
    most = room = _room(block)
    text = "".join(run.text for run in block)[:most]
    for marks in ("\n", "。！？；!?", " ，,、"):
        best = max(text.rfind(mark) for mark in marks) + 1
        if best > room // 2:
            return best
    return max(1, most)


def _room(block: Block) -> int:
    """How many characters of the block fit one message, by count and by entities."""
    characters = entities = 0
    opened: tuple[str, ...] = ()
    for run in block:
        entities += len(run.style) - _shared(opened, run.style)
        if entities > MOST_ENTITIES and characters:
            break
        characters += len(run.text)
        opened = run.style
    return min(characters, MOST_CHARACTERS)


def _slice(block: Block, start: int, end: int) -> Block:
    kept, at = [], 0
    for run in block:
        text = run.text[max(0, start - at) : max(0, end - at)]
        if text:
            kept.append(Run(text, run.style))
        at += len(run.text)
    return tuple(kept)


def _length(runs: Iterable[Run]) -> int:
    return sum(len(run.text) for run in runs)


def _entities(runs: Iterable[Run]) -> int:
    count = 0
    opened: tuple[str, ...] = ()
    for run in runs:
        count += len(run.style) - _shared(opened, run.style)
        opened = run.style
    return count


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many outer tags both styles have in common."""
    same = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        same += 1
    return same


def _opening(tag: str) -> str:
    return f'<a href="{escape(tag[2:])}">' if tag.startswith("a:") else f"<{tag}>"


def _closing(tag: str) -> str:
    return "</a>" if tag.startswith("a:") else f"</{tag}>"
