"""Markdown of study materials -> blocks in the styles that chats have. Raw HTML in it stays text; only web links become links."""

from __future__ import annotations

from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from channels.richtext import Block, Run

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_STYLES = {"strong": "b", "em": "i", "s": "s"}
Style = tuple[str, ...]


def blocks(markdown: str) -> list[Block]:
    """The article's blocks. Headings are bold, lists keep their marks, tables become lines with bars."""
    return [block for node in SyntaxTreeNode(_PARSER.parse(markdown)).children for block in _block(node, ()) if block]


def web_address(url: str) -> bool:
    """Whether a phone opens this address from a button or a link: http(s), and a host with a dot in it."""
    try:
        address = urlsplit(url)
        return address.scheme in ("http", "https") and "." in (address.hostname or "").strip(".")
    except ValueError:
        return False


def _block(node: SyntaxTreeNode, style: Style) -> list[Block]:
    match node.type:
        case "heading":
            return [_inline(node, _with(style, "b"))]
        case "bullet_list" | "ordered_list":
            return [_list(node, style)]
        case "blockquote":
            return [_joined([block for child in node.children for block in _block(child, _with(style, "blockquote"))])]
        case "fence" | "code_block":
            return [(Run(node.content.rstrip("\n"), _code(style, "pre")),)]
        case "table":
            rows = [row for part in node.children for row in part.children]
            return [_joined([_row(row, style) for row in rows])]
        case "hr":
            return [(Run("———", style),)]
        case _:
            return [_inline(node, style)]


def _list(node: SyntaxTreeNode, style: Style) -> Block:
    lines: list[Block] = []
    first = node.attrs.get("start", 1)
    for at, item in enumerate(node.children):
        mark = f"{int(first) + at}. " if node.type == "ordered_list" else "• "
        inside = _joined([block for child in item.children for block in _block(child, style)])
        lines.append((Run(mark, style), *(Run(run.text.replace("\n", "\n  "), run.style) for run in inside)))
    return _joined(lines)


def _row(row: SyntaxTreeNode, style: Style) -> Block:
    runs: list[Run] = []
    for cell in row.children:
        runs += [Run(" | ", style)] if runs else []
        runs += _inline(cell, _with(style, "b") if cell.type == "th" else style)
    return tuple(runs)


def _inline(node: SyntaxTreeNode, style: Style) -> Block:
    match node.type:
        case "text":
            return (Run(node.content, style),) if node.content else ()
        case "softbreak" | "hardbreak":
            return (Run("\n", style),)
        case "code_inline":
            return (Run(node.content, _code(style, "code")),)
        case "image":
            return (Run(node.content or str(node.attrs.get("src", "")), style),)
        case "link":
            address = str(node.attrs.get("href", ""))
            style = _with(style, f"a:{address}") if web_address(address) else style
        case kind:
            style = _with(style, _STYLES[kind]) if kind in _STYLES else style
    return tuple(run for child in node.children for run in _inline(child, style))


def _joined(lines: list[Block]) -> Block:
    """Lines of one block; the breaks inside a quotation belong to it, so that it stays one."""
    runs: list[Run] = []
    for line in filter(None, lines):
        if runs:
            quoted = runs[-1].style[:1] == line[0].style[:1] == ("blockquote",)
            runs.append(Run("\n", ("blockquote",) if quoted else ()))
        runs += line
    return tuple(runs)


def _with(style: Style, tag: str) -> Style:
    """One tag more; Telegram nests no tag in itself."""
    return style if tag in style else (*style, tag)


def _code(style: Style, tag: str) -> Style:
    """Code cannot be bold or a link, but may stand in a quotation."""
    return (*(outer for outer in style if outer == "blockquote"), tag)
