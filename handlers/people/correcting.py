"""补录, 调出 and 撤销免考 by the officer: 应考 before and after is shown first, the reason stays, and a closed round is corrected in print."""

from __future__ import annotations

import json
from typing import Any

from handlers.commands import as_number, choice
from handlers.messages import Reply
from handlers.people import changing, deciding, draft, routing
from handlers.people.changing import Wish
from handlers.people.exempting import which_people
from handlers.turns import Turn
from handlers.unit_words import PAYLOAD
from quizzes.rounds import Round, State
from storage import accounts, audit, corrections, exemptions, figures, rounds
from storage.corrections import Applied, Effect
from storage.database import Store
from storage.exemptions import EXEMPT, Freed
from storage.people import Placed
from storage.requests import DEPART, JOIN

TOPIC = "correction"
WITHDRAW = "撤销免考"
LONGEST = 200
LABEL = 40


def add_late(turn: Turn, store: Store) -> list[Reply]:
    """「补录 12 张三 新调入，应参加考核」: adds a later joiner, or somebody who had left, to 应考 of a round (else the current one)."""
    return [_asked(turn, store, "add_late", JOIN)]


def depart(turn: Turn, store: Store) -> list[Reply]:
    """「调出 张三 调往外区」: out of 应考 of every round now open, or (「调出 12 张三 …」) of one."""
    return [_asked(turn, store, "depart", DEPART)]


def _asked(turn: Turn, store: Store, key: str, kind: str) -> Reply:
    words = turn.arguments
    number = as_number(words[0]) if len(words) > 1 and words[0].isdecimal() else None
    rest = words[1:] if number is not None else words
    if len(rest) < 2:
        return Reply(turn.say(f"corrections.how_{key}"), choices=(choice(turn.language, "footnotes"),))
    current = figures.default_round(store) if kind == JOIN else None
    what = _round(store, current.id if number is None and current else number)
    if what is None and (number is not None or kind == JOIN):
        return Reply(turn.say("corrections.no_round"), choices=(choice(turn.language, "rounds"),))
    found = which_people(store, rest[0], turn.house.today(turn.now)) or corrections.enrolled_people(
        store, rest[0].lstrip("#")
    )
    if len(found) != 1:
        return _which(turn, key, words, rest, found)
    reason = " ".join(rest[1:])
    return _proposal(turn, store, {"kind": kind, "person": found[0].id, "round": what.id if what else None, "reason": reason})  # fmt: skip


def _round(store: Store, number: int | None) -> Round | None:
    """A round that has opened; a make-up stands for its first round, which decides who is due."""
    if number is None:
        return None
    try:
        what = rounds.get(store, number)
    except KeyError:
        return None
    first = what if what.of_round_id is None else rounds.get(store, what.of_round_id)
    return first if first.state in (State.OPENING, State.OPEN, State.CLOSING, State.CLOSED) else None


def _which(turn: Turn, key: str, words: list[str], rest: list[str], found: list[Placed]) -> Reply:
    if not found:
        return Reply(turn.say("exempting.nobody", name=rest[0]), choices=(choice(turn.language, "roster"),))
    before, after = words[: len(words) - len(rest)], rest[1:]
    buttons = [choice(turn.language, key, *before, f"#{each.id}", *after, label=changing.who(turn, each)[:LABEL]) for each in found[:8]]  # fmt: skip
    if all(len(each.says.encode()) <= PAYLOAD for each in buttons):
        return Reply(turn.say("exempting.which", name=rest[0]), choices=tuple(buttons))
    numbers = turn.say("requests.comma").join(f"#{each.id}" for each in found[:8])
    return Reply(turn.say("corrections.by_number", name=rest[0], numbers=numbers))


# 撤销免考. -------------------------------------------------------------------------------------------------------------


def withdraw_exempt(turn: Turn, store: Store) -> list[Reply]:
    """「撤销免考 张三 已返岗」: takes an approved 免考, 缓考 or 请假 back, with the reason; of several the number is asked for."""
    words = turn.arguments
    if len(words) < 2:
        return [Reply(turn.say("corrections.how_withdraw_exempt"), choices=(choice(turn.language, "footnotes"),))]
    found = which_people(store, words[0], turn.house.today(turn.now))
    if len(found) != 1:
        return [_which(turn, "withdraw_exempt", words, words, found)]
    held = _still_held(turn, store, found[0].id)
    named = [each for each in held if words[1] == f"@{each.id}"]
    reason = " ".join(words[2:] if named else words[1:])
    if not held or not reason:
        return [Reply(turn.say("corrections.none_in_force" if not held else "corrections.how_withdraw_exempt"), choices=(choice(turn.language, "footnotes"),))]  # fmt: skip
    if len(held) > 1 and not named:
        return [_which_freed(turn, store, words, held)]
    return [_proposal(turn, store, {"kind": WITHDRAW, "person": found[0].id, "round": None, "reason": reason, "freed": (named or held)[0].id})]  # fmt: skip


def _still_held(turn: Turn, store: Store, person_id: int) -> list[Freed]:
    """What may be taken back: any 免考, since a round in its dates may still run; a 缓考 or 请假 that is not over."""
    today = turn.house.today(turn.now)
    return [each for each in exemptions.in_force(store, person_id) if each.kind == EXEMPT or each.ends_on is None or each.ends_on >= today]  # fmt: skip


