"""案例题: one text with several items, from its part of a bank file; every mistake of every item stands where it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from quizzes.content.bank_shapes import CaseHeadShape, ItemShape
from quizzes.content.fitting import fit, key_place, place_of
from quizzes.content.problems import Problems
from quizzes.content.question_items import Seen, canonical, checked
from quizzes.content.reading import Node
from quizzes.content.scalars import fold
from quizzes.questions import Kind, Question

_OF_ITEMS = dict.fromkeys(("options", "answer", "explain", "cites"), "case_own_key")
_OF_CASES = {"id": "case_item_id"}


def read_case(node: Node, law: str, problems: Problems, seen: Seen) -> Question | None:
    """The case, or None if anything is wrong with it (noted in `problems`). It cites what its items cite."""
    before = problems.count
    shape, sound = fit(CaseHeadShape, _without(node, _OF_ITEMS, problems), problems, "questions")
    seen.take_id(node, sound, problems)
    written = node.value.get("items")
    inside = Seen()
    parts = [
        _item(Node(part, place_of(node.place, ("items", number))), law, problems, inside)
        for number, part in enumerate(written if isinstance(written, list) else [])
    ]
    if (stem := sound.get("stem")) is not None:
        seen.take(node, (Kind.CASE, fold(str(stem)), *(fold(part.stem) for part in parts if part)), problems)
    if shape is None or problems.count > before:
        return None
    items = tuple(replace(part, key=f"{shape.id}.{number}") for number, part in enumerate(filter(None, parts), 1))
    cites = tuple(dict.fromkeys(cite for item in items for cite in item.cites))
    return Question(shape.id, Kind.CASE, shape.stem, (), (), "", cites, shape.difficulty, tuple(shape.tags), items)


def _without(node: Node, elsewhere: Mapping[str, str], problems: Problems) -> Node:
    """The mapping without keys that do not belong here; each is noted under its code."""
    if not isinstance(node.value, dict):
        return node
    own = dict(node.value)
    for key, code in elsewhere.items():
        if key in own:
            del own[key]
            problems.add(key_place(node.place, (key,)), code, key=key)
    return Node(own, node.place)


def _item(node: Node, law: str, problems: Problems, inside: Seen) -> Question | None:
    node = _without(node, _OF_CASES, problems)
    shape, sound = fit(ItemShape, node, problems, "items")
    item = checked(node, sound, law, problems)
    inside.take_content(node, item, problems)
    if shape is None:
        return None
    return Question("", Kind(shape.kind), shape.stem, tuple(shape.options), canonical(shape.answer), shape.explain, tuple(item.citations))  # fmt: skip
