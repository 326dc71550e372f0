"""交办: the names of those still missing go, privately, to who takes care of their unit, once a round and recipient, with what to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from handlers import codec
from handlers.commands import as_number, choice
from handlers.messages import Choice, Link, Reply
from handlers.reach.missing import asked, asked_open, reason_text
from handlers.rights import scope_of
from handlers.turns import Deployment, Turn
from handlers.words import say
from quizzes.heirs import As, Heir, heir_of, heirs_of
from quizzes.missing import Step
from quizzes.people import Unit
from quizzes.rounds import Round, State
from storage import accounts, audit, deliveries, handovers, keep, people, reminders, rounds
from storage import missing as lists
from storage.database import Store
from storage.missing import Missing

YES, SHOWN, NAMED = "yes", 30, 20
SPARED = (Step.REST, Step.DECIDE)
"""Nobody calls people on leave, or whose request waits for the officer."""


def hand_over_due(store: Store, now: datetime, house: Deployment, is_workday: Callable[[date], bool]) -> bool:
    """From the plan's days before the close on, once a day inside working hours: plan what is owed of one round; True if it did."""
    here = replace(house, is_workday=is_workday)
    for what in rounds.in_state(store, State.OPEN):
        plan = rounds.plan_of(store, what.origin)
        if plan is None or plan.hand_over_days is None or now >= what.closes_at or not here.days.works(now):
            continue
        first = here.today(what.closes_at) - timedelta(days=plan.hand_over_days)
        if here.today(now) >= first and keep.once(store, f"handover:{what.id}:{here.today(now).isoformat()}", now):
            hand_over(store, what, now, here)
            return True
    return False


def hand_over(store: Store, what: Round, now: datetime, house: Deployment) -> dict[Heir, list[Missing]]:
    """Owe everybody who takes over, and has not been told in this round yet, their names; gives to whom which."""
    told = handovers.told(store, what.id)
    given = {heir: names for heir, names in by_heir(store, what, now, house).items() if heir.person_id not in told}
    ways, spans = accounts.reachable_accounts(store, [heir.person_id for heir in given]), reminders.quiet_spans(store)
    for heir, names in given.items():
        slot = house.days.slot(now, what.closes_at, spans.get(heir.person_id))
        if slot is None:
            continue
        account_id, channel = ways[heir.person_id]
        said = message(store, what, heir, names, house, now, with_names=channel in house.names)
        key = f"round:{what.id}:handover:{heir.person_id}:{house.today(now).isoformat()}"
        deliveries.plan(store, key, account_id, "handover", codec.to_json(store, said, heir.person_id, now), now, not_before=slot.at,
                        expires_at=slot.until, round_id=what.id)  # fmt: skip
    return given


def by_heir(store: Store, what: Round, now: datetime, house: Deployment) -> dict[Heir, list[Missing]]:
    """Who takes over whom (quizzes.heirs says in which order), as of now; people nobody can take over are left out."""
    found = [each for each in lists.missing(store, what, house.today(now)) if each.step not in SPARED]
    units, roles, staff = handovers.tree(store), handovers.roles(store), handovers.staff(store, house.today(now))
    able = accounts.reachable_accounts(store, handovers.eligible(roles, staff))
    chains = {unit_id: heirs_of(unit_id, units, roles, staff) for unit_id in {each.unit_id for each in found}}
    given: dict[Heir, list[Missing]] = {}
    for each in found:
        heir = heir_of(chains[each.unit_id], able, each.person_id)
        if heir is not None:
            given.setdefault(heir, []).append(each)
    return given


def orphans(store: Store, house: Deployment, day: date) -> list[Unit]:
    """Units with people for which nobody but the officer could take over, in 机构序列."""
    units, roles, staff = handovers.tree(store), handovers.roles(store), handovers.staff(store, day)
    manned = {each.unit_id for each in staff}
    return [
        each for each in people.units(store)
        if each.id in manned and not any(heir.as_ is not As.OFFICER for heir in heirs_of(each.id, units, roles, staff))
    ]  # fmt: skip


# What is said. ---------------------------------------------------------------------------------------------------------


def message(store: Store, what: Round, heir: Heir, names: Sequence[Missing], house: Deployment, now: datetime, *,
            with_names: bool) -> Reply:  # fmt: skip
    """The names, why each is missing and what to say; where names may not be shown, how many and the way to the web."""
    language = accounts.language_of(store, heir.person_id)
    values = {"title": what.title, "closes": house.moment(language, what.closes_at), "people": len(names), "at": house.moment(language, now),
              "role": say(language, f"handover.as_{heir.as_}")}  # fmt: skip
    lines = [say(language, "handover.head", **values)]
    buttons = [choice(language, "to_contact", what.id)]
    if scope_of(accounts.roles_of(store, heir.person_id), "missing.call"):
        buttons.append(choice(language, "call_list", what.id))
    if not with_names:
        lines.append(say(language, "handover.names_elsewhere"))
        link = Link(say(language, "missing.open_web"), f"{house.public_url}/")
        return Reply("\n".join(lines), choices=tuple(buttons), links=(link,))
    lines += list_of(language, names)
    return Reply("\n".join([*lines, say(language, "handover.calm")]), choices=tuple(buttons))


