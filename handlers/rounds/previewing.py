"""预览: what a given person would see of a round or a plan, and if they would be blocked, exactly why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from handlers.commands import as_number, choice
from handlers.delivering import invitation
from handlers.messages import Reply
from handlers.rounds import blocking, makeup_plan, managing, naming, opening
from handlers.sitting.scores import rules_in_words
from handlers.turns import Deployment, Turn
from handlers.words import say
from quizzes.enrolling import Enrolled, draws
from quizzes.grading import shown_options
from quizzes.papers import PoolTooSmall, Slot, draw, paper_seed
from quizzes.plans import Draw
from quizzes.questions import LETTERS, Question
from quizzes.rounds import Round, State
from storage import people, pools, rounds
from storage.answers import Sitting
from storage.database import Store
from storage.people import Placed

A_PAGE = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """What one person would see: why they would be blocked (empty: they would not), what else to know, the invitation with the rules,
    and a sample paper, a text a question. The sample is drawn anew; nobody's real paper is shown before its time."""

    blocked: tuple[str, ...]
    notes: tuple[str, ...]
    invitation: tuple[str, ...]
    paper: tuple[str, ...]


def preview(turn: Turn, store: Store) -> list[Reply]:
    """「预览 <plan or round> <name or number> [page]」: page 1 is what stands before the paper, then the paper in pages."""
    words = turn.arguments
    page = as_number(words[2]) if len(words) == 3 and words[2].isdecimal() else 1
    if len(words) not in (2, 3):
        return [_how(turn, store)]
    what = asked_round(store, turn.house, words[0], turn.now)
    if what is None:
        return [_how(turn, store)]
    found = whom(store, words[1], turn)
    if len(found) != 1:
        return [_which(turn, words, found)]
    if unknown := opening.strangers(store, what):
        return [Reply(turn.say("clock.strangers", title=what.title, names=", ".join(unknown)))]
    seen = look(store, turn.house, what, found[0], turn.language, turn.now)
    return [_page(turn, words[0], found[0], what, seen, page)]


def _how(turn: Turn, store: Store) -> Reply:
    plans = [turn.say("preview.plan", key=plan.key, title=plan.title) for plan, _ in rounds.plans(store)]
    latest = rounds.latest(store, 5, State.PLANNED, State.OPENING, State.OPEN, State.CLOSED)
    numbered = [turn.say("preview.round", number=each.id, title=each.title) for each in latest]
    return Reply("\n".join([turn.say("preview.how"), *plans, *numbered]), choices=(choice(turn.language, "rounds"),))


def asked_round(store: Store, house: Deployment, word: str, now: datetime) -> Round | None:
    """The round of a number, or the round that the plan of this key would open now."""
    if word.isdecimal():
        return naming.named(store, word)
    plan = rounds.plan_of(store, word)
    return None if plan is None else managing.draft(plan, managing.by_hand(plan, house, now))


def whom(store: Store, word: str, turn: Turn) -> list[Placed]:
    """The people a word means: of this name, or of this number (「12」, 「#12」)."""
    day, number = turn.house.today(turn.now), word.lstrip("#")
    if number.isascii() and number.isdigit():
        return people.placed(store, day, ids=[as_number(number)])
    return people.placed(store, day, name=word)


def _which(turn: Turn, words: list[str], found: list[Placed]) -> Reply:
    if not found:
        return Reply(turn.say("preview.nobody", name=words[1]), choices=(choice(turn.language, "rounds"),))
    buttons = [choice(turn.language, "preview", words[0], each.id, label=_name(turn, each)) for each in found[:8]]
    return Reply(turn.say("preview.which", name=words[1]), choices=tuple(buttons))


def _name(turn: Turn, who: Placed) -> str:
    return turn.say("preview.person", name=who.name if turn.names_allowed else f"#{who.id}", unit=who.unit)


