"""Questions and their revisions: what a bank file says, as the domain knows it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

LETTERS = "ABCDEFGHIJ"


class Kind(StrEnum):
    """题型. `case` (案例题) is one text with several items, each of another kind."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    JUDGE = "judge"
    BLANK = "blank"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Question:
    """One item of a bank. `answer` is canonical: letters in order ("A", "ACD") for single and multiple,
    ("T",) or ("F",) for judge, the accepted texts for blank. `cites` are whole citations (「行政处罚法 第三十三条」).
    A case has `items` instead of options and an answer; an item taken out of it (`item`) carries the case's text as `background`."""

    key: str
    kind: Kind
    stem: str
    options: tuple[str, ...]
    answer: tuple[str, ...]
    explain: str
    cites: tuple[str, ...]
    difficulty: int = 3
    topics: tuple[str, ...] = ()
    items: tuple[Question, ...] = ()
    background: str = ""

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of everything a person sees or is graded by; equal content gives an equal hash."""
        return hashlib.sha256(json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The content as stored with a revision. A question without items says nothing of them, as before there were any."""
        content = asdict(self)
        del content["background"], content["items"]
        return content | ({"items": [each.to_json() for each in self.items]} if self.items else {})

    def item(self, number: int | None) -> Question:
        """What one slot of a paper asks: an item of a case (from 0) with the case's text as its background, else the question itself."""
        return self if number is None else replace(self.items[number], background=self.stem)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Question:
        """The inverse of `to_json`."""
        return cls(
            key=data["key"],
            kind=Kind(data["kind"]),
            stem=data["stem"],
            options=tuple(data["options"]),
            answer=tuple(data["answer"]),
            explain=data["explain"],
            cites=tuple(data["cites"]),
            difficulty=data["difficulty"],
            topics=tuple(data["topics"]),
            items=tuple(cls.from_json(each) for each in data.get("items", ())),
        )


@dataclass(frozen=True, slots=True)
class Revision:
    """版本: the content of a question at one time. Answers point at revisions, never at questions."""

    id: int
    question: Question
