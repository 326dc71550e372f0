"""What questions of a bank and items of a case share: their checks, their answers, and what earlier ones took."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quizzes.content.fitting import place_of
from quizzes.content.problems import Problems
from quizzes.content.question_checks import Draft, check, draft, letters
from quizzes.content.reading import Node
from quizzes.content.scalars import fold


@dataclass(slots=True)
class Seen:
    """What earlier questions took: ids of all files read with the same `Seen`, and contents, each with "file:line"."""

    ids: dict[str, str] = field(default_factory=dict)
    contents: dict[int, str] = field(default_factory=dict)

    def take_id(self, node: Node, sound: Mapping[str, Any], problems: Problems) -> None:
        """Note that a question has this id, or that another has it already."""
        if (key := sound.get("id")) is None:
            return
        here = _place(node, problems)
        other = self.ids.setdefault(str(key), here)
        if other is not here:
            problems.add(place_of(node.place, ("id",)), "duplicate_id", id=key, other=other)

    def take_content(self, node: Node, item: Draft, problems: Problems) -> None:
        """Note that a question asks this with these options, or that another does."""
        if item.stem is not None and item.options is not None:
            self.take(node, (item.kind, fold(item.stem), *sorted(map(fold, item.options))), problems)

    def take(self, node: Node, content: Hashable, problems: Problems) -> None:
        """The same of any content."""
        here = _place(node, problems)
        other = self.contents.setdefault(hash(content), here)
        if other is not here:
            problems.add(place_of(node.place, ("stem",)), "duplicate_question", other=other)


def checked(node: Node, sound: Mapping[str, Any], law: str, problems: Problems) -> Draft:
    """The draft of a question or item, with everything noted that is wrong inside it beyond its shape."""
    item = draft(sound, node.value if isinstance(node.value, dict) else {})
    for where, code, values in check(item, law):
        problems.add(place_of(node.place, where), code, **values)
    return item


def canonical(answer: str | bool | list[str]) -> tuple[str, ...]:
    """An answer as `Question` has it."""
    if isinstance(answer, bool):
        return ("T",) if answer else ("F",)
    return tuple(letters(answer)) if isinstance(answer, str) else tuple(answer)


def _place(node: Node, problems: Problems) -> str:
    return f"{problems.file}:{node.place.line + 1}"
