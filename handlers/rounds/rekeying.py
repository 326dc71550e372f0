"""改判: a key that was wrong after people have answered: another key or 作废, its effect shown first, told to whom it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from handlers import interjecting
from handlers.commands import as_number, choice
from handlers.messages import Choice, Reply
from handlers.turns import Turn
from handlers.words import LANGUAGES, say
from quizzes.grading import read_answer, shown_answer
from quizzes.papers import Slot
from quizzes.questions import LETTERS, Kind, Question
from quizzes.rounds import Round
from quizzes.scoring import Action, Asked, corrected
from storage import accounts, answers, feedback, jobs, rescoring, rounds, rulings
from storage.database import Store

TOPIC = "rekey"
PREVIEW = "rekey_preview"
LISTED, LONGEST = 8, 200


@dataclass(frozen=True, slots=True)
class Named:
    """A question of a round: its key as the officer says it (「al-1#2」 is the second item of a case), and what it asks."""

    what: Round
    name: str
    revision_id: int
    item: int | None
    question: Question

    @property
    def slot(self) -> Slot:
        """The question with its options as the bank has them."""
        options = 2 if self.question.kind is Kind.JUDGE else len(self.question.options)
        return Slot(self.revision_id, tuple(range(options)), self.item)


# Which question. -------------------------------------------------------------------------------------------------------


def rekey(turn: Turn, store: Store) -> list[Reply]:
    """「改判」: the questions reported as wrong. 「改判 xf-1」 or part of its wording: the rounds that asked it. 「改判 12 xf-1」: the
    question with what may be decided. 「改判 12 xf-1 B 理由」 or 「改判 12 xf-1 作废 理由」: what that would change."""
    words = turn.arguments
    if not words:
        return [_reported(turn, store)]
    if words[0].casefold() in _words("rekeying.lower_word") and len(words) == 2 and words[1].isdecimal():
        return [_lowering(turn, store, as_number(words[1]))]
    if len(words) == 1 or not words[0].isdecimal():
        return [_search(turn, store, " ".join(words))]
    named = named_of(store, as_number(words[0]), words[1])
    if named is None:
        return [Reply(turn.say("rekeying.not_asked", key=words[1]), choices=(choice(turn.language, "rekey"),))]
    if named.question.kind is Kind.CASE:
        return [_items(turn, named)]
    return [_decision(turn, store, named, words[2:]) if words[2:] else _shown(turn, store, named)]


def _reported(turn: Turn, store: Store) -> Reply:
    found = [each for each in feedback.waiting(store, 100) if each.kind == feedback.QUESTION]
    keys = list(dict.fromkeys(each.about for each in found))[:LISTED]
    lines = [turn.say("rekeying.head" if keys else "rekeying.none_reported"), turn.say("rekeying.how")]
    lines[1:1] = [turn.say("rekeying.reported", key=key, stem=feedback.stem(store, key)) for key in keys]
    return Reply("\n".join(lines), choices=_buttons(turn, *[(("rekey", key), key) for key in keys]))


def _search(turn: Turn, store: Store, said: str) -> Reply:
    """By its key, or by part of its wording: the rounds that asked the question, or the questions that are meant."""
    base = said.partition("#")[0]
    asking = rescoring.rounds_asking(store, base, LISTED)
    if len(asking) == 1:
        named = named_of(store, asking[0][0], said)
        if named is not None:
            return _items(turn, named) if named.question.kind is Kind.CASE else _shown(turn, store, named)
    if asking:
        each = [(("rekey", number, said), rounds.get(store, number).title) for number, _ in asking]
        lines = [turn.say("rekeying.which_round", key=said, stem=feedback.stem(store, base))]
        lines += [turn.say("rekeying.round", number=says[1], title=title) for says, title in each]
        return Reply("\n".join(lines), choices=_buttons(turn, *each))
    keys = rescoring.keys_like(store, said, LISTED)
    if not keys:
        return Reply(turn.say("rekeying.not_found", said=said), choices=(choice(turn.language, "rekey"),))
    lines = [turn.say("rekeying.which")]
    lines += [turn.say("rekeying.reported", key=key, stem=feedback.stem(store, key)) for key in keys]
    return Reply("\n".join(lines), choices=_buttons(turn, *[(("rekey", key), key) for key in keys]))


def _buttons(turn: Turn, *wanted: tuple[Sequence[object], str]) -> tuple[Choice, ...]:
    """Buttons of (command and arguments, label), as far as they fit what a button may say."""
    made = [choice(turn.language, str(says[0]), *says[1:], label=label) for says, label in wanted]
    return tuple(each for each in made if len(each.says.encode()) <= 64)


def named_of(store: Store, round_id: int, name: str) -> Named | None:
    """The question that a round asks under this name, or None."""
    key, _, place = name.partition("#")
    asking = dict(rescoring.rounds_asking(store, key, 1000))
    if round_id not in asking:
        return None
    whole = answers.question(store, asking[round_id])
    if not place:
        return Named(rounds.get(store, round_id), name, asking[round_id], None, whole)
    if not place.isdecimal() or not 1 <= as_number(place) <= len(whole.items):
        return None
    item = as_number(place) - 1
    return Named(rounds.get(store, round_id), name, asking[round_id], item, whole.item(item))


def _items(turn: Turn, named: Named) -> Reply:
    lines = [turn.say("rekeying.items", key=named.name, stem=named.question.stem)]
    lines += [turn.say("rekeying.item", number=n, stem=each.stem) for n, each in enumerate(named.question.items, 1)]
    every = [(("rekey", named.what.id, f"{named.name}#{n}"), turn.say("rekeying.item_button", number=n)) for n in range(1, len(named.question.items) + 1)]  # fmt: skip
    return Reply("\n".join(lines), choices=_buttons(turn, *every))


# What is decided. ------------------------------------------------------------------------------------------------------


def _shown(turn: Turn, store: Store, named: Named) -> Reply:
    """The question as the bank has it, the key in force, and a button for each thing that may be decided."""
    question, void = in_force(store, named)
    lines = [turn.say("rekeying.question", title=named.what.title, key=named.name, stem=question.stem)]
    lines += [f"{letter}. {text}" for letter, text in zip(LETTERS, question.options, strict=False)]
    lines.append(
        turn.say("rekeying.is_void")
        if void
        else turn.say("rekeying.key", answer=shown_answer(question, named.slot.order))
    )
    lines.append(turn.say("rekeying.cites", cites="；".join(question.cites)))
    lines.append(turn.say(f"rekeying.how_{question.kind.value}", number=named.what.id, key=named.name))
    letters = {Kind.SINGLE: LETTERS[: len(question.options)], Kind.JUDGE: "AB"}.get(question.kind, "")
    others = [each for each in letters if void or set(_read(question, named.slot, each) or ()) != set(question.answer)]
    void_word = turn.say("rekeying.void_word")
    every = [(("rekey", named.what.id, named.name, each), turn.say("rekeying.to_button", answer=_label(turn, question, each))) for each in others]  # fmt: skip
    every += [] if void else [(("rekey", named.what.id, named.name, void_word), void_word)]
    return Reply("\n".join(lines), choices=(*_buttons(turn, *every), choice(turn.language, "cancel")))


def _label(turn: Turn, question: Question, letter: str) -> str:
    return letter if question.kind is not Kind.JUDGE else turn.say("quiz.true" if letter == "A" else "quiz.false")


def in_force(store: Store, named: Named) -> tuple[Question, bool]:
    """(the question with the key in force, whether it is void)."""
    return corrected(Asked(named.slot, named.question, Fraction(1)), rulings.of_round(store, named.what.id))


def _read(question: Question, slot: Slot, text: str) -> tuple[str, ...] | None:
    """A key as typed, in its canonical form, or None where it does not fit the kind: one letter, two or more, 对 or 错, or texts
    with / between them."""
    if question.kind is Kind.BLANK:
        texts = [part.strip() for part in text.replace("／", "/").replace("；", "/").split("/")]
        read = [read_answer(question, slot.order, each) for each in texts]
        return tuple(each[0] for each in read if each) if texts and all(read) else None
    if question.kind is Kind.JUDGE and text.upper() in ("A", "B"):
        text = "对" if text.upper() == "A" else "错"
    found = read_answer(question, slot.order, text)
    return found if found is not None and (question.kind is not Kind.MULTIPLE or len(found) > 1) else None


def _words(key: str) -> set[str]:
    return {say(language, key).casefold() for language in LANGUAGES}


def _decision(turn: Turn, store: Store, named: Named, words: Sequence[str]) -> Reply:
    """What was decided, checked against the kind; then its reason, which is asked for where it is missing."""
    if words[0].casefold() in _words("rekeying.same_word") and len(words) == 2 and words[1].isdecimal():
        return _the_same(turn, store, named, as_number(words[1]))
    action = Action.VOID if words[0].casefold() in _words("rekeying.void_word") else Action.REKEY
    question, void = in_force(store, named)
    answer = () if action is Action.VOID else _read(question, named.slot, words[0])
    again = (choice(turn.language, "rekey", named.what.id, named.name),)
    if answer is None:
        return Reply(turn.say(f"rekeying.bad_{question.kind.value}", said=words[0]), choices=again)
    if void if action is Action.VOID else (not void and set(answer) == set(question.answer)):
        return Reply(turn.say("rekeying.no_change"), choices=again)
    wanted = {"round": named.what.id, "key": named.name, "action": action.value, "answer": list(answer), "keeps": True}
    reason = " ".join(words[1:])
    if reason:
        return ordered(turn, store, named, {**wanted, "reason": reason})
    accounts.set_topic(store, _where(turn), TOPIC, wanted, turn.now)
    said = turn.say(
        "rekeying.ask_reason", decision=decision_in_words(turn.language, question, named.slot, action, answer)
    )
    return Reply(said, choices=(choice(turn.language, "cancel"),))


def decision_in_words(language: str, question: Question, slot: Slot, action: Action, answer: Sequence[str]) -> str:
    """「答案改为 B. 民法典」, 「作废，人人计满分」."""
    if action is Action.VOID:
        return say(language, "rekeying.voided")
    return say(language, "rekeying.rekeyed", answer=shown_answer(replace(question, answer=tuple(answer)), slot.order))


def reasoned(turn: Turn, store: Store) -> list[Reply]:
    """The message after a decision is its reason. An answer to an open card is still an answer."""
    if (answer := interjecting.answered(turn, store)) is not None:
        return answer
    assert turn.topic is not None
    wanted = turn.topic.data
    named = named_of(store, wanted["round"], wanted["key"])
    accounts.clear_topic(store, _where(turn))
    if named is None:
        return [Reply(turn.say("rekeying.not_asked", key=wanted["key"]), choices=(choice(turn.language, "rekey"),))]
    return [ordered(turn, store, named, {**wanted, "reason": turn.said})]


def ordered(turn: Turn, store: Store, named: Named, wanted: dict[str, Any]) -> Reply:
    """Have the effect worked out beside the ledger; nothing is decided yet."""
    if len(wanted["reason"]) > LONGEST:
        return Reply(turn.say("rekeying.too_long", most=LONGEST), choices=(choice(turn.language, "cancel"),))
    asked = wanted | {"rulings": len(rulings.of_round(store, named.what.id))}
    account_id = turn.account.id if turn.account else None
    jobs.add(store, PREVIEW, asked, person_id=turn.me.id, account_id=account_id, now=turn.now)
    return Reply(turn.say("rekeying.working"))


def _lowering(turn: Turn, store: Store, job_id: int) -> Reply:
    """「改判 降分 7」: the same decision, by which scores may fall."""
    wanted = asked_for(store, job_id)
    named = named_of(store, wanted["round"], wanted["key"]) if wanted else None
    if wanted is None or named is None:
        return Reply(turn.say("rekeying.stale"), choices=(choice(turn.language, "rekey"),))
    return ordered(turn, store, named, {**wanted, "keeps": False})


def _the_same(turn: Turn, store: Store, named: Named, ruling_id: int) -> Reply:
    """「改判 13 xf-1 同 5」: what was decided in ruling 5, in this round too."""
    try:
        round_id, reason = rulings.reason_of(store, ruling_id)
    except KeyError:
        round_id, reason = 0, ""
    made = dict(rulings.numbered(store, round_id)).get(ruling_id)
    if made is None or (made.revision_id, made.item) != (named.revision_id, named.item):
        return Reply(turn.say("rekeying.stale"), choices=(choice(turn.language, "rekey", named.what.id, named.name),))
    wanted = {"round": named.what.id, "key": named.name, "action": made.action.value, "answer": list(made.answer),
              "keeps": made.keeps, "reason": reason}  # fmt: skip
    return ordered(turn, store, named, wanted)


def asked_for(store: Store, job_id: int) -> dict[str, Any] | None:
    """What a worked-out decision was, by the number of its job; None for a number that is none."""
    try:
        return jobs.params_of(store, job_id, PREVIEW)
    except KeyError:
        return None


def _where(turn: Turn) -> str:
    return f"{turn.incoming.account.channel}:{turn.incoming.account.id}"
