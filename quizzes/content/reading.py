"""Reading content files: a small file as one node, a large one as a stream of items with flat memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yaml.events import MappingEndEvent, MappingStartEvent, SequenceEndEvent, SequenceStartEvent

from quizzes.content.events import Branch, Events, Stop, at
from quizzes.content.problems import Mark, Problems
from quizzes.content.sources import Source


@dataclass(slots=True)
class Node:
    """A value (dict, list, str, int, bool, None, date, `Unclear` or `REFUSED`) and its place."""

    value: Any
    place: Mark


def read_node(source: Source, problems: Problems) -> Node | None:
    """The whole document of a small file; None if it is empty or cannot be read on (noted in `problems`)."""
    with source.open() as stream:
        events = Events(source, stream, problems)
        try:
            root = events.root()
            if root is None:
                return None
            node = Node(*events.node(root))
            events.finish()
            return node
        except Stop:
            return None


def stream_items(source: Source, key: str, problems: Problems) -> Iterator[Node]:
    """First a node of the mapping without `key`, then one node for each item of the list under `key`, which must come last.
    Memory stays flat if the consumer keeps none. Ends early where reading cannot go on (noted in `problems`)."""
    with source.open() as stream:
        events = Events(source, stream, problems)
        try:
            root = events.root()
            if root is None:
                return
            if isinstance(root, MappingStartEvent):
                events.refuse_tricks(root)
                yield from _stream_mapping(events, root, key, problems)
                events.finish()
            else:
                whole = Node(*events.node(root))
                events.finish()
                yield whole
        except Stop:
            return


def _stream_mapping(events: Events, root: MappingStartEvent, key: str, problems: Problems) -> Iterator[Node]:
    value: dict[str, Any] = {}
    place = Branch(at(root).line, at(root).column)
    streamed = False
    while not isinstance(event := events.next(), MappingEndEvent):
        name = events.key(event, place.keys)
        first = events.next()
        if name is not None:
            place.keys[name] = at(event)
        if name == key and isinstance(first, SequenceStartEvent):
            streamed = True
            yield Node(value, place)
            events.refuse_tricks(first)
            while not isinstance(item := events.next(), SequenceEndEvent):
                events.item_scalars = 0
                yield Node(*events.node(item, 3))
        else:
            part, where = events.node(first, 2)
            if name is not None and streamed:
                problems.add(at(event), "items_not_last", key=name, items=key)
            elif name is not None:
                value[name], place.parts[name] = part, where
    if not streamed:
        yield Node(value, place)
