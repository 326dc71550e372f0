"""未参考: who is still missing and why, grouped by what to do next; how much of it is shown depends on role and channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from handlers.commands import choice
from handlers.messages import Choice, Link, Reply
from handlers.reach import refusals
from handlers.reports.figures import asked_round
from handlers.rights import Scope, scope_of
from handlers.turns import Turn
from handlers.unit_words import unit_choice, units_meant
from handlers.words import say
from quizzes.missing import Step
from quizzes.people import Unit
from quizzes.rounds import Round, State
from storage import figures, jobs, people, rounds
from storage import missing as lists
from storage.database import Store
from storage.missing import Missing

SHOWN = 30
UNIT_BUTTONS = 12
CHANNELS = ("telegram", "wecom", "wecom_bot", "web")


@dataclass(frozen=True, slots=True)
class View:
    """What may be shown here: of which units (None: all), with names, with reasons."""

    units: frozenset[int] | None
    names: bool
    reasons: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The missing of a round, in 机构序列, and how they may be shown."""

    what: Round
    found: Sequence[Missing]
    view: View


def missing(turn: Turn, store: Store) -> list[Reply]:
    """「未参考」, 「未参考 12」 (a round), 「未参考 12 住建局」: the list of a round, as far as the asker may see."""
    words = turn.arguments
    what = asked(store, words)
    if what is None:
        return [Reply(turn.say("missing.none"), choices=(choice(turn.language, "help"),))]
    view, named = view_of(turn, store), [word for word in words if not word.isdecimal()]
    if named:
        units = people.units_below(store, (each.id for each in units_meant(store, named[0])))
        allowed = units if view.units is None else units & view.units
        if not allowed:
            return [
                Reply(
                    turn.say("missing.unit_unknown", unit=named[0]),
                    choices=(choice(turn.language, "missing", what.id),),
                )
            ]
        view = View(frozenset(allowed), view.names, view.reasons)
    found = lists.missing(store, what, turn.house.today(turn.now), view.units)
    listing = Listing(what, found, view)
    if not found:
        return [Reply(_head(turn, store, listing), choices=(choice(turn.language, "figures"),))]
    return [_by_step(turn, store, listing) if view.reasons else _by_unit(turn, store, listing)]


def export(turn: Turn, store: Store) -> list[Reply]:
    """Have the whole list written as a spreadsheet, for those who may see names, on a channel that may show them."""
    what, view = asked(store, turn.arguments), view_of(turn, store)
    if what is None:
        return [Reply(turn.say("missing.none"), choices=(choice(turn.language, "help"),))]
    if not view.names:
        return [_elsewhere(turn, [turn.say("missing.names_elsewhere")], ())]
    _order_sheet(turn, store, what, view)
    return [Reply(turn.say("missing.exporting"))]


def asked(store: Store, words: Sequence[str]) -> Round | None:
    """The round whose missing are meant: the one named, else the current; when that has closed, its make-up if one is open."""
    round_id = asked_round(store, list(words))
    if round_id is None:
        return None
    what = rounds.get(store, round_id)
    again = [each for each in figures.makeups(store, round_id) if each.state in figures.UNDER_WAY]
    return again[-1] if what.state is State.CLOSED and again else what


def asked_open(turn: Turn, store: Store, not_open: str) -> Round | Reply:
    """The round that the first word names, if it is open; else the reply that says so (`not_open`: the key of its sentence)."""
    what = asked(store, turn.arguments[:1])
    if what is None:
        return Reply(turn.say("missing.none"), choices=(choice(turn.language, "help"),))
    if what.state is not State.OPEN:
        return Reply(turn.say(not_open, title=what.title), choices=(choice(turn.language, "missing", what.id),))
    return what


