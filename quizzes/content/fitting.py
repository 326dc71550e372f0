"""Fitting a value that was read into its shape: pydantic finds what does not fit, this gives it a place and plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from quizzes.content.events import Branch
from quizzes.content.problems import Mark, Problems
from quizzes.content.reading import Node
from quizzes.content.scalars import REFUSED

M = TypeVar("M", bound=BaseModel)
Location = tuple[int | str, ...]
Words = tuple[str, dict[str, object]]

_NEEDED = {"explain": "missing_explain", "answer": "missing_answer"}
_EXPECTED = {
    "int_type": "number_expected",
    "bool_type": "true_false_expected",
    "list_type": "list_expected",
    "model_type": "mapping_expected",
    "day_expected": "day_expected",
    "time_expected": "time_expected",
    "worth_expected": "worth_expected",
    "string_pattern_mismatch": "bad_key",
    "opens_every_or_dates": "opens_every_or_dates",
    "levels_fall": "levels_fall",
    "unknown_preset": "unknown_preset",
    "day_off_or_work": "day_off_or_work",
}
_MORE_THAN_ONE_FORM = {"who": "audience_expected", "every": "weekdays_expected"}
_CHOICE = re.compile(r"[^' ,]+(?=')|\bTrue\b")
_LIMITS = {
    "greater_than_equal": ("number_too_small", "ge"),
    "less_than_equal": ("number_too_large", "le"),
    "string_too_long": ("text_too_long", "max_length"),
    "too_short": ("list_too_short", "min_length"),
    "too_long": ("list_too_long", "max_length"),
}


def fit(shape: type[M], node: Node, problems: Problems, name: str = "") -> tuple[M | None, dict[str, Any]]:
    """(the fitted value or None, those fields of it that are sound). All that does not fit is noted in `problems`, under
    `name` where the node itself is wrong. The sound fields of a value that does not fit are as read."""
    try:
        fitted = shape.model_validate(node.value)
    except ValidationError as error:
        errors = error.errors(include_url=False)
    else:
        return fitted, {field: getattr(fitted, field) for field in shape.model_fields}
    for detail in errors:
        if detail["input"] is not REFUSED:
            code, values = _words(shape, detail, node.value, name)
            find = key_place if detail["type"] == "extra_forbidden" else place_of
            problems.add(find(node.place, detail["loc"]), code, **values)
    broken = {str(detail["loc"][0]) for detail in errors if detail["loc"]}
    sound = node.value.items() if isinstance(node.value, dict) else ()
    return None, {key: part for key, part in sound if key in _written(shape) and key not in broken}


def place_of(place: Mark, location: Location) -> Mark:
    """The place of the part at `location` (keys and indexes). A part that was not written has the place of what should hold
    it; steps that are neither (pydantic names the member of a union) are skipped."""
    for step in location:
        if isinstance(place, Branch):
            place = place.parts.get(step, place)
    return place


def key_place(place: Mark, location: Location) -> Mark:
    """The place of the key that ends `location`."""
    holder = place_of(place, location[:-1])
    return holder.keys.get(str(location[-1]), holder) if isinstance(holder, Branch) else holder


def _words(shape: type[BaseModel], detail: ErrorDetails, whole: object, name: str) -> Words:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    key = _name(detail["loc"], whole) or name
    if not key:
        return "file_not_mapping", {}
    if kind == "missing":
        return _NEEDED.get(key, "missing_key"), {"key": key}
    if kind == "extra_forbidden":
        return _unknown_key(key, known_keys(shape, detail["loc"][:-1]))
    if given is None or kind == "string_too_short":
        return "empty_value", {"key": key}
    if kind == "string_type":
        unclear = "answer_unclear" if key == "answer" else "needs_quotes"
        return ("text_expected" if isinstance(given, list | dict) else unclear), {"key": key, "written": _show(given)}
    if kind == "literal_error":
        return _not_one_of(key, given, context["expected"])
    if kind in _LIMITS:
        code, limit = _LIMITS[kind]
        return code, {"key": key, "limit": context[limit], "length": len(given) if isinstance(given, str) else ""}
    return _EXPECTED.get(kind, "bad_value"), {**context, "key": key, "written": _show(given)}


def _name(location: Location, whole: object) -> str:
    """The last key on the way to `location`; the tags of unions (<list>) are none."""
    name = ""
    for step in location:
        if isinstance(whole, dict) and isinstance(step, str) and not step.startswith("<"):
            name, whole = step, whole.get(step)
        elif isinstance(whole, list) and isinstance(step, int):
            whole = whole[step]
    return name


def _show(given: object) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    shown = str(given) if not isinstance(given, list | dict) else "[…]" if isinstance(given, list) else "{…}"
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


def _unknown_key(key: str, known: list[str]) -> Words:
    if "：" in key:
        return "fullwidth_colon", {"key": key.partition("：")[0]}
    if close := get_close_matches(key, known, n=1, cutoff=0.5):
        return "unknown_key_close", {"key": key, "close": close[0]}
    return "unknown_key", {"key": key, "known": ", ".join(known)}


def _not_one_of(key: str, given: object, expected: str) -> Words:
    choices = [choice.lower() for choice in _CHOICE.findall(expected)]
    if len(choices) == 1 and key in _MORE_THAN_ONE_FORM:
        return _MORE_THAN_ONE_FORM[key], {}
    if key == "every" and isinstance(given, date):
        return "dates_not_every", {"written": given}
    values: dict[str, object] = {"key": key, "written": _show(given), "choices": ", ".join(choices)}
    if close := get_close_matches(_show(given).lower(), choices, n=1, cutoff=0.5):
        return "not_one_of_close", values | {"close": close[0]}
    return "not_one_of", values


def known_keys(shape: type[BaseModel], location: Location) -> list[str]:
    """The keys that may stand in the mapping at `location` of a value of this shape."""
    models = [shape]
    for step in location:
        fields = [field for model in models if (field := _written(model).get(str(step)))]
        models = [inner for field in fields for inner in _models(field.annotation)] if fields else models
    return list(dict.fromkeys(key for model in models for key in _written(model)))


def _written(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a shape by the keys that files use."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
