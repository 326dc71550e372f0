"""考场: the officer opens a hall for a round, lets people in by a QR code, presses 开考, and sees who sits there."""

from __future__ import annotations

from dataclasses import astuple
from datetime import datetime
from functools import partial

from handlers import typesetting
from handlers.commands import as_number, choice
from handlers.jobs import Work
from handlers.messages import Choice, File, Link, Reply
from handlers.people import sheets
from handlers.people.binding import YES, new_token
from handlers.people.seating import DOOR
from handlers.reports import reporting
from handlers.rounds import naming
from handlers.turns import Deployment, Turn
from handlers.words import say
from quizzes.people import Person
from quizzes.rounds import Round, State
from storage import accounts, audit, deliveries, halls, jobs, rounds
from storage.database import Store
from storage.halls import Hall

UNDER_WAY = (State.PLANNED, State.OPENING, State.OPEN)
NAMED = 30
SHARED = "seat:"
"""How the mark of a device begins on which an exam code let somebody sit."""
JOB = "hall"


def hall(turn: Turn, store: Store) -> list[Reply]:
    """「考场」: the exams a hall can be opened for, and the halls there are. 「考场 <round> <place>」 opens one and gives its door."""
    exams = [each for each in rounds.in_state(store, *UNDER_WAY) if each.rules.exam]
    if not turn.arguments:
        return [_overview(turn, store, exams)]
    number = as_number(turn.arguments[0]) if turn.arguments[0].isdecimal() else 0
    what = next((each for each in exams if each.id == number), None)
    place = " ".join(turn.arguments[1:])
    if what is None or not place:
        return [Reply(turn.say("halls.how"), choices=(choice(turn.language, "hall"),))]
    if any(each.place == place and each.state != "ended" for each in halls.of_round(store, what.id)):
        return [Reply(turn.say("halls.taken", place=place), choices=(choice(turn.language, "hall"),))]
    assert turn.account is not None
    jobs.add(
        store, JOB, {"round": what.id, "place": place}, person_id=turn.me.id, account_id=turn.account.id, now=turn.now
    )
    return [Reply(turn.say("halls.making", place=place))]


def open_hall(work: Work) -> list[Reply]:
    """The worker: typeset the page of QR codes to put up, then open the hall behind them."""
    what, place, token = rounds.get(work.store, work.job.params["round"]), work.job.params["place"], new_token()
    ways = doors(work.house, token)
    codes = [
        {"label": work.say(f"invitations.by_{way}") if len(ways) > 1 else "", "svg": sheets.code(address)}
        for way, address in ways
    ]
    data = {"title": work.say("halls.poster_title", title=what.title), "place": place, "codes": codes, "lang": work.language,
            "steps": [work.say(f"halls.poster_{step}") for step in ("scan", "wait", "paper")]}  # fmt: skip
    poster = File(
        work.say("halls.poster_file", place=place), "application/pdf", typesetting.compile("hall_poster", data)
    )
    hall_id = work.write(partial(_make, what=what, place=place, token=token, by=work.job.person_id or 0, now=work.now))
    assert isinstance(hall_id, int)
    links = tuple(Link(work.say(f"halls.link_{way}"), address) for way, address in ways)
    text = work.say("halls.made", place=place, title=what.title)
    return [Reply(text, choices=_buttons(work.language, hall_id, "waiting"), links=links, files=(poster,))]


def _make(store: Store, what: Round, place: str, token: str, by: int, now: datetime) -> int:
    hall_id = halls.make(store, what.id, place, token, by, now)
    audit.record(store, by, "hall.make", f"round:{what.id}", {"hall": hall_id, "place": place}, now)
    return hall_id


def doors(house: Deployment, token: str) -> list[tuple[str, str]]:
    """The ways into a hall, as (label, address)."""
    ways = [("web", f"{house.public_url}/hall/{token}")]
    if house.telegram:
        ways.append(("telegram", f"https://t.me/{house.telegram}?start={DOOR}{token}"))
    return ways


