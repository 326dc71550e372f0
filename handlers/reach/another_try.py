"""加一次机会: one more sitting for somebody who has used up theirs, shown first, confirmed, on the record; the person is told."""

from __future__ import annotations

from handlers import codec
from handlers.commands import as_number, choice
from handlers.messages import Choice, Reply
from handlers.reach.missing import asked
from handlers.turns import Turn
from handlers.words import say
from quizzes.missing import Reason
from quizzes.rounds import Round, State
from storage import accounts, audit, deliveries, grants, people, reminders
from storage import missing as lists
from storage.database import Store
from storage.grants import Line
from storage.people import Placed

YES, SHOWN = "yes", 8


def grant(turn: Turn, store: Store) -> list[Reply]:
    """「加一次机会」: who has none left and never answered. 「加一次机会 张三 12」: what it would do; 「加一次机会 57 12 yes」: do it."""
    words = turn.arguments
    what = asked(store, words[1:2])
    if what is None:
        return [Reply(turn.say("missing.none"), choices=(choice(turn.language, "help"),))]
    if what.state is not State.OPEN:
        return [Reply(turn.say("reach.grant_not_open", title=what.title), choices=(choice(turn.language, "makeup"),))]
    if not words or words[0] == "-":
        return [_overview(turn, store, what)]
    found = _who(store, words[0], turn)
    if len(found) != 1:
        buttons = tuple(
            choice(turn.language, "grant_attempt", each.id, what.id, label=_label(turn, each)) for each in found[:SHOWN]
        )
        key = "reach.grant_which" if found else "reach.grant_nobody"
        return [Reply(turn.say(key), choices=buttons or (choice(turn.language, "missing", what.id),))]
    who, line = found[0], grants.line_of(store, what, found[0].id)
    if refused := _refusal(turn, what, line):
        return [Reply(refused, choices=(choice(turn.language, "missing", what.id),))]
    assert line is not None
    if words[2:3] == [YES]:
        return [_granted(turn, store, what, who, line)]
    said = turn.say("reach.grant_would", name=_name(turn, who), unit=who.unit, title=what.title, attempts=line.attempts)
    confirm = choice(turn.language, "grant_attempt", who.id, what.id, YES, label=turn.say("reach.grant_confirm"))
    return [Reply(said, choices=(confirm, choice(turn.language, "cancel")))]


def _overview(turn: Turn, store: Store, what: Round) -> Reply:
    spent = [each for each in lists.missing(store, what, turn.house.today(turn.now)) if each.reason is Reason.SPENT]
    if not spent:
        return Reply(
            turn.say("reach.grant_how", title=what.title), choices=(choice(turn.language, "missing", what.id),)
        )
    buttons = [
        choice(turn.language, "grant_attempt", each.person_id, what.id,
               label=_label(turn, Placed(each.person_id, each.name, each.unit_id, each.unit)))
        for each in spent[:SHOWN]
    ]  # fmt: skip
    return Reply(turn.say("reach.grant_list", title=what.title, people=len(spent)), choices=tuple(buttons))


def _who(store: Store, word: str, turn: Turn) -> list[Placed]:
    day, number = turn.house.today(turn.now), word.lstrip("#")
    if number.isascii() and number.isdecimal():
        return people.placed(store, day, ids=[as_number(number)])
    return people.placed(store, day, name=word)


def _refusal(turn: Turn, what: Round, line: Line | None) -> str:
    if line is None or line.exempt:
        return turn.say("reach.grant_not_due", title=what.title)
    if line.passed:
        return turn.say("reach.grant_passed", title=what.title)
    if line.running or line.left:
        return turn.say("reach.grant_left", title=what.title, left=line.left)
    return ""


def _granted(turn: Turn, store: Store, what: Round, who: Placed, line: Line) -> Reply:
    if grants.grant(store, line):
        details = {"round": what.id, "granted": line.granted + 1}
        audit.record(store, turn.me.id, "attempt.grant", f"person:{who.id}", details, turn.now)
        told = _tell(turn, store, what, who, line)
    else:
        told = True
    lines = [turn.say("reach.grant_done", name=_name(turn, who), title=what.title)]
    lines.append(turn.say("reach.grant_told" if told else "reach.grant_untold"))
    return Reply("\n".join(lines), choices=(choice(turn.language, "missing", what.id),))


def _tell(turn: Turn, store: Store, what: Round, who: Placed, line: Line) -> bool:
    """A notice to the person, inside working hours; False if no way leads to them before the close."""
    way = accounts.reachable_accounts(store, [who.id]).get(who.id)
    slot = turn.house.days.slot(turn.now, what.closes_at, reminders.quiet_of(store, who.id))
    if way is None or slot is None:
        return False
    language = accounts.language_of(store, who.id)
    command = "exam" if what.rules.exam else "again"
    said = Reply(say(language, "reach.granted_you", title=what.title, closes=turn.house.moment(language, what.closes_at)),
                 choices=(choice(language, command), choice(language, "why")))  # fmt: skip
    deliveries.plan(store, f"grant:{line.enrolment_id}:{line.granted + 1}", way[0], "notice", codec.to_json(store, said, who.id, turn.now),
                    turn.now, not_before=slot.at, expires_at=what.closes_at, round_id=what.id)  # fmt: skip
    return True


def _name(turn: Turn, who: Placed) -> str:
    return who.name if turn.names_allowed else f"#{who.id}"


def _label(turn: Turn, who: Placed) -> str:
    return f"{_name(turn, who)}　{who.unit}"


def grant_button(language: str, what: Round) -> Choice:
    """Leads to the list of those who need one."""
    return choice(language, "grant_attempt", "-", what.id)
