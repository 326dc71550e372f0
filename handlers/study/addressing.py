"""发给谁: reading an audience as typed, saying it back, and finding whom it reaches now and who is left in peace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.reach.missing import asked
from handlers.reach.reminding import week_start
from handlers.turns import Deployment, Turn
from handlers.unit_words import units_meant
from handlers.words import LANGUAGES, say
from storage import accounts, deliveries, people, pushes
from storage.database import Store
from storage.pushes import MATERIAL, Audience

_EVERYBODY = {"all", "所有人", *(say(language, "pushing.everybody") for language in LANGUAGES)}
_MISSING = {"missing", "未参考", *(say(language, "pushing.missing") for language in LANGUAGES)}
_BETWEEN = re.compile(r"[\s、，,;；。]+")
_NAMED = re.compile(r"(.+?)(?:@|（|\()(.+?)[)）]?")


@dataclass(frozen=True, slots=True)
class Addressees:
    """Whom a push reaches: `send` holds (person, account, channel, not before). `over`: their week's touches are spent, which
    spares them materials, but not notices; `quiet`: among `send`, in their quiet hours now."""

    people: int
    send: tuple[tuple[int, int, str, datetime], ...]
    reachable: int
    unbound: int
    over: int
    quiet: int

    @property
    def refused(self) -> int:
        """Bound, but on no account that can be reached."""
        return self.people - self.reachable - self.unbound


def read_audience(turn: Turn, store: Store, text: str) -> Audience | str:
    """The audience meant by what was typed, or the sentence that asks again; a name that fits several people is never guessed."""
    plain = text.strip().casefold()
    if plain in _EVERYBODY:
        return Audience(everybody=True)
    if plain in _MISSING:
        what = asked(store, [])
        return Audience(missing_in=what.id) if what else turn.say("missing.none")
    units: list[int] = []
    numbers: list[int] = []
    unknown: list[str] = []
    for token in filter(None, _BETWEEN.split(text)):
        named = [each.id for each in units_meant(store, token)]
        found = [] if named else _people(turn, store, token)
        if len(found) > 1:
            unit = found[0].unit if turn.names_allowed else turn.say("missing.column_unit")
            return turn.say("pushing.ambiguous", name=token, people=len(found), unit=unit)
        units += named
        numbers += [each.id for each in found]
        unknown += [] if named or found else [token]
    if unknown or not (units or numbers):
        return turn.say("pushing.nobody_named", names=turn.say("pushing.comma").join(unknown) or text.strip())
    return Audience(units=tuple(units), people=tuple(numbers))


def _people(turn: Turn, store: Store, token: str) -> list[people.Placed]:
    """「张三」, or 「张三@住建局」 and 「张三（住建局）」 where several share the name; the unit may be any above theirs."""
    day, match = turn.house.today(turn.now), _NAMED.fullmatch(token)
    if match is None:
        return people.placed(store, day, name=token)
    within = people.units_below(store, (each.id for each in units_meant(store, match[2])))
    return people.placed(store, day, name=match[1], within=within)


def described(turn: Turn, store: Store, to: Audience) -> str:
    """An audience in words."""
    if to.everybody:
        return turn.say("pushing.everybody")
    if to.missing_in is not None:
        return turn.say("pushing.audience_missing")
    parts = [people.unit_name(store, unit_id) for unit_id in to.units]
    parts += [turn.say("pushing.audience_people", people=len(to.people))] if to.people else []
    return turn.say("pushing.comma").join(parts)


def addressees(store: Store, kind: str, to: Audience, house: Deployment, now: datetime) -> Addressees:
    """Whom a push of this kind to this audience reaches now."""
    wanted = pushes.recipients(store, to, house.today(now))
    reachable = accounts.reachable_accounts(store, wanted)
    bound = pushes.bound(store)
    spent = deliveries.touches_since(store, week_start(now, house))
    over = {number for number in reachable if kind == MATERIAL and spent.get(number, 0) >= house.weekly_touches}
    calm = quiet_until(store, house, now)
    send = tuple(
        (number, *reachable[number], calm.get(number, now))
        for number in wanted
        if number in reachable and number not in over
    )
    quiet = sum(number in calm for number, *_ in send)
    return Addressees(
        len(wanted), send, len(reachable), sum(number not in bound for number in wanted), len(over), quiet
    )


def quiet_until(store: Store, house: Deployment, now: datetime) -> dict[int, datetime]:
    """Who asked for quiet at this hour, and the full hour at which that ends."""
    local = now.astimezone(house.zone)
    waiting = accounts.quiet_now(store, local.hour)
    ends: dict[int, datetime] = {}
    full = now.replace(minute=0, second=0, microsecond=0)
    for ahead in range(1, 24):
        if not waiting:
            break
        still = accounts.quiet_now(store, (full + timedelta(hours=ahead)).astimezone(house.zone).hour)
        ends |= {number: full + timedelta(hours=ahead) for number in waiting - still}
        waiting &= still
    return ends
