"""Questions and their revisions: what a bank file says, as the domain knows it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

LETTERS = "ABCDEFGHIJ"


class Kind(StrEnum):
    """题型. `case` (案例题) is one text with several items and belongs to formal exams."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    JUDGE = "judge"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Question:
    """One item of a bank. `answer` is canonical: letters in order ("A", "ACD") for single and multiple,
    ("T",) or ("F",) for judge, the accepted texts for blank. `cites` are whole citations (「行政处罚法 第三十三条」)."""

    key: str
    kind: Kind
    stem: str
    options: tuple[str, ...]
    answer: tuple[str, ...]
    explain: str
    cites: tuple[str, ...]
    difficulty: int = 3
    topics: tuple[str, ...] = ()

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of everything a person sees or is graded by; equal content gives an equal hash."""
        return hashlib.sha256(json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The content as stored with a revision."""
        return asdict(self)

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
        )


@dataclass(frozen=True, slots=True)
class Revision:
    """版本: the content of a question at one time. Answers point at revisions, never at questions."""

    id: int
    question: Question