def _overview(turn: Turn, store: Store, exams: list[Round]) -> Reply:
    if not exams:
        return Reply(turn.say("halls.no_exam"), choices=(choice(turn.language, "rounds"),))
    lines = [turn.say("halls.how")]
    buttons: list[Choice] = []
    for what in exams:
        lines.append(turn.say("halls.exam", number=what.id, title=what.title))
        for each in halls.of_round(store, what.id):
            lines.append(_line(turn, store, each))
            buttons += _buttons(turn.language, each.id, each.state, each.place)
    return Reply("\n".join(lines), choices=tuple(buttons[:12]))


def _line(turn: Turn, store: Store, each: Hall) -> str:
    people = halls.seats(store, each.id)
    return turn.say(
        f"halls.line_{each.state}", place=each.place, seats=len(people), sat=sum(bool(r.sat) for r in people)
    )


def _buttons(language: str, hall_id: int, state: str, place: str = "") -> tuple[Choice, ...]:
    def label(key: str) -> str:
        return say(language, f"halls.button_{key}", place=place) if place else ""

    seats = choice(language, "hall_seats", hall_id, label=label("seats"))
    if state == "waiting":
        return (choice(language, "start_hall", hall_id, label=label("start")), seats)
    return (choice(language, "end_hall", hall_id, label=label("end")), seats) if state == "started" else (seats,)


def _asked(turn: Turn, store: Store) -> tuple[Hall, Round] | Reply:
    """The hall named by number, with its round."""
    number = turn.arguments[0] if turn.arguments else ""
    found = halls.get(store, as_number(number)) if number.isdecimal() else None
    if found is None:
        return Reply(turn.say("errors.not_found"), choices=(choice(turn.language, "hall"),))
    return found, rounds.get(store, found.round_id)


def start_hall(turn: Turn, store: Store) -> list[Reply]:
    """「开考 <hall>」: what it will do, then 「开考 <hall> yes」: everybody seated may begin, and hears so."""
    asked = _asked(turn, store)
    if isinstance(asked, Reply):
        return [asked]
    found, what = asked
    people = halls.seats(store, found.id)
    if found.state != "waiting":
        return [
            Reply(
                turn.say(f"halls.is_{found.state}", place=found.place),
                choices=_buttons(turn.language, found.id, found.state),
            )
        ]
    if what.state is not State.OPEN:
        return [Reply(turn.say("halls.not_open", title=what.title, at=turn.house.moment(turn.language, what.opens_at)))]
    if turn.now >= what.closes_at:  # still open for those who finish their minutes; nobody begins any more
        return [Reply(turn.say("exam.closed", title=what.title))]
    if turn.arguments[1:2] != [YES]:
        button = choice(turn.language, "start_hall", found.id, YES, label=turn.say("halls.confirm_start"))
        minutes = (
            turn.say("halls.minutes", minutes=what.rules.minutes)
            if what.rules.minutes
            else turn.say("halls.no_minutes")
        )
        text = turn.say("halls.would_start", place=found.place, title=what.title, seats=len(people), minutes=minutes)
        return [Reply(text, choices=(button, choice(turn.language, "hall_seats", found.id)))]
    halls.start(store, found.id, turn.now)
    audit.record(
        store, turn.me.id, "hall.start", f"round:{what.id}", {"hall": found.id, "seats": len(people)}, turn.now
    )
    told = _tell(turn, store, found, what, [row.person_id for row in people])
    return [
        Reply(
            turn.say("halls.started", place=found.place, seats=len(people), told=told),
            choices=_buttons(turn.language, found.id, "started"),
        )
    ]


def _tell(turn: Turn, store: Store, found: Hall, what: Round, people: list[int]) -> int:
    """Owe everybody seated the word that it has begun, each in their language; it costs no touch, for they sit and wait for it."""
    reachable = accounts.reachable_accounts(store, people)

    def words(person_id: int) -> dict[str, object]:
        language = accounts.language_of(store, person_id)
        button = list(astuple(choice(language, "exam")))
        return {"text": say(language, "halls.begin_now", title=what.title), "choices": [button]}

    owed = [
        deliveries.Addressed(f"hall:{found.id}:{person_id}", person_id, account_id, channel, words(person_id), turn.now)
        for person_id, (account_id, channel) in reachable.items()
    ]
    deliveries.plan_many(store, "warning", owed, turn.now, expires_at=what.closes_at, round_id=what.id)
    return len(owed)


