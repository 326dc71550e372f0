"""The guarded event stream of one YAML file that nobody has checked, and the values built from it with their places.

The C *composer* dies (SIGSEGV) at deep nesting and expands aliases; the C *event* parser does neither, so limits are
enforced between its events and values are built from them. Nothing is ever constructed from tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from quizzes.content.problems import Mark, Problems, Spot
from quizzes.content.scalars import REFUSED, plain, tidy
from quizzes.content.sources import UNSEEN, Source
from quizzes.content.syntax import explain

DEEPEST = 40
MOST_SCALARS = 10_000_000  # in a file; 100,000 questions have about 2.3 million
MOST_PER_ITEM = 20_000  # in one item of a streamed list, or in everything outside it
LONGEST = 1_000_000  # bytes between two events: one huge scalar or comment


@dataclass(slots=True)
class Branch:
    """Where a mapping or list stands, and where its keys and parts do. The places of scalars are the parser's own marks."""

    line: int
    column: int
    parts: dict[str | int, Mark] = field(default_factory=dict)
    keys: dict[str, Mark] = field(default_factory=dict)


class Stop(Exception):
    """Reading cannot go on; the problem is noted already."""


def at(event: Event) -> Mark:
    """Where an event begins."""
    return event.start_mark or Spot()


class _Bounded:
    """Hands bytes to the parser, and refuses when too many pass without an event: a bomb of one scalar stays small."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.quiet = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.quiet += len(data)
        if self.quiet > LONGEST:
            raise OverflowError
        return data


class Events:
    """The guarded event stream of one source and the values built from it."""

    def __init__(self, source: Source, stream: BinaryIO, problems: Problems) -> None:
        self._source = source
        self._bounded = _Bounded(stream)
        self._parser = yaml.CSafeLoader(self._bounded)  # used as a parser only: nothing is constructed
        self._problems = problems
        self._mark: Mark = Spot()
        self._scalars = 0
        self.item_scalars = 0

    def next(self) -> Event:
        """The next event. Raises `Stop` on a syntax error or when a limit is passed."""
        try:
            event = self._parser.get_event()
        except yaml.YAMLError as error:
            mark, code, values = explain(error, self._source.line)
            raise self.stop(mark or self._mark, code, **values) from None
        except OverflowError:
            raise self.stop(self._mark, "scalar_too_long") from None
        if event is None:
            raise self.stop(self._mark, "yaml_other", reason="the parser ended early")
        self._bounded.quiet = 0
        self._mark = at(event)
        return event

    def stop(self, mark: Mark, code: str, /, **values: object) -> Stop:
        """Note why reading ends here; the caller raises what this returns."""
        self._problems.add(mark, code, **values)
        return Stop()

    def root(self) -> Event | None:
        """The first event of the document's content; None if the file holds none."""
        self.next()
        start = self.next()
        if isinstance(start, StreamEndEvent):
            self._problems.add(at(start), "empty_file")
            return None
        if isinstance(start, DocumentStartEvent) and start.tags:
            self._problems.add(at(start), "tag_refused", tag="%TAG")
        return self.next()

    def finish(self) -> None:
        """After the content: only the end may follow."""
        self.next()
        after = self.next()
        if not isinstance(after, StreamEndEvent):
            self._problems.add(at(after), "several_documents")

    def node(self, event: Event, depth: int = 1) -> tuple[Any, Mark]:
        """The value and place that begin with `event`."""
        if isinstance(event, ScalarEvent):
            return self._scalar(event), at(event)
        if isinstance(event, AliasEvent):
            self._problems.add(at(event), "alias_refused", name=event.anchor)
            return REFUSED, at(event)
        if depth > DEEPEST:
            raise self.stop(at(event), "too_deep", most=DEEPEST)
        if isinstance(event, MappingStartEvent):
            self.refuse_tricks(event)
            return self._mapping(event, depth)
        if isinstance(event, SequenceStartEvent):
            self.refuse_tricks(event)
            return self._sequence(event, depth)
        raise self.stop(at(event), "yaml_other", reason=type(event).__name__)

    def key(self, event: Event, known: Mapping[str, Mark], depth: int = 1) -> str | None:
        """The text of a mapping's key, or None if it may not stand here (said already; its value is to be skipped)."""
        if not isinstance(event, ScalarEvent):
            if not isinstance(event, AliasEvent):  # an alias is reported as such
                self._problems.add(at(event), "key_not_text")
            self.node(event, depth + 1)
            return None
        self._count(event)
        name = str(event.value)
        self.refuse_tricks(event)
        if name == "<<" and event.style == "":
            self._problems.add(at(event), "merge_refused")
        elif name in known:
            self._problems.add(at(event), "duplicate_key", key=name, line=known[name].line + 1)
        else:
            return name
        return None

    def _mapping(self, start: Event, depth: int) -> tuple[dict[str, Any], Branch]:
        value: dict[str, Any] = {}
        place = Branch(at(start).line, at(start).column)
        while not isinstance(event := self.next(), MappingEndEvent):
            key = self.key(event, place.keys, depth)
            part, where = self.node(self.next(), depth + 1)
            if key is not None:
                value[key] = part
                place.keys[key] = at(event)
                place.parts[key] = where
        return value, place

    def _sequence(self, start: Event, depth: int) -> tuple[list[Any], Branch]:
        value: list[Any] = []
        place = Branch(at(start).line, at(start).column)
        while not isinstance(event := self.next(), SequenceEndEvent):
            part, where = self.node(event, depth + 1)
            place.parts[len(value)] = where
            value.append(part)
        return value, place

    def _scalar(self, event: ScalarEvent) -> object:
        self._count(event)
        if event.anchor is not None or event.tag is not None:
            self.refuse_tricks(event)
        if event.style == "":
            return plain(event.value)
        if event.style == '"' and (unseen := UNSEEN.search(event.value)):  # "\u200b" passes the scan of the file
            self._problems.add(at(event), "unseen_character", character=f"U+{ord(unseen.group()):04X}")
            return REFUSED
        return tidy(event.value)

    def _count(self, event: Event) -> None:
        self._scalars += 1
        self.item_scalars += 1
        if self._scalars > MOST_SCALARS or self.item_scalars > MOST_PER_ITEM:
            raise self.stop(at(event), "too_many_values")

    def refuse_tricks(self, event: ScalarEvent | CollectionStartEvent) -> None:
        """Note an anchor or a tag on what begins with `event`; reading goes on, nothing is built from either."""
        if event.anchor is not None:
            self._problems.add(at(event), "anchor_refused", name=event.anchor)
        if event.tag is not None:
            self._problems.add(at(event), "tag_refused", tag=event.tag)
