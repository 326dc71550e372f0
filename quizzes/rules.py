"""规则: what decides a score and a pass. All parameters, frozen into the round when it opens."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from quizzes.questions import Kind

Who = Literal["absent", "failed"]


@dataclass(frozen=True, slots=True)
class Makeup:
    """补考: for whom, when, and what differs from the first sitting (None: as there). It opens `after_days` days after the
    close and stays open `days` days, both counted in calendar days."""

    who: tuple[Who, ...] = ("absent", "failed")
    after_days: int = 1
    days: int = 3
    attempts: int | None = None
    minutes: int | None = None
    pass_line: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Lines are inclusive and in points of 100.

    `attempts`: how many sittings a person has; `score` says which counts. `minutes`: how long one sitting may take, None for no
    limit; when the round closes in the middle of it, `late` "cut" ends it with the round and "finish" lets it run its minutes
    (nobody may begin after the close under either). `points`: hundredths of a point per question of a kind, () when every
    question weighs the same; a case is worth its points as a whole. `partial`: what a correct but incomplete choice in a
    multiple-choice question earns. `release`: when a person sees the right answers; "answered" is the quiz that explains at once,
    anything else is a formal exam. `hall`: 集中考试, begun only together where the officer presses 开考. `postings`: the kinds of
    人事关系 that put a person on the 应考 roster."""

    pass_line: int = 60
    excellent_line: int = 90
    attempts: int = 1
    minutes: int | None = None
    score: Literal["best", "last"] = "best"
    postings: tuple[str, ...] = ("编制", "挂职", "驻村")
    points: tuple[tuple[Kind, int], ...] = ()
    partial: Literal["none", "half"] = "none"
    late: Literal["cut", "finish"] = "cut"
    release: Literal["answered", "handed_in", "closed", "never"] = "answered"
    hall: bool = False
    makeup: Makeup | None = None

    @property
    def exam(self) -> bool:
        """Whether this is a formal exam: begun on purpose, answers may change until 交卷, and nothing is explained before."""
        return self.release != "answered"

    def for_makeup(self) -> Rules:
        """The rules of the make-up: these, with what the make-up's own rules say otherwise; it has no further make-up."""
        own = self.makeup or Makeup()
        named = {name: getattr(own, name) for name in ("attempts", "minutes", "pass_line")}
        return replace(self, makeup=None, **{name: value for name, value in named.items() if value is not None})

    def to_json(self) -> dict[str, Any]:
        """As frozen into a round."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rules:
        """The inverse of `to_json`; keys this version does not know are an error, never ignored."""
        unknown = set(data) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"rules unknown to this version: {', '.join(sorted(unknown))}")
        known = dict(data)
        known["postings"] = tuple(data.get("postings", cls().postings))
        known["points"] = tuple((Kind(kind), points) for kind, points in data.get("points", ()))
        if data.get("makeup"):
            known["makeup"] = Makeup(**{**data["makeup"], "who": tuple(data["makeup"]["who"])})
        return cls(**known)
