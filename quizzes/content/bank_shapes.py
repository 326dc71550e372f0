"""The shapes of a bank and of a material's front matter, said once for validation and for editors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from quizzes.content.shapes import (
    CaseText,
    Cite,
    Day,
    Explanation,
    ItemKind,
    Key,
    KindName,
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

Options = Annotated[list[Option], Field(max_length=len(LETTERS))]
Answer = Annotated[
    Annotated[Name, ScalarForm] | Annotated[bool, YesNoForm] | Annotated[list[Name], Field(max_length=50), ListForm],
    by_form("<list>", "<yes_no>"),
]
Cites = Annotated[list[Cite], Field(max_length=20)]
Tags = Annotated[list[Name], Field(max_length=20)]


class QuestionShape(Shape):
    """One item of a bank. `answer` is letters (ACD), true/false for judge, or the accepted texts of a blank."""

    id: Key
    kind: KindName
    stem: Stem
    options: Options = Field(default_factory=list)
    answer: Answer
    explain: Explanation
    cites: Cites = Field(default_factory=list)
    difficulty: Level = 3
    tags: Tags = Field(default_factory=list)


class ItemShape(Shape):
    """One item of a case: a question that has no id of its own."""

    kind: ItemKind
    stem: Stem
    options: Options = Field(default_factory=list)
    answer: Answer
    explain: Explanation
    cites: Cites = Field(default_factory=list)


class CaseHeadShape(Shape):
    """A case before its items are looked at one by one."""

    id: Key
    kind: Literal["case"]
    stem: CaseText
    items: Annotated[list[Any], Field(min_length=2, max_length=10)]
    difficulty: Level = 3
    tags: Tags = Field(default_factory=list)


class CaseShape(Shape):
    """案例题: one text with two to ten items; what is answered, explained and cited stands in the items."""

    id: Key
    kind: Literal["case"]
    stem: CaseText
    items: Annotated[list[ItemShape], Field(min_length=2, max_length=10)]
    difficulty: Level = 3
    tags: Tags = Field(default_factory=list)


def is_case(value: object) -> bool:
    """Whether an item of a bank is (meant as) a case."""
    return isinstance(value, dict) and value.get("kind") == "case"


class HeaderShape(Shape):
    """What stands above a bank's questions. `as_of` is the day its law was checked; `law` the default for citations."""

    bank: Name
    as_of: Day
    law: Name = ""


class BankShape(HeaderShape):
    """A whole bank, as editors check it; the program reads the header and each question by itself."""

    questions: Annotated[
        list[
            Annotated[
                Annotated[QuestionShape, Tag("question")] | Annotated[CaseShape, Tag("case")],
                Discriminator(lambda value: "case" if is_case(value) else "question"),
            ]
        ],
        Field(min_length=1),
    ]


class MaterialShape(Shape):
    """The front matter of a material."""

    material: Key
    title: Name
    as_of: Day
    cites: Annotated[list[Cite], Field(max_length=50)] = Field(default_factory=list)
