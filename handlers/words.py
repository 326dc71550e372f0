"""Sentences by language and key ("quiz.correct"), from the TOML files in `handlers/texts`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

LANGUAGES = ("zh", "en")


@cache
def words(language: str) -> Mapping[str, str]:
    """All sentences of a language by "area.key"; the area is the file's name. An unknown language reads Chinese."""
    folder = files("handlers") / "texts" / (language if language in LANGUAGES else "zh")
    found: dict[str, str] = {}
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            for key, sentence in tomllib.loads(entry.read_text(encoding="utf-8")).items():
                found[f"{entry.name[:-5]}.{key}"] = sentence
    return MappingProxyType(found)


def say(language: str, key: str, /, **values: object) -> str:
    """The sentence, with its placeholders filled. A missing key or value is a bug and raises KeyError."""
    return words(language)[key].format(**values)