def view_of(turn: Turn, store: Store) -> View:
    """Officers and liaisons see reasons; leaders headcounts and, where the channel allows, names; others headcounts."""
    reasons, names = scope_of(turn.roles, "missing.reasons"), scope_of(turn.roles, "missing.names")
    scope = reasons or names or scope_of(turn.roles, "missing.count")
    return View(within(store, scope), bool(names) and turn.names_allowed, bool(reasons))


def within(store: Store, scope: Scope) -> frozenset[int] | None:
    """The units a scope reaches; None for all."""
    return None if scope.everything else frozenset(people.units_below(store, scope.units))


def _order_sheet(turn: Turn, store: Store, what: Round, view: View) -> None:
    wanted = {"round_id": what.id, "units": None if view.units is None else sorted(view.units), "reasons": view.reasons}
    account_id = turn.account.id if turn.account else None
    jobs.add(store, "missing_sheet", wanted, person_id=turn.me.id, account_id=account_id, now=turn.now)


def _head(turn: Turn, store: Store, listing: Listing) -> str:
    """How many are still missing; 缺考 only after close; what has been arranged for them."""
    what, found, view = listing.what, listing.found, listing.view
    absent = sum(each.absent for each in found)
    closes = turn.house.moment(turn.language, what.closes_at)
    key = "all_sat" if not absent else "left_closed" if what.state is State.CLOSED else "left_open"
    lines = [turn.say(f"missing.{key}", title=what.title, absent=absent, closes=closes)]
    again = [each.id for each in figures.makeups(store, what.id) if each.state in figures.ARRANGED]
    if again and (arranged := figures.arranged(store, what.id, again, view.units)):
        lines.append(turn.say("missing.arranged", arranged=arranged))
    if elsewhere := sum(figures.elsewhere(store, [what.id], view.units).values()):
        lines.append(turn.say("missing.elsewhere", attempts=elsewhere))
    if failed := len(found) - absent:
        lines.append(turn.say("missing.failed", failed=failed))
    return "".join(lines) if turn.language == "zh" else " ".join(lines)


# For officers and liaisons. --------------------------------------------------------------------------------------------


def _by_step(turn: Turn, store: Store, listing: Listing) -> Reply:
    """Grouped by what to do next; the first thirty by name, the rest by unit and as a spreadsheet."""
    what, found, view = listing.what, listing.found, listing.view
    ordered = [each for step in Step for each in found if each.step is step]
    shown = ordered[:SHOWN] if view.names else []
    lines = [_head(turn, store, listing)]
    if view.names and len(found) > SHOWN:
        lines.append(turn.say("missing.first", shown=SHOWN, people=len(found)))
        _order_sheet(turn, store, what, view)
    for step in Step:
        if people_of := [each for each in found if each.step is step]:
            lines.append("\n" + turn.say("missing.group", step=turn.say(f"missing.step_{step}"), people=len(people_of),
                                         advice=turn.say(f"missing.advice_{step}")))  # fmt: skip
            lines += refusals.helps(turn.language, (why for each in people_of for _, why in each.refused))
            lines += [_person(turn, each) for each in shown if each.step is step]
    buttons = _actions(turn, listing)
    if len(found) > SHOWN:
        buttons += _unit_buttons(turn, store, what, found)
    return Reply("\n".join(lines), choices=buttons) if view.names else _elsewhere(turn, lines, buttons)


def _person(turn: Turn, each: Missing) -> str:
    return turn.say("missing.line", unit=each.unit, name=each.name, reason=reason_text(turn.language, each))


def reason_text(language: str, each: Missing) -> str:
    """The reason in words."""
    ways = []
    for channel, why in each.refused:
        detail = refusals.detail(language, why)
        ways.append(say(language, "missing.way", channel=channel_name(language, channel), detail=detail))
    return say(
        language, f"missing.reason_{each.reason}", detail=say(language, "missing.comma").join(ways), left=each.left
    )


def channel_name(language: str, channel: str) -> str:
    """A channel as people call it."""
    return say(language, f"missing.channel_{channel}") if channel in CHANNELS else channel


