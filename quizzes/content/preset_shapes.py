"""The shape of a preset: what one published notice says, and what we had to choose where it is silent."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from quizzes.content.paper_shapes import DrawShape
from quizzes.content.rules_shapes import ParametersShape
from quizzes.content.shapes import Name, Sentence, Shape


class NameShape(Shape):
    """A short text in both languages."""

    zh: Name
    en: Name


class NotesShape(Shape):
    """Sentences in both languages, one for one."""

    zh: list[Sentence] = Field(default_factory=list)
    en: list[Sentence] = Field(default_factory=list)


class PresetShape(Shape):
    """`rules` holds only what the notice states, `ours` what had to be chosen where it does not; the rest is as ever. `notes` say what
    the notice demands that is no rule of ours, and where a default of ours stands in for its silence."""

    title: NameShape
    label: NameShape
    source: Sentence
    notes: NotesShape
    rules: ParametersShape
    ours: ParametersShape = ParametersShape()
    paper: Annotated[list[DrawShape], Field(max_length=20)] = Field(default_factory=list)
