"""学习资料: an article to study, and what it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Material:
    """`cites` are whole citations (「行政处罚法 第三十三条」); `body` is Markdown; `as_of` the day its law was checked."""

    key: str
    title: str
    as_of: date
    cites: tuple[str, ...]
    body: str