def end_hall(turn: Turn, store: Store) -> list[Reply]:
    """「结束考场 <hall>」: nobody begins there any more; who has begun goes on to the end of their minutes."""
    asked = _asked(turn, store)
    if isinstance(asked, Reply):
        return [asked]
    found, what = asked
    if halls.end(store, found.id, turn.now):
        audit.record(store, turn.me.id, "hall.end", f"round:{what.id}", {"hall": found.id}, turn.now)
    people = halls.seats(store, found.id)
    done = sum(bool(row.sat) for row in people)
    return [
        Reply(
            turn.say("halls.ended", place=found.place, seats=len(people), sat=done),
            choices=_buttons(turn.language, found.id, "ended"),
        )
    ]


def hall_seats(turn: Turn, store: Store) -> list[Reply]:
    """「考场名单 <hall>」: who sits there, and how far they are; names where they may be shown."""
    asked = _asked(turn, store)
    if isinstance(asked, Reply):
        return [asked]
    found, what = asked
    people = halls.seats(store, found.id)
    head = turn.say(
        "halls.seats", place=found.place, title=what.title, seats=len(people), sat=sum(bool(r.sat) for r in people)
    )
    lines = [head]
    if turn.names_allowed:
        lines += [
            turn.say(f"halls.seat_{_state(row)}", name=row.name, unit=row.unit or turn.say("halls.not_enrolled"))
            for row in people[:NAMED]
        ]
        if len(people) > NAMED:
            lines.append(turn.say("halls.more", people=len(people) - NAMED))
    return [Reply("\n".join(lines), choices=_buttons(turn.language, found.id, found.state))]


def _state(row: object) -> str:
    return "sat" if getattr(row, "sat", False) else "started" if getattr(row, "started", False) else "waiting"


def one_device(turn: Turn, store: Store) -> list[Reply]:
    """「同一设备 <round>」: where several people sat from one browser. A fact to look at, never a penalty, for the officer alone."""
    number = turn.arguments[0] if turn.arguments else ""
    what = naming.named(store, number) if number else _latest_exam(store)
    if what is None:
        return [Reply(turn.say("errors.not_found"), choices=(choice(turn.language, "rounds"),))]
    found = halls.one_device(store, what.id)
    if not found:
        return [Reply(turn.say("halls.no_device", title=what.title))]
    lines = [turn.say("halls.devices", title=what.title, groups=len(found))]
    for each in found[:NAMED]:
        key = "shared" if each.device.startswith(SHARED) else "own"
        who = turn.say("halls.comma").join(
            f"{unit}{name}" if turn.names_allowed else f"#{number}" for number, name, unit in each.people
        )
        lines.append(turn.say(f"halls.device_{key}", people=len(each.people), who=who))
    return [Reply("\n".join([*lines, turn.say("halls.device_note")]))]


def note_devices(store: Store, what: Round, now: datetime) -> None:
    """After a close: tell the admins, and nobody else, if several people sat an exam on one device that no exam code was used on."""
    own = [each for each in halls.one_device(store, what.id) if not each.device.startswith(SHARED)]
    if not own or not what.rules.exam:
        return

    def words(admin: Person) -> Reply:
        said = say(admin.language, "halls.at_close", title=what.title, groups=len(own))
        return Reply(said, choices=(choice(admin.language, "one_device", what.id),))

    reporting.owe_admins(store, f"devices:{what.id}", words, now)


def _latest_exam(store: Store) -> Round | None:
    found = [each for each in rounds.latest(store, 20, State.OPEN, State.CLOSING, State.CLOSED) if each.rules.exam]
    return found[0] if found else None
