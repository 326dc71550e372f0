"""题库: one YAML file to its header and questions, or to everything that is wrong with it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from quizzes.citations import law_name
from quizzes.content.bank_shapes import HeaderShape, QuestionShape, is_case
from quizzes.content.cases import read_case
from quizzes.content.events import Branch
from quizzes.content.fitting import fit
from quizzes.content.problems import ContentRefused, Problems, Spot
from quizzes.content.question_items import Seen, canonical, checked
from quizzes.content.reading import Node, stream_items
from quizzes.content.sources import BANK_BYTES, Source, scan
from quizzes.questions import Kind, Question


@dataclass(frozen=True, slots=True)
class BankHeader:
    """What a bank says of itself. `law` is the default for its citations, or ""; `file_hash` is SHA-256 of the file, hex."""

    name: str
    as_of: date
    law: str
    file_hash: str


_SOME_LAW = "某法"
Census = Counter[tuple[Kind, int, tuple[str, ...]]]  # how many questions of (kind, difficulty, topics)


@dataclass(frozen=True, slots=True)
class Bank:
    """A sound bank: where it is, its header, and how many questions of which sort it holds."""

    path: Path
    header: BankHeader
    census: Census


def stream_bank(
    path: Path, problems: Problems, seen: Seen | None = None
) -> tuple[BankHeader | None, Iterator[Question]]:
    """The header and the sound questions, one at a time, with flat memory (100,000 questions: 25 MB). What is yielded may
    be kept only if `problems` is still empty when the iterator ends: a bank is taken whole or not at all."""
    source = scan(path, problems, BANK_BYTES)
    if source is None:
        return None, iter(())
    nodes = stream_items(source, "questions", problems)
    first = next(nodes, None)
    if first is None:
        return None, iter(())
    listed = _lists_questions(first, problems)
    header, law = _read_header(first, source, problems)
    if not listed:
        deque(nodes, maxlen=0)  # what else is wrong in the file
        return header, iter(())
    return header, _questions(nodes, law, problems, seen if seen is not None else Seen())


def read_bank(path: Path, file: str = "") -> tuple[BankHeader, tuple[Question, ...]]:
    """The whole bank in memory. Raises `ContentRefused` with everything that is wrong; `file` is the name it is given there."""
    problems = Problems(file or str(path))
    header, stream = stream_bank(path, problems)
    questions = tuple(stream)
    if problems or header is None:
        raise ContentRefused(problems.found())
    return header, questions


def survey_bank(path: Path, problems: Problems, seen: Seen | None = None) -> Bank | None:
    """Checks the whole bank and keeps only its header and census; None if anything is wrong (noted in `problems`)."""
    header, questions = stream_bank(path, problems, seen)
    census: Census = Counter()
    for question in questions:
        census[question.kind, question.difficulty, question.topics] += 1
    return Bank(path, header, census) if header and not problems else None


def _lists_questions(node: Node, problems: Problems) -> bool:
    """Whether a list of questions follows the header; if not, that is noted."""
    if not isinstance(node.place, Branch) or not isinstance(node.value, dict):
        return False
    if "questions" in node.value:
        del node.value["questions"]
        problems.add(node.place.parts["questions"], "list_expected", key="questions")
        return False
    if "questions" not in node.place.keys:
        problems.add(node.place, "missing_key", key="questions")
        return False
    return True


def _read_header(node: Node, source: Source, problems: Problems) -> tuple[BankHeader | None, str]:
    """(the header, the law that citations may leave out). An unreadable law is no reason to complain at every citation."""
    shape, sound = fit(HeaderShape, node, problems)
    if shape:
        header = BankHeader(shape.bank, shape.as_of, law_name(shape.law), source.file_hash)
        return header, header.law
    unreadable = isinstance(node.value, dict) and "law" in node.value and "law" not in sound
    return None, _SOME_LAW if unreadable else law_name(str(sound.get("law", "")))


def _questions(nodes: Iterator[Node], law: str, problems: Problems, seen: Seen) -> Iterator[Question]:
    count, before = 0, problems.count
    for node in nodes:
        count += 1
        if question := _question(node, law, problems, seen):
            yield question
    if count == 0 and problems.count == before:
        problems.add(Spot(), "empty_bank")


def _question(node: Node, law: str, problems: Problems, seen: Seen) -> Question | None:
    if is_case(node.value):
        return read_case(node, law, problems, seen)
    before = problems.count
    shape, sound = fit(QuestionShape, node, problems, "questions")
    item = checked(node, sound, law, problems)
    seen.take_id(node, sound, problems)
    seen.take_content(node, item, problems)
    if shape is None or problems.count > before:
        return None
    return Question(
        key=shape.id,
        kind=Kind(shape.kind),
        stem=shape.stem,
        options=tuple(shape.options),
        answer=canonical(shape.answer),
        explain=shape.explain,
        cites=tuple(item.citations),
        difficulty=shape.difficulty,
        topics=tuple(shape.tags),
    )
