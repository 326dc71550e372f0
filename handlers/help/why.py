"""为什么给我发这个: which plan or push sent the last message, by which rule one is among its people, and how to have less of it."""

from __future__ import annotations

from handlers.commands import as_number, choice
from handlers.messages import Reply
from handlers.turns import Turn
from quizzes.plans import Audience as PlanAudience
from storage import materials, people, pushes, rounds, sent
from storage.database import Store
from storage.pushes import Audience
from storage.sent import Sent


def why(turn: Turn, store: Store) -> list[Reply]:
    """Explain the last message that cost a touch, or the one of the given number, in one short message."""
    numbers = [as_number(word) for word in turn.arguments if word.isdecimal()]
    found = sent.last_to(store, turn.me.id, numbers[0] if numbers else None)
    buttons = (choice(turn.language, "complaint"), choice(turn.language, "help"))
    if found is None:
        return [Reply(turn.say("why.none"), choices=buttons)]
    lines = _pushed(turn, store, found) if found.key.startswith("push:") else _round(turn, store, found)
    lines += [turn.say("why.often", most=turn.house.weekly_touches), turn.say("why.pause")]
    if quiet := sent.quiet_hours(store, turn.me.id):
        lines.append(turn.say("why.quiet", start=quiet[0], end=quiet[1]))
    return [Reply("\n".join([*lines, turn.say("why.complain")]), choices=buttons)]


def _date(turn: Turn, found: Sent) -> str:
    return turn.house.moment(turn.language, found.at)


def _round(turn: Turn, store: Store, found: Sent) -> list[str]:
    """A card or reminder: the round, whom it is for, and the person's own line in it."""
    if found.round_id is None or found.kind not in ("card", "reminder"):
        return [turn.say("why.other", date=_date(turn, found))]
    what = rounds.get(store, found.round_id)
    lines = [turn.say(f"why.{found.kind}", date=_date(turn, found), title=what.title)]
    audience, mine = _meant(turn, what.audience), sent.on_roster(store, what.id, turn.me.id)
    if mine is None:
        lines.append(turn.say("why.not_enrolled", audience=audience))
    else:
        lines.append(turn.say("why.counted" if mine.counted else "why.not_counted", audience=audience, unit=mine.unit))
    if what.notice:
        lines.append(turn.say("why.basis", notice=what.notice))
    return lines if what.counts == "assessed" else [*lines, turn.say("why.practice")]


def _meant(turn: Turn, to: PlanAudience) -> str:
    if to.people is not None:
        return turn.say("why.makeup")
    who = [*(to.units or ()), *(to.categories or ()), *(to.ranks or ())]
    if to.enforcement:
        who.append(turn.say("why.enforcement"))
    return turn.say("why.some", who=turn.say("why.comma").join(who)) if who else turn.say("why.everybody")


def _pushed(turn: Turn, store: Store, found: Sent) -> list[str]:
    """A pushed material or notice: who sent it (by name only where names may be shown), and to whom."""
    what = pushes.get(store, int(found.key.split(":")[1]))
    if what is None:
        return [turn.say("why.other", date=_date(turn, found))]
    title = materials.by_id(store, what.material_id).title if what.material_id is not None else ""
    first = turn.say(f"why.{what.kind}", date=_date(turn, found), title=title)
    officer = people.person_of(store, what.by)
    audience = _addressed(turn, store, what.audience)
    if officer is not None and turn.names_allowed:
        return [first, turn.say("why.pushed", by=officer.name, audience=audience)]
    return [first, turn.say("why.pushed_nameless", audience=audience)]


def _addressed(turn: Turn, store: Store, to: Audience) -> str:
    if to.everybody:
        return turn.say("why.everybody")
    if to.missing_in is not None:
        return turn.say("why.was_missing")
    if turn.me.id in to.people:
        return turn.say("why.by_name")
    units = turn.say("why.comma").join(people.unit_name(store, unit_id) for unit_id in to.units)
    return turn.say("why.your_unit", units=units)
