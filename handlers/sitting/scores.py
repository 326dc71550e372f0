"""How rules, a score and its verdict are said."""

from __future__ import annotations

from handlers.words import say
from quizzes import grading
from quizzes.rules import Rules


def points(score: int | None) -> str:
    """A score in hundredths as people read it: 6666 is "66.66", 10000 is "100"."""
    return f"{(score or 0) / 100:.2f}".rstrip("0").rstrip(".")


def verdict(language: str, score: int | None, rules: Rules) -> str:
    """优秀, 合格, or 未合格 with the line."""
    if score is not None and grading.excellent(score, rules):
        return say(language, "quiz.excellent")
    key = "quiz.passed" if score is not None and grading.passed(score, rules) else "quiz.failed"
    return say(language, key, line=rules.pass_line)


def rules_in_words(language: str, rules: Rules, questions: int) -> list[str]:
    """The rules as somebody about to sit reads them, a line each."""

    def words(key: str, **values: object) -> str:
        return say(language, f"exam.rule_{key}", **values)

    return [
        words("questions", questions=questions),
        words("minutes", minutes=rules.minutes) if rules.minutes else words("no_minutes"),
        words("lines", pass_line=rules.pass_line, excellent=rules.excellent_line),
        *([words("half")] if rules.partial == "half" else []),
        words("once") if rules.attempts == 1 else words(rules.score, attempts=rules.attempts),
        words("change"),
        words(f"release_{rules.release}"),
    ]
