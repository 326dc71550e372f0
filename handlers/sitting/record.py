"""学法档案: a person's assessed rounds year by year with both scores where one was put right, and practice as a line of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.commands import as_number, choice
from handlers.messages import Choice, Link, Reply
from handlers.rights import scope_of
from handlers.sitting import reviewing
from handlers.sitting.scores import points
from handlers.turns import Turn
from handlers.words import say
from quizzes.people import Person
from storage import audit, people, records
from storage.database import Store
from storage.records import Entry

SHOWN, YEARS, SEVERAL = 10, 4, 8
NUMBER = "#"
"""What stands before a person's number, to tell it from a year and a page."""
SOURCES = {"本系统": "here", "纸质": "paper", "上级平台": "platform"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose record ("" for one's own: a name, or # and a number), of which year (0: the newest), which page."""

    whose: str
    year: int
    page: int


def mine(turn: Turn, store: Store) -> list[Reply]:
    """「我的学法档案」, 「学法档案 2025」, 「学法档案 2025 2」 (a page); for the officer 「学法档案 张三」, 「学法档案 #12 2025」."""
    asked = _asked(turn.arguments)
    if not asked.whose or not scope_of(turn.roles, "record.others"):
        return [_record(turn, store, turn.me, asked, "")]
    if not turn.names_allowed:
        link = Link(turn.say("missing.open_web"), f"{turn.house.public_url}/")
        return [Reply(turn.say("record.elsewhere"), links=(link,))]
    found = _meant(store, asked.whose)
    if len(found) != 1:
        key = "record.several" if found else "record.unknown"
        return [
            Reply(turn.say(key, people=len(found)), choices=tuple(_whose(turn, store, who) for who in found[:SEVERAL]))
        ]
    audit.record(store, turn.me.id, "record.read", f"person:{found[0].id}", {"year": asked.year}, turn.now)
    return [_record(turn, store, found[0], asked, f"{NUMBER}{found[0].id}")]


def _asked(words: Sequence[str]) -> Asked:
    numbers = [as_number(word) for word in words if word.isdecimal()]
    year = next((each for each in numbers if 1900 <= each <= 2999), 0)
    page = next((each for each in numbers if 0 < each < 1000), 1)
    return Asked(" ".join(word for word in words if not word.isdecimal()), year, page)


def _meant(store: Store, whose: str) -> list[Person]:
    if whose.startswith(NUMBER) and whose[1:].isdecimal():
        found = people.person_of(store, as_number(whose[1:]))
        return [] if found is None else [found]
    return records.named(store, whose)


def _whose(turn: Turn, store: Store, who: Person) -> Choice:
    unit = people.unit_name(store, people.unit_of(store, who.id, turn.house.today(turn.now)))
    label = turn.say("record.who", unit=unit or turn.say("record.left"), name=who.name, number=who.id)
    return _says(turn, label[:60], f"{NUMBER}{who.id}")


def _says(turn: Turn, label: str, *arguments: object) -> Choice:
    """A button for somebody's record: the command's second word, without 「我的」, where it is another's."""
    word = turn.say("commands.record").split("|")[isinstance(arguments[0], str)]
    return Choice(label, " ".join([word, *map(str, arguments)]))


def _record(turn: Turn, store: Store, who: Person, asked: Asked, whose: str) -> Reply:
    """One year of a record; `whose` as a button says it, "" for one's own."""
    known = records.years(store, who.id)
    if not known:
        key = "none_of" if whose else "none"
        return Reply(
            turn.say(f"record.{key}", name=who.name), choices=() if whose else (choice(turn.language, "today"),)
        )
    year = asked.year or known[0]
    entries, done = records.assessed(store, who.id, year), records.practice(store, who.id, year)
    pages = max(1, -(-len(entries) // SHOWN))
    page = min(asked.page, pages)
    lines = [turn.say("record.head", name=who.name, year=year), _totals(turn, entries)]
    lines += [_line(turn, each) for each in entries[(page - 1) * SHOWN : page * SHOWN]]
    lines += [turn.say("record.page", page=page, pages=pages)] if pages > 1 else []
    lines += [turn.say("record.practice", rounds=done.rounds, done=done.done)] if done.rounds else []
    ways = _ways(turn, known, year, page, pages, whose)
    own = () if whose else _own(turn, store, entries)
    return Reply("\n".join(lines), choices=(*ways, *own), edits=page > 1)


def _totals(turn: Turn, entries: Sequence[Entry]) -> str:
    """Make-ups are further sittings of what they make up for, so they are not counted again."""
    first = [each for each in entries if not each.makeup and each.counted]
    again = [each for each in entries if each.makeup and each.sat]
    if not entries:
        return turn.say("record.no_exams")
    said = turn.say(
        "record.totals", rounds=len(first), sat=sum(e.sat for e in first), passed=sum(e.passed for e in first)
    )
    return said + (turn.say("record.makeups", sat=len(again), passed=sum(e.passed for e in again)) if again else "")


def _line(turn: Turn, entry: Entry) -> str:
    day = turn.say("times.full_date", year=entry.due_on.year, month=entry.due_on.month, day=entry.due_on.day)
    title = entry.title + (
        turn.say("record.makeup") if entry.makeup and turn.say("record.makeup_word") not in entry.title else ""
    )
    line = turn.say("record.line", day=day, title=title, state=_state(turn, entry))
    return line + ("" if entry.counted or entry.exempt else turn.say("record.not_counted"))


def _state(turn: Turn, entry: Entry) -> str:
    if not entry.sat:
        return turn.say("record.exempt" if entry.exempt else "record.absent" if entry.closed else "record.waiting")
    verdict = "excellent" if entry.excellent else "passed" if entry.passed else "failed"
    key, before = ("scored", "") if entry.before is None else ("rescored", points(entry.before))
    score = turn.say(f"record.{key}", score=points(entry.score), before=before)
    sources = turn.say("record.and").join(source(turn.language, each) for each in entry.sources)
    return turn.say(f"record.{verdict}", score=score) + turn.say(
        "record.sittings", number=entry.sittings, source=sources
    )


def source(language: str, of: str) -> str:
    """Where an attempt came from: 本系统, 纸质, 上级平台, or whatever else stands in the ledger."""
    key = SOURCES.get(of)
    return say(language, f"record.source_{key}") if key else of


def _ways(turn: Turn, known: Sequence[int], year: int, page: int, pages: int, whose: str) -> tuple[Choice, ...]:
    """The next page, and the years before and after."""
    before = [whose] if whose else []
    found = []
    if page < pages:
        found.append(_says(turn, turn.say("record.more"), *before, year, page + 1))
    others = [each for each in known if each < year][:YEARS] + [each for each in reversed(known) if each > year][:1]
    found += [_says(turn, turn.say("record.year", year=each), *before, each) for each in others]
    return tuple(found)


def _own(turn: Turn, store: Store, entries: Sequence[Entry]) -> tuple[Choice, ...]:
    """What one does with one's own record: the paper handed in last (its release decides what it shows), a certificate, today's quiz."""
    last = reviewing.newest(store, turn.me.id, turn.now)
    found = [] if last is None else [choice(turn.language, "exam_review", last.paper_id)]
    if any(each.passed and each.closed for each in entries):
        found.append(choice(turn.language, "certificate"))
    return (*found, choice(turn.language, "today"), choice(turn.language, "materials"))
