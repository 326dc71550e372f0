"""Everything that would keep a person from a round, each in one sentence: not due, freed, not reached, not the time, nothing left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from handlers.reach import refusals
from handlers.rounds import opening
from handlers.sitting import gates
from handlers.sitting.scores import points, verdict
from handlers.turns import Deployment
from handlers.words import say
from quizzes.audiences import Side, outside
from quizzes.plans import Audience
from quizzes.rounds import Round, State
from storage import accounts, answers, exemptions, lines, makeups, people
from storage.database import Store
from storage.exemptions import DEFER, EXEMPT, LEAVE, Freed
from storage.lines import Line
from storage.people import Placed

AHEAD = (State.PLANNED, State.OPENING)
OVER = (State.CLOSING, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Checks:
    """One person and one round (id 0: a draft that would open now), as of `now`."""

    store: Store
    house: Deployment
    what: Round
    who: Placed
    language: str
    now: datetime

    def say(self, key: str, /, **values: object) -> str:
        """A sentence of this area."""
        return say(self.language, f"preview.{key}", **values)

    @property
    def drafted(self) -> bool:
        """Whether this is a round that somebody might open now, not one on the books."""
        return self.what.id == 0

    @property
    def day(self) -> date:
        """The day on which the roster is, or was, looked at."""
        at = self.now if self.drafted else self.what.opened_at or self.what.opens_at
        return self.house.today(at)

    def blocked(self) -> tuple[str, ...]:
        """Every reason that holds, in the order in which it would be met."""
        line = None if self.drafted else lines.of(self.store, self.what.id, self.who.id)
        return (
            *self._not_due(line),
            *self._freed(line),
            *self._not_reached(),
            *self._not_the_time(),
            *self._nothing_left(line),
        )

    def notes(self) -> Iterator[str]:
        """What does not block, and should be known."""
        line = None if self.drafted else lines.of(self.store, self.what.id, self.who.id)
        if line is None and not self.drafted and self.what.state is State.OPEN and not list(self._sides()):
            yield self.say("late_joiner")
        elif line is not None and not line.counted and not line.exempt:
            yield self.say("not_counted")
        if self.what.rules.hall and self.drafted:
            yield self.say("hall")
        if line is not None and line.attempts and self._left(line):
            yield self.say(
                "handed_in",
                score=points(line.score),
                verdict=verdict(self.language, line.score, self.what.rules),
                left=self._left(line),
            )

    # Not among those due. ----------------------------------------------------------------------------------------------

    def _not_due(self, line: Line | None) -> Iterator[str]:
        if line is None:
            listed = self.what.audience.people
            yield from self._sides() if listed is None else self._listed(listed)

    def _sides(self) -> Iterator[str]:
        what, person = self.what, people.person_of(self.store, self.who.id)
        assert person is not None
        held = [each for each in people.postings(self.store, self.day) if each.person_id == person.id]
        for side in outside(person, held, people.units(self.store), what.audience, what.rules, self.day):
            match side:
                case Side.POSTING:
                    kinds = self._some(tuple(dict.fromkeys(each.kind.value for each in held)))
                    yield self.say("out_posting", held=kinds, wanted=self._some(what.rules.postings))
                case Side.RETIRED:
                    yield self.say("out_retired", day=f"{person.retires_on}")
                case Side.UNITS:
                    yield self.say("out_units", own=self.who.unit, wanted=self._some(what.audience.units))
                case Side.CATEGORIES:
                    yield self.say(
                        "out_categories",
                        own=self._some((person.category,)),
                        wanted=self._some(what.audience.categories),
                    )
                case Side.RANKS:
                    yield self.say("out_ranks", own=self._some((person.rank,)), wanted=self._some(what.audience.ranks))
                case Side.ENFORCEMENT:
                    yield self.say("out_enforcement" if what.audience.enforcement else "out_no_enforcement")

    def _listed(self, listed: tuple[int, ...]) -> Iterator[str]:
        """Of a make-up: who is not on its list, or will be left out because they owe nothing any more."""
        if self.who.id not in listed:
            yield self.say("out_people")
        elif self.what.state in AHEAD and self.who.id not in {
            e.person_id for e in makeups.owing(self.store, self.what)
        }:
            yield self.say("out_passed")

    def _some(self, words: tuple[str, ...] | None) -> str:
        return say(self.language, "preview.comma").join(word for word in words or () if word) or self.say("none")

    # Freed. ------------------------------------------------------------------------------------------------------------

    def _freed(self, line: Line | None) -> Iterator[str]:
        mine = exemptions.in_force(self.store, self.who.id)
        exempt = next((each for each in mine if each.kind == EXEMPT and self._holds(each, self.day)), None)
        if exempt is not None if line is None else line.exempt:
            yield self.say("exempt", until=self._until(exempt))
        today = max(self.day, self.house.today(self.now))
        for each in mine:
            if each.kind == LEAVE and self._holds(each, today):
                yield self.say("leave", until=self._until(each))
            if each.kind == DEFER and self._holds(each, self.what.due_on):
                yield self.say("deferred")

    def _holds(self, freed: Freed, day: date) -> bool:
        if freed.round_id is not None:
            return freed.round_id == self.what.id
        return (
            freed.starts_on is not None and freed.starts_on <= day and (freed.ends_on is None or day <= freed.ends_on)
        )

    def _until(self, freed: Freed | None) -> str:
        if freed is None or freed.round_id is not None:
            return self.say("this_round")
        return self.say("until", day=freed.ends_on.isoformat()) if freed.ends_on else self.say("open_end")

    # Not reached. ------------------------------------------------------------------------------------------------------

    def _not_reached(self) -> Iterator[str]:
        mine = accounts.of_person(self.store, self.who.id)
        if not mine:
            yield self.say("unbound")
        elif all(each.unreachable for each in mine):
            why = mine[-1].unreachable
            helps = refusals.helps(self.language, [why])
            yield "\n".join([self.say("unreachable", why=refusals.detail(self.language, why)), *helps])

    # Not the time, and nothing left. -----------------------------------------------------------------------------------

    def _not_the_time(self) -> Iterator[str]:
        what = self.what
        if what.state in AHEAD and not self.drafted:
            yield self.say("not_open", at=self.house.moment(self.language, what.opens_at))
        if what.state in OVER or (what.state is State.OPEN and self.now >= what.closes_at):
            yield self.say("closed", at=self.house.moment(self.language, what.closes_at))
        if what.state in (State.MISSED, State.CANCELLED):
            yield self.say(what.state.value)
        if what.opened_at is None and (short := opening.shortfall(self.store, what)) is not None:
            yield self.say("small", line=short.line, wanted=short.want.count, found=short.found)

    def _nothing_left(self, line: Line | None) -> Iterator[str]:
        what = self.what
        if line is not None and line.attempts and not self._left(line):
            yield self.say(
                "no_attempts",
                attempts=line.attempts,
                score=points(line.score),
                verdict=verdict(self.language, line.score, what.rules),
            )
            return
        sat = next(
            (each for each in answers.open_sittings(self.store, self.who.id, self.now) if each.round_id == what.id),
            None,
        )
        if sat is not None and sat.rules.exam and not sat.attempt_state:
            refused = gates.refusal(self.store, sat, self.house, self.language, self.now)
            if refused:
                yield refused

    def _left(self, line: Line) -> int:
        return max(int(self.what.rules.attempts + line.granted - line.attempts), 0)


def audience_in_words(language: str, audience: Audience) -> str:
    """Whom a variant is for: units, categories, ranks."""
    words = [*(audience.units or ()), *(audience.categories or ()), *(audience.ranks or ())]
    if audience.enforcement:
        words.append(say(language, "why.enforcement"))
    return say(language, "preview.comma").join(words)
