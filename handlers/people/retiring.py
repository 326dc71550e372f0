"""当年退休: whoever retires in the year of an assessed round is proposed for 免考, for the officer to confirm one by one or all; never by itself."""

from __future__ import annotations

from datetime import datetime

from handlers import dates
from handlers.commands import as_number, choice
from handlers.messages import Choice, Reply
from handlers.people import changing, routing
from handlers.people.changing import Wish
from handlers.reports import reporting
from handlers.rounds import opening
from handlers.turns import Deployment, Turn
from handlers.words import say
from quizzes.people import Person
from quizzes.rounds import Round, State
from storage import audit, corrections, exemptions, rounds
from storage.corrections import Applied
from storage.database import Store
from storage.exemptions import EXEMPT

REASON, CATEGORY = "当年退休", "retiring"
SHOWN = 20


def retiring(turn: Turn, store: Store) -> list[Reply]:
    """「当年退休」: who is proposed, of the round at hand or of the one named; confirmed by 「当年退休 12 345」 or 「当年退休 12 全部 3」."""
    words = turn.arguments
    what = _round(store, words)
    if what is None:
        return [Reply(turn.say("corrections.retiring_no_round"), choices=(choice(turn.language, "rounds"),))]
    found = _found(store, what, turn.house)
    chosen = _chosen(turn, found, words[1:])
    if not chosen:
        return [_listed(turn, store, what, found, turn.say("corrections.changed") if words[1:] else "")]
    return [_confirmed(turn, store, what, chosen)]


def _found(store: Store, what: Round, house: Deployment) -> list[Person]:
    """Of a round that has not opened, whoever would be due in it; of an open one, whoever is and has not sat."""
    found = exemptions.retiring(store, what)
    if what.state is not State.PLANNED or not found:
        return found
    due = (
        set() if opening.strangers(store, what) else {each.person_id for each in opening.due_people(store, what, house)}
    )
    return [each for each in found if each.id in due]


def _round(store: Store, words: list[str]) -> Round | None:
    """The assessed round named, else the first on the books that has not closed."""
    ahead = [each for each in rounds.in_state(store, State.PLANNED, *corrections.UNDER_WAY) if each.counts == "assessed" and each.of_round_id is None]  # fmt: skip
    if words and words[0].isdecimal():
        return next((each for each in ahead if each.id == as_number(words[0])), None)
    return ahead[0] if ahead else None


def _chosen(turn: Turn, found: list[Person], words: list[str]) -> list[Person]:
    """One of the proposed by number, or all if there are still as many as were shown."""
    if words[:1] == [turn.say("corrections.all")]:
        return found if words[1:2] == [str(len(found))] else []
    return [each for each in found if words[:1] == [str(each.id)]]


def _listed(turn: Turn, store: Store, what: Round, found: list[Person], before: str) -> Reply:
    if not found:
        return Reply("\n".join([*([before] if before else []), turn.say("corrections.retiring_none", title=what.title, year=what.due_on.year)]), choices=(choice(turn.language, "requests"),))  # fmt: skip
    lines = [before] if before else []
    lines.append(turn.say("corrections.retiring_head", title=what.title, year=what.due_on.year, people=len(found)))
    buttons: list[Choice] = []
    for each in found[:SHOWN]:
        assert each.retires_on is not None
        named = changing.who(turn, changing.placed(store, each.id, turn.house.today(turn.now)))
        lines.append(turn.say("corrections.retiring_line", who=named, day=dates.day(turn, each.retires_on)))
        buttons.append(choice(turn.language, "retiring", what.id, each.id, label=named[:40]))
    due = corrections.due(store, what.id)
    effect = turn.say("corrections.effect", title=what.title, before=due, after=due - len(found))
    lines.append(turn.say("requests.would_at_opening" if what.state is State.PLANNED else "corrections.retiring_effect", effect=effect))  # fmt: skip
    every = choice(turn.language, "retiring", what.id, turn.say("corrections.all"), len(found), label=turn.say("corrections.retiring_all", people=len(found)))  # fmt: skip
    return Reply("\n".join(lines), choices=(every, *buttons, choice(turn.language, "cancel")))


def _confirmed(turn: Turn, store: Store, what: Round, chosen: list[Person]) -> Reply:
    done: list[Applied] = []
    numbers: list[int] = []
    for each in chosen:
        corrections.lock(store, each.id)
        if exemptions.standing(store, each.id, EXEMPT, what.id, None, None) is not None:
            continue
        exemptions.record(store, each.id, EXEMPT, REASON, turn.me.id, turn.now, round_id=what.id, category=CATEGORY)
        numbers.append(each.id)
        routing.tell_exempt(store, what, each.id, REASON, turn.house, turn.now)
        done += changing.carry_out(store, Wish(EXEMPT, each.id, what.id), REASON, turn.me.id, turn.house, turn.now)
    details = {"people": numbers, "reason": REASON, "rounds": changing.details(done)}
    audit.record(store, turn.me.id, "exemption.retiring", f"round:{what.id}", details, turn.now)
    lines = [turn.say("corrections.retiring_done", people=len(numbers))]
    if done:
        effect = turn.say(
            "corrections.effect", title=what.title, before=done[0].effect.before, after=done[-1].effect.after
        )
        lines.append(turn.say("corrections.retiring_effect", effect=effect))
    return Reply("\n".join(lines), choices=(choice(turn.language, "retiring", what.id), choice(turn.language, "footnotes", what.id)))  # fmt: skip


def propose(store: Store, what: Round, house: Deployment, now: datetime) -> None:
    """Once an assessed round is on the books: tell the admins that somebody retires in its year, with the button that lists them."""
    if what.counts != "assessed" or what.of_round_id is not None:
        return
    people_found = len(_found(store, what, house))
    if not people_found:
        return

    def words(admin: Person) -> Reply:
        said = say(admin.language, "corrections.retiring_told", title=what.title, year=what.due_on.year, people=people_found)  # fmt: skip
        return Reply(said, choices=(choice(admin.language, "retiring", what.id),))

    reporting.owe_admins(store, f"retiring:{what.id}", words, now)
