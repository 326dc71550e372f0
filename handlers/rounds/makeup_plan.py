"""When a make-up is held, for whom, and as what it is put on the books: from the first round's rules, or as the officer types it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from handlers.rounds import managing, opening
from handlers.turns import Deployment, Turn
from handlers.words import LANGUAGES, say
from quizzes.calendar import Workdays
from quizzes.plans import Audience, Plan
from quizzes.rounds import MAKEUP, Occurrence, Round, instant
from quizzes.rules import Makeup, Rules, Who
from storage import rounds
from storage.database import Store
from storage.makeups import Candidate

YES = "yes"
BOTH: tuple[Who, ...] = ("absent", "failed")
CHOICES: dict[str, tuple[Who, ...]] = {"absent": ("absent",), "failed": ("failed",), "all": BOTH}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the officer asked for: the window in local dates, for whom, and how many were shown when it was confirmed (None: not)."""

    begins: date
    ends: date
    who: tuple[Who, ...]
    confirmed: int | None = None


def read(turn: Turn, store: Store, first: Round, words: Sequence[str]) -> Asked | None:
    """Two dates, 缺考 or 未合格 or 全部, and a confirmation, each of which may be left out; None for anything else."""
    rest, days = list(words), list[date]()
    while rest and len(days) < 2 and (day := _date(rest[0])) is not None:
        days.append(day)
        rest = rest[1:]
    own = first.rules.makeup or Makeup()
    who = own.who
    if rest and (meant := _who(rest[0])) is not None:
        who, rest = meant, rest[1:]
    confirmed = (
        int(rest[1]) if rest[:1] == [YES] and len(rest) == 2 and rest[1].isdecimal() and len(rest[1]) < 9 else None
    )
    if len(days) == 1 or (rest and confirmed is None) or (days and not days[0] <= days[1]):
        return None
    begins, ends = days or _days(first, turn.house, turn.now, _hours(store, first, turn.house)[0])
    return Asked(begins, ends, who, confirmed)


def _date(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _who(word: str) -> tuple[Who, ...] | None:
    for key, meant in CHOICES.items():
        if word.casefold() in {key, *(say(language, f"makeups.who_{key}").casefold() for language in LANGUAGES)}:
            return meant
    return None


def _days(first: Round, house: Deployment, now: datetime, opens: time) -> tuple[date, date]:
    """The first and last day by the round's own rules; without such rules, or when that has passed, from the next workday on."""
    own, today = first.rules.makeup or Makeup(), house.today(now)
    begins = house.today(first.closes_at) + timedelta(days=own.after_days)
    if first.rules.makeup is None or instant(begins, opens, house.zone) <= now:
        begins = _next_workday(today)
    return begins, begins + timedelta(days=max(own.days, 1) - 1)


def _next_workday(day: date) -> date:
    """By the published arrangement; of a year without one, by the week: the officer sees the date and may type another."""
    try:
        return Workdays().next_workday(day)
    except LookupError:
        return next(each for each in (day + timedelta(days=n) for n in range(1, 8)) if each.weekday() < 5)


def _hours(store: Store, first: Round, house: Deployment) -> tuple[time, time]:
    """When a day of this round begins and ends: by its plan, or as it was itself once the plan is gone."""
    plan = rounds.plan_of(store, first.origin)
    if plan is not None:
        return plan.opens_at, plan.closes_at
    return tuple(
        at.astimezone(house.zone).time().replace(second=0, microsecond=0) for at in (first.opens_at, first.closes_at)
    )  # type: ignore[return-value]


def occurrence_of(turn: Turn, store: Store, first: Round, asked: Asked) -> Occurrence:
    """Its instants; one asked for today opens at once if its hour has passed. Of the make-ups of a round one may open a day."""
    opens, closes = _hours(store, first, turn.house)
    begins = instant(asked.begins, opens, turn.house.zone)
    if asked.begins == turn.house.today(turn.now):
        begins = max(begins, turn.now)
    key = f"{first.plan_key}{MAKEUP}{first.id}"
    return Occurrence(key, asked.begins, begins, instant(asked.ends, closes, turn.house.zone))


def plan_of_makeup(turn: Turn, first: Round, asked: Asked, listed: Sequence[Candidate], occurrence: Occurrence) -> Plan:
    """The make-up as a plan of one day: the first round's draw under the make-up's rules, for these people, with other questions
    than they had where there are enough."""
    span = turn.house.today(occurrence.opens_at) - turn.house.today(first.opens_at)
    return Plan(
        occurrence.plan_key, turn.say("makeups.title", title=first.title), time(), time(), days=(asked.begins,), counts=first.counts,  # type: ignore[arg-type]
        notice=first.notice, who=Audience(people=tuple(sorted(each.person_id for each in listed))), draw=first.draw,
        avoid_repeats_days=max(first.avoid_days, span.days + 1), rules=first.rules.for_makeup(), variants=first.variants,
    )  # fmt: skip


def rules_in_words(language: str, first: Rules, rules: Rules) -> str:
    """The make-up's rules in one line, and whether they differ from the first sitting's."""
    minutes = (
        say(language, "makeups.minutes", minutes=rules.minutes)
        if rules.minutes
        else say(language, "makeups.no_minutes")
    )
    said = say(language, "makeups.rules", attempts=rules.attempts, minutes=minutes, line=rules.pass_line)
    return said + say(language, "makeups.same" if replace(first, makeup=None) == rules else "makeups.different")


def problem(turn: Turn, store: Store, first: Round, asked: Asked, occurrence: Occurrence) -> str:
    """Why this make-up could not be held; "" if it can."""
    if asked.begins < turn.house.today(turn.now):
        return turn.say("makeups.past", day=asked.begins.isoformat(), number=first.id)
    if occurrence.closes_at - occurrence.opens_at < managing.MINIMUM:
        return turn.say("makeups.too_short", number=first.id)
    if rounds.is_taken(store, occurrence.plan_key, occurrence.due_on):
        return turn.say("makeups.taken", day=asked.begins.isoformat(), number=first.id)
    drafted = managing.draft(plan_of_makeup(turn, first, asked, (), occurrence), occurrence)
    short = opening.shortfall(store, drafted)
    if short is not None:
        return turn.say("clock.short", title=drafted.title, line=short.line, wanted=short.want.count, found=short.found)
    unknown = opening.strangers(store, drafted)
    return turn.say("clock.strangers", title=drafted.title, names=", ".join(unknown)) if unknown else ""
