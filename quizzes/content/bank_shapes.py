"""The shapes of a bank and of a material's front matter, said once for validation and for editors."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from quizzes.content.shapes import (
    BankKind,
    Cite,
    Day,
    Explanation,
    Key,
    Level,
    ListForm,
    Name,
    Option,
    ScalarForm,
    Shape,
    Stem,
    YesNoForm,
    by_form,
)
from quizzes.questions import LETTERS


class QuestionShape(Shape):
    """One item of a bank. `answer` is letters (ACD), true/false for judge, or the accepted texts of a blank."""

    id: Key
    kind: BankKind
    stem: Stem
    options: Annotated[list[Option], Field(max_length=len(LETTERS))] = Field(default_factory=list)
    answer: Annotated[
        Annotated[Name, ScalarForm]
        | Annotated[bool, YesNoForm]
        | Annotated[list[Name], Field(max_length=50), ListForm],
        by_form("<list>", "<yes_no>"),
    ]
    explain: Explanation
    cites: Annotated[list[Cite], Field(max_length=20)] = Field(default_factory=list)
    difficulty: Level = 3
    tags: Annotated[list[Name], Field(max_length=20)] = Field(default_factory=list)


class HeaderShape(Shape):
    """What stands above a bank's questions. `as_of` is the day its law was checked; `law` the default for citations."""

    bank: Name
    as_of: Day
    law: Name = ""


class BankShape(HeaderShape):
    """A whole bank, as editors check it; the program reads the header and each question by itself."""

    questions: Annotated[list[QuestionShape], Field(min_length=1)]


class MaterialShape(Shape):
    """The front matter of a material."""

    material: Key
    title: Name
    as_of: Day
    cites: Annotated[list[Cite], Field(max_length=50)] = Field(default_factory=list)
