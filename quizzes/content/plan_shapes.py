"""The shapes of plans.yaml and calendar.yaml, said once for validation and for editors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from quizzes import presets
from quizzes.content.paper_shapes import PaperShape, Who
from quizzes.content.rules_shapes import ParametersShape
from quizzes.content.shapes import Clock, Day, Key, ListForm, Name, ScalarForm, Shape, Weekday, Year, by_form


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


def _preset(value: object) -> object:
    if isinstance(value, str) and value not in presets.names():
        raise PydanticCustomError("unknown_preset", "unknown_preset", {"choices": ", ".join(presets.names())})
    return value


def _offer_presets(described: dict[str, Any]) -> None:
    described["enum"] = list(presets.names())


Preset = Annotated[str, BeforeValidator(_preset), Field(json_schema_extra=_offer_presets)]


class RulesShape(ParametersShape):
    """A preset and what differs from it."""

    preset: Preset = "daily"


class RemindShape(Shape):
    """Times of a reminder to those still missing, at `most` so many times each. From `hand_over_days` days before the close on, the
    liaisons get their names."""

    at: Annotated[list[Clock], Field(min_length=1, max_length=5)]
    most: Annotated[int, Field(ge=1, le=50)] | None = None
    hand_over_days: Annotated[int, Field(ge=0, le=60)] | None = None


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
    who: Who = "all"
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
