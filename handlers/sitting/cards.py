"""Question cards: their signed tokens, how they look, and what is said after an answer."""

from __future__ import annotations

import base64
import hashlib
import hmac

from handlers.messages import QuestionCard
from handlers.words import say
from quizzes.grading import LONGEST, shown_answer, shown_options
from quizzes.papers import Slot
from quizzes.questions import Kind, Question
from storage.answers import Sitting


def sign(secret: bytes, paper_id: int, slot: int) -> str:
    """The token of one question of one paper: "paper.slot.mac" with a 96-bit HMAC; at most 40 characters."""
    mac = hmac.digest(secret, f"card:{paper_id}.{slot}".encode(), hashlib.sha256)[:12]
    return f"{paper_id}.{slot}.{base64.urlsafe_b64encode(mac).decode()}"


def read_token(secret: bytes, token: str) -> tuple[int, int] | None:
    """(paper id, slot) of a token that we signed, else None."""
    parts = token.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts[:2]):
        return None
    paper_id, slot = int(parts[0]), int(parts[1])
    genuine = sign(secret, paper_id, slot)
    return (paper_id, slot) if hmac.compare_digest(genuine.encode(), token.encode()) else None


def card(
    secret: bytes, language: str, sitting: Sitting, slot: int, question: Question, chosen: str = ""
) -> QuestionCard:
    """One question as this person gets it."""
    return QuestionCard(
        heading=say(language, "quiz.heading", title=sitting.title, number=slot + 1, total=len(sitting.slots),
                    kind=say(language, f"quiz.kind_{question.kind.value}")),
        stem=question.stem,
        options=_options(language, question, sitting.slots[slot]),
        multiple=question.kind is Kind.MULTIPLE,
        token=sign(secret, sitting.paper_id, slot),
        chosen=chosen,
        submit_label=say(language, "quiz.submit") if question.kind is Kind.MULTIPLE else "",
    )  # fmt: skip


def _options(language: str, question: Question, slot: Slot) -> tuple[str, ...]:
    if question.kind is Kind.JUDGE:
        return (say(language, "quiz.true"), say(language, "quiz.false"))
    return shown_options(question, slot.order)


def how(language: str, kind: Kind, text: str) -> str:
    """How a question is answered, for somebody who said `text`, which is no answer to it."""
    if kind is Kind.BLANK and len(text) > LONGEST:
        return say(language, "quiz.too_long", most=LONGEST)
    return say(language, f"quiz.how_{kind.value}")


def explained(language: str, question: Question, slot: Slot, correct: bool) -> str:
    """The verdict, the right answer where it was missed, the explanation and the cited articles."""
    lines = [say(language, "quiz.right" if correct else "quiz.wrong")]
    if not correct:
        lines.append(say(language, "quiz.key", answer=shown_answer(question, slot.order)))
    lines.append(say(language, "quiz.explain", text=question.explain))
    lines.append(say(language, "quiz.cites", text="；".join(question.cites)))
    return "\n".join(lines)
