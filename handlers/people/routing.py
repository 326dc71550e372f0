"""Whom a request is put before: the unit's liaison for its opinion, then the admins; and the person, once it is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from handlers import codec
from handlers.commands import choice
from handlers.messages import Reply
from handlers.people import draft
from handlers.reports import reporting
from handlers.turns import Deployment
from handlers.words import say
from quizzes.people import Person
from quizzes.rounds import Round, State
from storage import accounts, deliveries, people, requests, rounds
from storage.corrections import Applied
from storage.database import Store
from storage.requests import DEPART, JOIN, Request


def tell(store: Store, number: int, house: Deployment, now: datetime) -> str:
    """A new request: to the unit's liaisons, "liaison"; where there is none to reach, or the unit asked itself, to the admins, "admin"."""
    found = requests.get(store, number)
    assert found is not None
    unit_id = people.unit_of(store, found.person_id, house.today(now))
    asked = [] if found.verdict or unit_id is None else [each for each in requests.liaisons(store, unit_id) if each != found.person_id]  # fmt: skip

    def words(reader: Person) -> Reply:
        said = say(reader.language, "requests.tell_liaison", number=number)
        return Reply(said, choices=(choice(reader.language, "unit_requests", number),))

    if _owe(store, f"request:{number}", asked, "report", words, now):
        return "liaison"
    tell_admins(store, number, now)
    return "admin"


def tell_admins(store: Store, number: int, now: datetime) -> None:
    """A request that waits for a decision, once."""

    def words(reader: Person) -> Reply:
        said = say(reader.language, "requests.tell_admin", number=number)
        return Reply(said, choices=(choice(reader.language, "requests", number),))

    reporting.owe_admins(store, f"request:{number}:decide", words, now)


def tell_decision(
    store: Store, found: Request, state: str, answer: str, house: Deployment, now: datetime
) -> bool | None:
    """The decision, in one calm sentence, to the person, and to the liaison who asked for them. False if the person cannot be
    reached; None where it is no answer to them: 补录 and 调出 are reported by the unit."""

    def words(reader: Person) -> Reply:
        language = reader.language
        kind = say(language, f"requests.kind_{draft.KEYS[found.kind]}")
        key = f"requests.{'told' if reader.id == found.person_id else 'told_liaison'}_{state}"
        text = say(language, key, number=found.id, kind=kind)
        more = say(language, "requests.told_answer", answer=answer) if answer else ""
        return Reply(text + more, choices=(choice(language, "my_requests"),))

    key = f"request:{found.id}:decided"
    if found.requested_by not in (None, found.person_id):
        _owe(store, key, [found.requested_by or 0], "report", words, now)
    if found.kind in (JOIN, DEPART):
        return None
    return _owe(store, key, [found.person_id], "notice", words, now)


def tell_due(store: Store, changed: Iterable[Applied], reason: str, house: Deployment, now: datetime) -> bool:
    """Whoever is in 应考 again, or now, of a round that is open: until when, and why. False if that concerns nobody who can be reached."""
    told = False
    for each in changed:
        what = rounds.get(store, each.effect.round_id)
        if what.state is State.OPEN:
            person_id = rounds.enrolled(store, each.effect.enrolment_id).person_id
            key = f"round:{what.id}:due:{now.isoformat()}"
            told = _owe(store, key, [person_id], "notice", _words("due", what, reason, house), now) or told
    return told


def tell_exempt(store: Store, what: Round, person_id: int, reason: str, house: Deployment, now: datetime) -> None:
    """Whoever is exempt without having asked."""
    _owe(store, f"round:{what.id}:exempt", [person_id], "notice", _words("exempt", what, reason, house), now)


def _words(key: str, what: Round, reason: str, house: Deployment) -> Callable[[Person], Reply]:
    def words(reader: Person) -> Reply:
        said = say(reader.language, f"requests.told_{key}", title=what.title, reason=reason, closes=house.moment(reader.language, what.closes_at))  # fmt: skip
        first = "why" if key == "exempt" else "exam" if what.rules.exam else "today"
        return Reply(said, choices=(choice(reader.language, first), choice(reader.language, "complaint")))

    return words


def _owe(store: Store, key: str, readers: Iterable[int], kind: str, words: Callable[[Person], Reply], now: datetime) -> bool:  # fmt: skip
    """Owe these people one message each in their language; False if none of them can be reached."""
    reached = accounts.reachable_accounts(store, sorted(set(readers)))
    for person_id, (account_id, _) in reached.items():
        reader = people.person_of(store, person_id)
        assert reader is not None
        body = codec.to_json(store, words(reader), person_id, now)
        deliveries.plan(store, f"{key}:{person_id}", account_id, kind, body, now)
    return bool(reached)