def _page(turn: Turn, word: str, who: Placed, what: Round, seen: Seen, page: int) -> Reply:
    pages = 1 + -(-len(seen.paper) // A_PAGE)
    page = min(max(page, 1), pages)
    head = turn.say("preview.head", person=_name(turn, who), title=what.title, page=page, pages=pages)
    if page == 1:
        body = before(seen, turn.language)
    else:
        body = [turn.say("preview.sample"), *seen.paper[(page - 2) * A_PAGE : (page - 1) * A_PAGE]]
    buttons = (
        [] if page == 1 else [choice(turn.language, "preview", word, who.id, page - 1, label=turn.say("preview.back"))]
    )
    if page < pages:
        buttons.append(choice(turn.language, "preview", word, who.id, page + 1, label=turn.say("preview.forth")))
    return Reply("\n\n".join([head, *body]), choices=tuple(buttons), edits=page > 1)


def before(seen: Seen, language: str) -> list[str]:
    """What stands before the paper: whether they would be blocked and why, what else to know, the invitation."""
    first = "preview.blocked" if seen.blocked else "preview.free"
    listed = "\n".join([say(language, first), *(say(language, "preview.line", text=each) for each in seen.blocked)])
    shown = say(language, "preview.would_see") + "\n" + "\n".join(seen.invitation)
    return [listed, *(["\n".join(seen.notes)] if seen.notes else []), shown]


# What they would see. --------------------------------------------------------------------------------------------------


def look(store: Store, house: Deployment, what: Round, who: Placed, language: str, now: datetime) -> Seen:
    """Reads only. `what` may be a draft that is on no books (id 0). Raises UnknownUnits where the audience names strangers."""
    checks = blocking.Checks(store, house, what, who, language, now)
    lines, which = _draw_of(store, what, who)
    slots, questions = _sample(store, what, who, lines)
    sat = Sitting(
        0,
        1,
        slots,
        0,
        who.id,
        what.id,
        what.title,
        what.counts,
        "open",
        what.opens_at,
        what.closes_at,
        what.rules,
        0,
        None,
        True,
        "",
    )
    notes = list(checks.notes())
    if which is not None:
        notes.append(
            say(
                language,
                "preview.variant",
                number=which + 1,
                total=len(what.variants) + 1,
                who=blocking.audience_in_words(language, what.variants[which].who),
            )
        )
    if what.of_round_id is not None:
        first = rounds.get(store, what.of_round_id)
        notes.append(
            say(language, "preview.makeup", title=first.title)
            + makeup_plan.rules_in_words(language, first.rules, what.rules)
        )
    if what.counts == "practice":
        notes.append(say(language, "quiz.practice_note"))
    shown = (*invitation(language, sat, house), *rules_in_words(language, what.rules, len(slots)))
    texts = tuple(
        question_in_words(language, number, slot, questions[slot.revision_id].item(slot.item))
        for number, slot in enumerate(slots, 1)
    )
    return Seen(checks.blocked(), tuple(notes), shown, texts)


def _draw_of(store: Store, what: Round, who: Placed) -> tuple[tuple[Draw, ...], int | None]:
    """(the lines by which this person's paper would be drawn, the number of the variant or None for the common one)."""
    if not what.variants:
        return what.draw, None
    mine = Enrolled(who.id, who.unit_id, people.bureau_of(store, who.unit_id))
    lines = draws([mine], people.people(store), people.units(store), what.variants, what.draw)[who.id]
    return lines, next((n for n, each in enumerate(what.variants) if each.draw == lines), None)


def _sample(
    store: Store, what: Round, who: Placed, lines: tuple[Draw, ...]
) -> tuple[tuple[Slot, ...], dict[int, Question]]:
    """A paper as this person might get it, by a seed that no round has; nothing where the banks are too small."""
    fixed = pools.pool(store, what.id) if what.opened_at is not None else None
    pool = fixed if fixed is not None and fixed.items else pools.would_draw_from(store, what.lines)
    questions = {item.revision_id: question for item, question in zip(pool.items, pool.questions, strict=True)}
    try:
        return draw(pool, lines, Random(paper_seed(0, who.id, 1)), ()), questions  # noqa: S311 (a sample)
    except PoolTooSmall:
        return (), questions


def question_in_words(language: str, number: int, slot: Slot, question: Question) -> str:
    """One question as text, without its key."""
    kind = say(language, f"quiz.kind_{question.kind.value}")
    lines = (
        [say(language, "exam.review_case", text=question.background)] if question.background and slot.item == 0 else []
    )
    lines.append(say(language, "preview.question", number=number, kind=kind, stem=question.stem))
    options = zip(LETTERS, shown_options(question, slot.order), strict=False)
    return "\n".join([*lines, *(f"{letter}. {text}" for letter, text in options)])
