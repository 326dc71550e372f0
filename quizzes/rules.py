"""规则: what decides a score and a pass. All parameters, frozen into the round when it opens."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Rules:
    """Lines are inclusive and in points of 100. `minutes` None means no time limit. `score` says which attempt counts.
    `postings` are the kinds of 人事关系 that put a person on the 应考 roster."""

    pass_line: int = 60
    excellent_line: int = 90
    attempts: int = 1
    minutes: int | None = None
    score: Literal["best", "last"] = "best"
    postings: tuple[str, ...] = ("编制", "挂职", "驻村")

    def to_json(self) -> dict[str, Any]:
        """As frozen into a round."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rules:
        """The inverse of `to_json`; keys this version does not know are an error, never ignored."""
        unknown = set(data) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"rules unknown to this version: {', '.join(sorted(unknown))}")
        return cls(**{**data, "postings": tuple(data.get("postings", cls().postings))})


PRESETS: dict[str, Rules] = {
    "daily": Rules(),
}
