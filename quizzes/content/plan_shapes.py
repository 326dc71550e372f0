"""The shapes of plans.yaml and calendar.yaml, said once for validation and for editors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from quizzes.content.shapes import (
    BankKind,
    Clock,
    Day,
    Key,
    Level,
    ListForm,
    MappingForm,
    Name,
    Points,
    PostingName,
    Preset,
    ScalarForm,
    Shape,
    Weekday,
    Year,
    by_form,
)


class OpensShape(Shape):
    """Every workday, on weekdays, or on dates; `at` a time of the deployment's zone."""

    every: Annotated[
        Annotated[Literal["workday"], ScalarForm]
        | Annotated[list[Weekday], Field(min_length=1, max_length=7), ListForm],
        by_form("<list>"),
    ] = "workday"
    dates: Annotated[list[Day], Field(min_length=1, max_length=400)] = Field(default_factory=list)
    at: Clock

    @model_validator(mode="after")
    def one_of_two(self) -> OpensShape:
        """Either `every` or `dates` says when."""
        if len({"every", "dates"} & self.model_fields_set) != 1:
            raise PydanticCustomError("opens_every_or_dates", "opens_every_or_dates")
        return self


class ClosesShape(Shape):
    """On the day it opens, or `after` so many calendar days."""

    at: Clock
    after: Annotated[int, Field(ge=0, le=366)] = 0


class AudienceShape(Shape):
    """All named sides must hold; a side that is not named restricts nothing."""

    units: Annotated[list[Name], Field(min_length=1)] | None = None
    categories: Annotated[list[Name], Field(min_length=1)] | None = None
    ranks: Annotated[list[Name], Field(min_length=1)] | None = None
    enforcement: bool | None = None


class DrawShape(Shape):
    """`count` questions of this kind, tag, difficulty (a level or [from, to]) and banks; what is left out does not restrict."""

    count: Annotated[int, Field(ge=1, le=200)]
    kind: BankKind | None = None
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


class PaperShape(Shape):
    """What a paper is drawn from. `avoid_repeats_days`: a person does not see a question again for so long."""

    draw: Annotated[list[DrawShape], Field(min_length=1, max_length=20)]
    avoid_repeats_days: Annotated[int, Field(ge=0, le=3660)] = 0


class RulesShape(Shape):
    """A preset and what differs from it. `minutes: null` takes the time limit away."""

    preset: Preset = "daily"
    pass_line: Points = 60
    excellent_line: Points = 90
    attempts: Annotated[int, Field(ge=1, le=100)] = 1
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    score: Literal["best", "last"] = "best"
    postings: Annotated[list[PostingName], Field(min_length=1)] = Field(default_factory=list)


class RemindShape(Shape):
    """Times of a reminder to those still missing."""

    at: Annotated[list[Clock], Field(min_length=1, max_length=5)]


class ReportShape(Shape):
    """Who gets the figures, and when: a weekday, or `close`."""

    to: Literal["leaders", "liaisons", "admins"] = "leaders"
    every: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "close"] = "friday"


class PlanShape(Shape):
    """One 答题安排. `assessed` names the 文号 of the notice it carries out."""

    plan: Key
    title: Name
    counts: Literal["practice", "assessed"] = "practice"
    notice: Name = ""
    opens: OpensShape
    closes: ClosesShape
    who: Annotated[
        Annotated[Literal["all"], ScalarForm] | Annotated[AudienceShape, MappingForm], by_form("<mapping>")
    ] = "all"
    paper: PaperShape
    rules: RulesShape = RulesShape()
    remind: RemindShape | None = None
    report: ReportShape | None = None


class ListOfPlans(Shape):
    """plans.yaml before its plans are looked at one by one."""

    plans: list[Any]


class ListOfDays(Shape):
    """calendar.yaml before its days are looked at one by one."""

    days: list[Any] = Field(default_factory=list)
    years: list[Year] = Field(default_factory=list)


class PlansShape(Shape):
    """The whole of plans.yaml."""

    plans: list[PlanShape]


class DayShape(Shape):
    """A day that differs from the published calendar: `off: true` or `work: true`, and why."""

    date: Day
    off: Literal[True] | None = None
    work: Literal[True] | None = None
    why: Name = ""

    @model_validator(mode="after")
    def one_of_two(self) -> DayShape:
        """Either off or work."""
        if bool(self.off) == bool(self.work):
            raise PydanticCustomError("day_off_or_work", "day_off_or_work")
        return self


class CalendarShape(Shape):
    """The whole of calendar.yaml. `years` are those whose State Council arrangement is written out here in full."""

    days: list[DayShape] = Field(default_factory=list)
    years: list[Year] = Field(default_factory=list)