def _which_freed(turn: Turn, store: Store, words: list[str], held: list[Freed]) -> Reply:
    lines = [turn.say("corrections.which_freed")]
    lines += [turn.say("corrections.freed", number=each.id, kind=draft.kind(turn, each.kind), scope=draft.scope(turn, store, each), reason=each.reason)
              for each in held[-8:]]  # fmt: skip
    buttons = [choice(turn.language, "withdraw_exempt", words[0], f"@{each.id}", *words[1:], label=f"@{each.id}") for each in held[-8:]]  # fmt: skip
    return Reply("\n".join(lines), choices=tuple(each for each in buttons if len(each.says.encode()) <= PAYLOAD))


# Shown, then confirmed. ------------------------------------------------------------------------------------------------


def _freed(store: Store, asked: dict[str, Any]) -> Freed | None:
    return next((each for each in exemptions.in_force(store, asked["person"]) if each.id == asked.get("freed")), None)


def _effects(turn: Turn, store: Store, asked: dict[str, Any]) -> list[Effect]:
    if asked["kind"] == WITHDRAW:
        freed = _freed(store, asked)
        return exemptions.withdrawn(store, freed, turn.now) if freed else []
    return changing.effects(store, Wish(asked["kind"], asked["person"], asked["round"]), turn.now)


def _problem(turn: Turn, store: Store, asked: dict[str, Any], effects: list[Effect]) -> str:
    if len(asked["reason"]) > LONGEST:
        return turn.say("requests.too_long", most=LONGEST)
    if asked["kind"] == WITHDRAW:
        return "" if _freed(store, asked) else turn.say("corrections.none_in_force")
    if asked["kind"] == DEPART and (moved := deciding.moved(turn, store, asked["person"], asked["round"])):
        return moved
    return "" if effects else turn.say("corrections.nothing_join" if asked["kind"] == JOIN else "corrections.nothing_depart")  # fmt: skip


def _proposal(turn: Turn, store: Store, asked: dict[str, Any], before: str = "") -> Reply:
    effects = _effects(turn, store, asked)
    back = (choice(turn.language, "footnotes"),)
    if problem := _problem(turn, store, asked, effects):
        return Reply(problem, choices=back)
    accounts.set_topic(store, draft.where(turn), TOPIC, asked, turn.now)
    person = changing.placed(store, asked["person"], turn.house.today(turn.now))
    lines = [before] if before else []
    lines.append(turn.say(f"corrections.would_{_KEY[asked['kind']]}", who=changing.who(turn, person), reason=asked["reason"]))  # fmt: skip
    lines += changing.lines(turn, effects) or [turn.say("corrections.no_effect")]
    if any(each.closed for each in effects):
        lines.append(turn.say("corrections.printed"))
    lines.append(turn.say("corrections.not_yet"))
    confirm = choice(turn.language, "confirm_correction", changing.token(effects), label=turn.say("corrections.confirm_closed" if any(each.closed for each in effects) else "corrections.confirm"))  # fmt: skip
    return Reply("\n".join(lines), choices=(confirm, choice(turn.language, "cancel")))


_KEY = {JOIN: "join", DEPART: "depart", WITHDRAW: "withdraw"}


def confirm(turn: Turn, store: Store) -> list[Reply]:
    """「确认变更 187」: do what was shown, if it still means the same."""
    found = accounts.topic_of(store, draft.where(turn))
    if found is None or found[0] != TOPIC:
        return [Reply(turn.say("corrections.nothing_waits"), choices=(choice(turn.language, "footnotes"),))]
    asked: dict[str, Any] = json.loads(found[1])
    effects = _effects(turn, store, asked)
    if turn.arguments[:1] != [str(changing.token(effects))] or _problem(turn, store, asked, effects):
        return [_proposal(turn, store, asked, turn.say("corrections.changed"))]
    freed = _freed(store, asked)
    if changing.is_closing(store, freed.round_id if freed else asked["round"]):
        return [Reply(turn.say("corrections.closing"), choices=(choice(turn.language, "footnotes"),))]
    done = _carry_out(turn, store, asked)
    accounts.clear_topic(store, draft.where(turn))
    details = {"reason": asked["reason"], "rounds": changing.details(done)}
    audit.record(store, turn.me.id, f"enrolment.{_KEY[asked['kind']]}", f"person:{asked['person']}", details, turn.now)
    if asked["kind"] != DEPART:
        routing.tell_due(store, done, asked["reason"], turn.house, turn.now)
    lines = [turn.say("corrections.done"), *changing.lines(turn, [each.effect for each in done])]
    shown = [each.effect.round_id for each in done][:1]
    return [Reply("\n".join(lines), choices=(choice(turn.language, "footnotes", *shown),))]


def _carry_out(turn: Turn, store: Store, asked: dict[str, Any]) -> list[Applied]:
    if asked["kind"] == WITHDRAW:
        freed = _freed(store, asked)
        assert freed is not None
        return exemptions.withdraw(store, freed, asked["reason"], turn.me.id, turn.now) or []
    wish = Wish(asked["kind"], asked["person"], asked["round"])
    return changing.carry_out(store, wish, asked["reason"], turn.me.id, turn.house, turn.now)