def _actions(turn: Turn, listing: Listing) -> tuple[Choice, ...]:
    """One tap for each group there is, in the order of the groups; then the lists, and where one stands."""
    what, steps, is_open = listing.what, {each.step for each in listing.found}, listing.what.state is State.OPEN
    offered: tuple[tuple[Step, str, str, tuple[object, ...]], ...] = (
        (Step.DECIDE, "exemption.decide", "requests", ()),
        (Step.OPINION, "request.unit", "unit_requests", ()),
        (Step.INVITE, "invitation.make", "invite_missing", (what.id,)),
        (Step.CHANNEL, "missing.nudge", "other_channel", (what.id,)),
        (Step.GRANT, "round.manage", "grant_attempt", ("-", what.id)),
        (Step.REMIND, "missing.nudge", "nudge", (what.id,)),
    )
    late = ("other_channel", "grant_attempt", "nudge")
    buttons = [
        choice(turn.language, key, *arguments) for step, right, key, arguments in offered
        if step in steps and scope_of(turn.roles, right) and (is_open or key not in late)
    ]  # fmt: skip
    if listing.view.names:
        buttons += [choice(turn.language, "missing_sheet", what.id), choice(turn.language, "call_list", what.id)]
    if is_open and scope_of(turn.roles, "missing.nudge"):
        buttons.append(choice(turn.language, "hand_over", what.id))
    return (
        *buttons,
        choice(turn.language, "road", what.id),
        choice(turn.language, "figures", what.of_round_id or what.id),
    )


# For leaders. ----------------------------------------------------------------------------------------------------------


def _by_unit(turn: Turn, store: Store, listing: Listing) -> Reply:
    """Headcounts per bureau in 机构序列, with names where they may be shown; never a reason."""
    what, view, absent = listing.what, listing.view, [each for each in listing.found if each.absent]
    names = view.names and len(absent) <= SHOWN
    lines = [_head(turn, store, listing), ""]
    for bureau in bureaux_of(store, absent):
        there = [each.name for each in absent if each.bureau_id == bureau.id]
        key, listed = ("unit_names", turn.say("missing.comma").join(there)) if names else ("unit_count", "")
        lines.append(turn.say(f"missing.{key}", unit=bureau.name, people=len(there), names=listed))
    figures_too = choice(turn.language, "figures", what.of_round_id or what.id)
    buttons: tuple[Choice, ...] = (choice(turn.language, "road", what.id), figures_too)
    if view.names:
        buttons = (choice(turn.language, "missing_sheet", what.id), *buttons)
        return Reply("\n".join(lines), choices=buttons + (() if names else _unit_buttons(turn, store, what, absent)))
    return (
        _elsewhere(turn, lines, buttons)
        if scope_of(turn.roles, "missing.names")
        else Reply("\n".join(lines), choices=buttons)
    )


def bureaux_of(store: Store, found: Iterable[Missing]) -> list[Unit]:
    """The bureaux of these people in 机构序列."""
    wanted = {each.bureau_id for each in found}
    return [each for each in people.units(store) if each.id in wanted]


def _unit_buttons(turn: Turn, store: Store, what: Round, found: Iterable[Missing]) -> tuple[Choice, ...]:
    bureaux = bureaux_of(store, found)
    if len(bureaux) < 2:
        return ()
    return tuple(unit_choice(store, turn.language, "missing", each, what.id) for each in bureaux[:UNIT_BUTTONS])


def _elsewhere(turn: Turn, lines: Sequence[str], buttons: tuple[Choice, ...]) -> Reply:
    """Counts here, names on the web: personal data of other people stays off this channel."""
    note = turn.say("missing.names_elsewhere")
    text = "\n".join(lines if note in lines else [*lines, "", note])
    return Reply(text, choices=buttons, links=(Link(turn.say("missing.open_web"), f"{turn.house.public_url}/"),))
