"""The shapes of a paper: for whom, and from which questions; and what the domain makes of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from quizzes.content.shapes import (
    KindName,
    Level,
    ListForm,
    MappingForm,
    Name,
    ScalarForm,
    Shape,
    by_form,
)
from quizzes.plans import Audience, Draw, Variant
from quizzes.questions import Kind


class AudienceShape(Shape):
    """All named sides must hold; a side that is not named restricts nothing."""

    units: Annotated[list[Name], Field(min_length=1)] | None = None
    categories: Annotated[list[Name], Field(min_length=1)] | None = None
    ranks: Annotated[list[Name], Field(min_length=1)] | None = None
    enforcement: bool | None = None


Who = Annotated[Annotated[Literal["all"], ScalarForm] | Annotated[AudienceShape, MappingForm], by_form("<mapping>")]


class DrawShape(Shape):
    """`count` questions of this kind, tag, difficulty (a level or [from, to]) and banks; what is left out does not restrict. Cases
    come only where `kind: case` asks for them; one counts once, with all its items."""

    count: Annotated[int, Field(ge=1, le=200)]
    kind: KindName | None = None
    tag: Name | None = None
    difficulty: Annotated[
        Annotated[Level | None, ScalarForm] | Annotated[list[Level], Field(min_length=2, max_length=2), ListForm],
        by_form("<list>"),
    ] = None
    banks: Annotated[list[Name], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def levels_rise(self) -> DrawShape:
        """[2, 4], not [4, 2]."""
        if isinstance(self.difficulty, list) and self.difficulty[0] > self.difficulty[1]:
            raise PydanticCustomError("levels_fall", "levels_fall")
        return self


Draws = Annotated[list[DrawShape], Field(min_length=1, max_length=20)]


class VariantShape(Shape):
    """Another paper for some of those the plan is for; the first whose `who` fits decides."""

    who: AudienceShape
    draw: Draws


class PaperShape(Shape):
    """What a paper is drawn from, and `for` whom from something else. `avoid_repeats_days`: a person does not see a question again
    for so long."""

    draw: Draws
    variants: Annotated[list[VariantShape], Field(max_length=20, alias="for")] = Field(default_factory=list)
    avoid_repeats_days: Annotated[int, Field(ge=0, le=3660)] = 0


def audience_of(who: AudienceShape | str) -> Audience:
    """「all」, or the sides that restrict."""
    if isinstance(who, str):
        return Audience()
    return Audience(_tuple(who.units), _tuple(who.categories), _tuple(who.ranks), who.enforcement)


def draw_of(lines: list[DrawShape]) -> tuple[Draw, ...]:
    """The lines of a draw."""
    return tuple(map(_line, lines))


def variants_of(shape: PaperShape) -> tuple[Variant, ...]:
    """The other papers."""
    return tuple(Variant(audience_of(each.who), draw_of(each.draw)) for each in shape.variants)


def _line(line: DrawShape) -> Draw:
    level = line.difficulty
    between = None if level is None else (level, level) if isinstance(level, int) else (level[0], level[1])
    return Draw(line.count, Kind(line.kind) if line.kind else None, line.tag, between, _tuple(line.banks))


def _tuple(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
