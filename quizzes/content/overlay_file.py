"""calendar.yaml to the overlay that wins over the published calendar."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from quizzes.calendar import Overlay
from quizzes.content.fitting import fit, place_of
from quizzes.content.plan_shapes import DayShape, ListOfDays
from quizzes.content.problems import Problems
from quizzes.content.reading import Node, read_node
from quizzes.content.sources import scan


def read_overlay(path: Path, problems: Problems) -> Overlay:
    """The sound days of the file; everything wrong is noted in `problems`."""
    source = scan(path, problems)
    node = read_node(source, problems) if source else None
    if node is None:
        return Overlay()
    _, sound = fit(ListOfDays, node, problems)
    days: dict[date, bool] = {}
    for index, item in enumerate(sound.get("days", ())):
        part = Node(item, place_of(node.place, ("days", index)))
        shape, _ = fit(DayShape, part, problems, "days")
        if shape is None:
            continue
        if shape.date in days:
            problems.add(place_of(part.place, ("date",)), "duplicate_day", day=shape.date)
        days[shape.date] = bool(shape.work)
    return Overlay(days, frozenset(sound.get("years", ())))
