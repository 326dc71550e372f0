"""规则模板: rules as published notices have them, one data file each in `quizzes/presets`, read when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal

from quizzes.content.fitting import fit
from quizzes.content.paper_shapes import draw_of
from quizzes.content.preset_shapes import PresetShape
from quizzes.content.problems import ContentRefused, Problems
from quizzes.content.reading import read_node
from quizzes.content.rules_shapes import rules_of
from quizzes.content.sources import scan
from quizzes.plans import Draw
from quizzes.rules import Rules

Language = Literal["zh", "en"]
DEFAULT = "default"
"""The preset of an exam whose notice names none."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One preset. `titles`, `labels` and `notes` by language; `source` says which notice it was read from. `stated`: the names of the
    parameters the notice itself states; in all others `rules` holds a default of ours. `draw`: the paper's composition, () where
    the notice names none."""

    key: str
    titles: Mapping[str, str]
    labels: Mapping[str, str]
    source: str
    notes: Mapping[str, tuple[str, ...]]
    rules: Rules
    stated: frozenset[str]
    draw: tuple[Draw, ...] = ()

    @property
    def unstated(self) -> tuple[str, ...]:
        """The parameters the notice is silent on, in the order of the rules."""
        return tuple(field.name for field in fields(Rules) if field.name not in self.stated)


@cache
def names() -> tuple[str, ...]:
    """The keys of all presets, from the names of their files; nothing is read for it."""
    found = (entry.name for entry in (files("quizzes") / "presets").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


@cache
def get(key: str) -> Preset:
    """A preset. Raises KeyError for a key that is none."""
    if key not in names():
        raise KeyError(key)
    with as_file(files("quizzes") / "presets" / f"{key}.yaml") as path:
        return read(path, key)


def read(path: Path, key: str) -> Preset:
    """A preset from its file. Raises ContentRefused with everything that is wrong."""
    problems = Problems(path.name)
    source = scan(path, problems)
    node = read_node(source, problems) if source else None
    shape = fit(PresetShape, node, problems)[0] if node else None
    if shape is None or problems:
        raise ContentRefused(problems.found())
    return Preset(
        key,
        shape.title.model_dump(),
        shape.label.model_dump(),
        shape.source,
        {language: tuple(getattr(shape.notes, language)) for language in ("zh", "en")},
        rules_of(shape.ours, rules_of(shape.rules, Rules())),
        frozenset(shape.rules.model_fields_set),
        draw_of(shape.paper),
    )


def named(text: str) -> Preset | None:
    """The preset with this key or title, as an officer may write it; None if there is none."""
    plain = "".join(text.split()).casefold()
    for preset in map(get, names()):
        called = (preset.key, *preset.titles.values())
        if plain in {"".join(name.split()).casefold() for name in called}:
            return preset
    return None
