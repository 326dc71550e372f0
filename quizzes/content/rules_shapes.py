"""The shape of `rules:`, with every parameter a plan or a preset may set, and the rules made of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from quizzes.content.shapes import Points, PostingName, Shape, Worth
from quizzes.questions import Kind
from quizzes.rules import Makeup, Rules, Who


class PointsShape(Shape):
    """What one question of a kind is worth; a case as a whole, with all its items."""

    single: Worth = 0
    multiple: Worth = 0
    judge: Worth = 0
    blank: Worth = 0
    case: Worth = 0


class MakeupShape(Shape):
    """补考: for whom, when, and what differs from the first sitting; what is left out is as there."""

    who: Annotated[list[Who], Field(min_length=1, max_length=2)] = Field(default_factory=lambda: list(Makeup().who))
    after_days: Annotated[int, Field(ge=0, le=366)] = 1
    days: Annotated[int, Field(ge=1, le=366)] = 3
    attempts: Annotated[int, Field(ge=1, le=100)] | None = None
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    pass_line: Points | None = None


class ParametersShape(Shape):
    """Every parameter of the rules. `minutes: null` takes the time limit away, `makeup: null` the make-up, and `points: {}` makes
    every question weigh the same."""

    pass_line: Points = 60
    excellent_line: Points = 90
    attempts: Annotated[int, Field(ge=1, le=100)] = 1
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    score: Literal["best", "last"] = "best"
    postings: Annotated[list[PostingName], Field(min_length=1)] = Field(default_factory=list)
    points: PointsShape = PointsShape()
    partial: Literal["none", "half"] = "none"
    late: Literal["cut", "finish"] = "cut"
    release: Literal["answered", "handed_in", "closed", "never"] = "answered"
    hall: bool = False
    makeup: MakeupShape | None = None


def rules_of(shape: ParametersShape, base: Rules) -> Rules:
    """`base` with whatever was written in the shape."""
    known = {name: getattr(shape, name) for name in ParametersShape.model_fields if name in shape.model_fields_set}
    return replace(base, **{name: _parameter(name, value) for name, value in known.items()})


def _parameter(name: str, value: Any) -> Any:
    if name == "points":
        return tuple((kind, getattr(value, kind.value)) for kind in Kind if kind.value in value.model_fields_set)
    if name == "makeup" and value is not None:
        return Makeup(**{**value.model_dump(), "who": tuple(dict.fromkeys(value.who))})
    return tuple(value) if name == "postings" else value
