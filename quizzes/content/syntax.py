"""From the YAML parser's own complaint to a plain one: what was probably meant, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable

import yaml

from quizzes.content.problems import Mark, Spot

_FULLWIDTH_KEY = re.compile(r"^\s*(?:-\s+)?([A-Za-z_]+)\s*：")
_RESERVED = frozenset("@`%&*!|>")
_TAB = re.compile(r"^ *\t")

# A fragment of libyaml's message, and our code for it. The first that fits is taken.
_CODES = (
    ("mapping values are not allowed", "yaml_colon"),
    ("could not find expected ':'", "yaml_line_without_colon"),
    ("while scanning a quoted scalar: found unexpected end of stream", "yaml_quote_open"),
    ("found unknown escape character", "yaml_escape"),
    ("invalid Unicode character escape code", "yaml_escape"),
    ("did not find expected hexdecimal number", "yaml_escape"),
    ("did not find expected ',' or ']'", "yaml_bracket_open"),
    ("did not find expected ',' or '}'", "yaml_bracket_open"),
    ("while parsing a flow", "yaml_bracket_open"),
    ("tab character", "yaml_tab"),
    ("found character that cannot start any token", "yaml_reserved"),
    ("did not find expected alphabetic or numeric character", "yaml_reserved"),
    ("did not find expected key", "yaml_indent"),
    ("did not find expected '-' indicator", "yaml_indent"),
    ("block sequence entries are not allowed", "yaml_indent"),
)


def explain(error: yaml.YAMLError, line_of: Callable[[int], str]) -> tuple[Mark | None, str, dict[str, str]]:
    """(place, code, values) for a syntax error; `line_of` gives the text of a line counted from 0."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return None, "yaml_other", {"reason": str(getattr(error, "reason", error))}
    mark = error.problem_mark
    for number in (mark.line, mark.line - 1):
        text = line_of(number) if number >= 0 else ""
        if meant := _FULLWIDTH_KEY.match(text):
            return Spot(number, meant.end() - 1), "fullwidth_colon", {"key": meant.group(1)}
        if _TAB.match(text):
            return Spot(number, text.index("\t")), "yaml_tab", {}
    message = f"{error.context or ''}: {error.problem}"
    code = next((code for fragment, code in _CODES if fragment in message), "yaml_other")
    opened = error.context_mark if code in ("yaml_quote_open", "yaml_bracket_open") else None
    return opened or mark, code, _values(code, message, line_of(mark.line), mark.column)


def _values(code: str, message: str, text: str, column: int) -> dict[str, str]:
    if code == "yaml_reserved":
        at = next((at for at in (column, column - 1) if text[at : at + 1] in _RESERVED), column)
        return {"character": text[at : at + 1]}
    return {"reason": message.removeprefix(": ")} if code == "yaml_other" else {}