def list_of(language: str, names: Sequence[Missing]) -> list[str]:
    """The names, grouped by what to say."""
    lines, shown = [], list(names[:SHOWN])
    for step in Step:
        group = [each for each in shown if each.step is step]
        if group:
            lines.append("\n" + say(language, "handover.group", advice=say(language, f"handover.say_{step}")))
            lines += [
                say(language, "missing.line", unit=each.unit, name=each.name, reason=reason_text(language, each))
                for each in group
            ]
    if len(names) > SHOWN:
        lines.append(say(language, "handover.more", people=len(names) - SHOWN))
    return lines


def to_contact(turn: Turn, store: Store) -> list[Reply]:
    """「待联系名单」: the names handed over to me that are still missing, as of now."""
    what = asked(store, turn.arguments)
    mine: list[Missing] = []
    if what is not None and what.state is State.OPEN and turn.me.id in handovers.told(store, what.id):
        given = by_heir(store, what, turn.now, turn.house)
        mine = next((names for heir, names in given.items() if heir.person_id == turn.me.id), [])
    help_ = choice(turn.language, "help")
    if what is None or not mine:
        return [Reply(turn.say("handover.nobody"), choices=(help_,))]
    head = turn.say(
        "handover.mine", title=what.title, people=len(mine), closes=turn.house.moment(turn.language, what.closes_at)
    )
    if not turn.names_allowed:
        link = Link(turn.say("missing.open_web"), f"{turn.house.public_url}/")
        return [
            Reply(
                head + "\n" + turn.say("handover.names_elsewhere"),
                choices=(choice(turn.language, "web_login"), help_),
                links=(link,),
            )
        ]
    return [
        Reply(
            "\n".join([head, *list_of(turn.language, mine)]),
            choices=(choice(turn.language, "to_contact", what.id), help_),
        )
    ]


# By the officer. -------------------------------------------------------------------------------------------------------


def by_hand(turn: Turn, store: Store) -> list[Reply]:
    """「交办名单 12」: who would be told how many names; 「交办名单 12 yes 40」: do it, if they are as many as were shown."""
    words = turn.arguments
    what = asked_open(turn, store, "handover.not_open")
    if isinstance(what, Reply):
        return [what]
    back = (choice(turn.language, "missing", what.id),)
    told = handovers.told(store, what.id)
    given = {
        heir: names for heir, names in by_heir(store, what, turn.now, turn.house).items() if heir.person_id not in told
    }
    slot = turn.house.days.slot(turn.now, what.closes_at)
    if not given or slot is None:
        return [Reply(turn.say("handover.all_told", title=what.title, told=len(told)), choices=back)]
    shown = sum(map(len, given.values()))
    if words[1:2] == [YES] and as_number("".join(filter(str.isdecimal, "".join(words[2:3]))) or "0") == shown:
        hand_over(store, what, turn.now, turn.house)
        audit.record(
            store,
            turn.me.id,
            "handover.send",
            f"round:{what.id}",
            {"recipients": len(given), "people": shown},
            turn.now,
        )
        return [Reply(turn.say("handover.done", recipients=len(given), people=shown), choices=back)]
    first = [turn.say("missing.nudge_changed")] if words[1:2] == [YES] else []
    return [_proposal(turn, store, what, given, slot.at, first)]


def _proposal(
    turn: Turn, store: Store, what: Round, given: Mapping[Heir, Sequence[Missing]], at: datetime, lines: list[str]
) -> Reply:
    shown = sum(map(len, given.values()))
    lines = [*lines, turn.say("handover.preview", title=what.title, recipients=len(given), people=shown)]
    for heir, names in list(given.items())[:NAMED]:
        who = people.person_of(store, heir.person_id)
        name = who.name if who is not None and turn.names_allowed else f"#{heir.person_id}"
        role = turn.say(f"handover.as_{heir.as_}")
        lines.append(turn.say("handover.recipient", name=name, role=role, unit=names[0].unit, people=len(names)))
    if len(given) > NAMED:
        lines.append(turn.say("handover.more_recipients", recipients=len(given) - NAMED))
    if at > turn.now:
        lines.append(turn.say("missing.nudge_hours", at=turn.house.moment(turn.language, at)))
    buttons: tuple[Choice, ...] = (
        choice(
            turn.language, "hand_over", what.id, YES, shown, label=turn.say("handover.confirm", recipients=len(given))
        ),
        choice(turn.language, "cancel"),
    )
    return Reply("\n".join(lines), choices=buttons)
