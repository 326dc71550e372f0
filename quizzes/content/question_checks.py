"""What must hold inside one question beyond its shape: the answer fits the kind and the options, nothing is said twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from quizzes.citations import UnclearCitation, parse_citation
from quizzes.content.scalars import fold
from quizzes.questions import LETTERS

Finding = tuple[tuple[str | int, ...], str, dict[str, object]]  # (where inside the question, code, values)

BLANK = re.compile(r"[_＿]{2,}")
_SEPARATORS = re.compile(r"[\s,，、;；.．|/]+")
_LETTERED = re.compile(r"[(（]?([A-Ja-jＡ-Ｊ])\s*[.．、:：)）]")


@dataclass(slots=True)
class Draft:
    """The sound fields of a question that may have others; None where a field is missing or wrong (and reported)."""

    kind: str | None = None
    stem: str | None = None
    options: tuple[str, ...] | None = ()
    answer: Any = None
    cites: tuple[str, ...] = ()
    citations: list[str] = field(default_factory=list)


def draft(sound: Mapping[str, Any], whole: Mapping[str, Any]) -> Draft:
    """The draft of a question: `sound` are its fields that fit, `whole` all that was written."""
    options = sound.get("options", None if "options" in whole else ())
    return Draft(
        kind=sound.get("kind"),
        stem=sound.get("stem"),
        options=None if options is None else tuple(map(str, options)),
        answer=sound.get("answer"),
        cites=tuple(map(str, sound.get("cites", ()))),
    )


def check(question: Draft, law: str) -> Iterator[Finding]:
    """Everything wrong inside the question. Fills its `citations` with their canonical texts; `law` is the bank's default."""
    yield from _check_cites(question, law)
    if question.kind in ("single", "multiple"):
        if question.options is not None:
            yield from _check_options(question.options)
            yield from _check_letters(question, len(question.options))
    elif question.kind == "judge":
        yield from _check_judge(question)
    elif question.kind == "blank":
        yield from _check_blank(question)


def letters(answer: str) -> str:
    """「ACD」 for 「a、c，D」: capitals in order, without separators; not yet checked."""
    return "".join(sorted(_SEPARATORS.sub("", fold(answer)).upper()))


def _check_cites(question: Draft, law: str) -> Iterator[Finding]:
    for index, cite in enumerate(question.cites):
        try:
            text = parse_citation(cite, law).text
        except UnclearCitation as error:
            yield ("cites", index), error.code, {"written": cite}
            continue
        if text in question.citations:
            yield ("cites", index), "duplicate_cite", {"written": text}
        question.citations.append(text)


def _check_options(options: tuple[str, ...]) -> Iterator[Finding]:
    if not options:
        yield (), "missing_options", {}
    elif len(options) == 1:
        joined = "，" in options[0] or "、" in options[0]
        yield ("options",), "options_fullwidth_comma" if joined else "options_too_few", {}
    seen: dict[str, str] = {}
    for index, (letter, option) in enumerate(zip(LETTERS, options, strict=False)):
        other = seen.setdefault(fold(option), letter)
        if other != letter:
            yield ("options", index), "duplicate_option", {"letter": letter, "other": other}
    marks = [found[1] for option in options if (found := _LETTERED.match(option))]
    if len(marks) > 1 and fold("".join(marks)).upper() == LETTERS[: len(options)]:
        yield ("options", 0), "options_lettered", {"written": options[0]}


def _check_letters(question: Draft, count: int) -> Iterator[Finding]:
    answer, where = question.answer, ("answer",)
    if answer is None or count == 0:
        return
    given = letters(answer) if isinstance(answer, str) else ""
    if not given or not (given.isascii() and given.isalpha()):
        yield where, "answer_letters_expected", {}
        return
    if beyond := sorted(set(given) - set(LETTERS[:count])):
        yield where, "answer_beyond_options", {"letters": "".join(beyond), "last": LETTERS[count - 1]}
    if len(set(given)) < len(given):
        yield where, "answer_letter_twice", {"written": answer}
    elif question.kind == "single" and len(given) > 1:
        yield where, "single_several_letters", {"written": answer}
    elif question.kind == "multiple" and len(given) < 2:
        yield where, "multiple_one_letter", {"written": answer}


def _check_judge(question: Draft) -> Iterator[Finding]:
    if question.options:
        yield ("options",), "judge_options", {}
    if question.answer is not None and not isinstance(question.answer, bool):
        yield ("answer",), "answer_true_false", {}


def _check_blank(question: Draft) -> Iterator[Finding]:
    if question.options:
        yield ("options",), "blank_options", {}
    blanks = len(BLANK.findall(question.stem)) if question.stem is not None else 1
    if blanks != 1:
        yield ("stem",), "blank_missing" if blanks == 0 else "blank_several", {"count": blanks}
    if question.answer is None:
        return
    if not isinstance(question.answer, list) or not question.answer:
        yield ("answer",), "answer_texts_expected", {}
        return
    seen: set[str] = set()
    for index, accepted in enumerate(question.answer):
        if fold(str(accepted)) in seen:
            yield ("answer", index), "duplicate_accepted", {"written": accepted}
        seen.add(fold(str(accepted)))
