"""What the fields of content files may hold; the shapes made of them serve validation and the editors' JSON Schemas alike."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)
from pydantic_core import PydanticCustomError

from quizzes.content.scalars import Unclear, read_day

_WORTH = re.compile(r"(?!0(\.0)?$)([0-9]|[1-9][0-9])(\.[05])?|100")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def _text(value: object) -> object:
    """A plain whole number reads the same as text (`options: [7, 15, 30]`)."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _day(value: object) -> object:
    day = value if isinstance(value, date) else read_day(str(value))
    if day is None:
        raise PydanticCustomError("day_expected", "day_expected")
    return day


def _clock(value: object) -> object:
    """「09:00」, quoted or not: where a time is asked for, 16:30 cannot mean anything else."""
    if isinstance(value, str | Unclear) and _CLOCK.fullmatch(str(value)):
        return time.fromisoformat(str(value))
    raise PydanticCustomError("time_expected", "time_expected")


def _worth(value: object) -> object:
    """1, 2.5: whole points and halves, as hundredths of a point."""
    if isinstance(value, int | Unclear) and not isinstance(value, bool) and _WORTH.fullmatch(str(value)):
        return int(Decimal(str(value)) * 100)
    raise PydanticCustomError("worth_expected", "worth_expected")


def by_form(*forms: str) -> Discriminator:
    """Which member of a union is meant, told by the form alone, so that a mistake gives one error and not one per member."""

    def form(value: Any) -> str:
        told = _FORMS.get(type(value), "<scalar>")
        return told if told in forms else "<scalar>"

    return Discriminator(form)


_FORMS: dict[type, str] = {list: "<list>", dict: "<mapping>", bool: "<yes_no>"}
AsText, OrNumber = BeforeValidator(_text), Field(json_schema_extra={"type": ["string", "integer"]})
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"), AsText, OrNumber]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AsText, OrNumber]
Cite = Annotated[str, StringConstraints(min_length=1, max_length=200), AsText, OrNumber]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Option = Annotated[str, StringConstraints(min_length=1, max_length=500), AsText, OrNumber]
Stem = Annotated[str, StringConstraints(min_length=1, max_length=1000), AsText, OrNumber]
CaseText = Annotated[str, StringConstraints(min_length=1, max_length=2000), AsText, OrNumber]
Explanation = Annotated[str, StringConstraints(min_length=1, max_length=2000), AsText, OrNumber]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Clock = Annotated[time, BeforeValidator(_clock, json_schema_input_type=str)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
KindName = Literal["single", "multiple", "judge", "blank", "case"]
ItemKind = Literal["single", "multiple", "judge", "blank"]
PostingName = Literal["编制", "借调", "挂职", "驻村", "派遣"]
Level = Annotated[int, Field(ge=1, le=5)]
Year = Annotated[int, Field(ge=2001, le=2200)]
Points = Annotated[int, Field(ge=1, le=100)]
Worth = Annotated[
    int, BeforeValidator(_worth, json_schema_input_type=Annotated[float, Field(gt=0, le=100, multiple_of=0.5)])
]

ScalarForm, YesNoForm, ListForm, MappingForm = Tag("<scalar>"), Tag("<yes_no>"), Tag("<list>"), Tag("<mapping>")


class Shape(BaseModel):
    """No key beyond those named, and no guessing from one type to another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
