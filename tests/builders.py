"""A small district for tests: units in 机构序列, people with postings and accounts, a round with enrolments, and turns."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from handlers.jobs import Work, Worker
from handlers.messages import Address, File, Incoming, Reply
from handlers.reach import missing_sheet
from handlers.reports import drawing
from handlers.study import push_sending
from handlers.turns import Deployment, Topic, Turn
from handlers.words import LANGUAGES, words
from quizzes.batches import BatchState, Entry
from quizzes.people import RoleName
from quizzes.questions import Kind, Question
from quizzes.rules import Rules
from storage import accounts, batches, files, scorebook, tables
from storage.database import Store
from storage.jobs import Job

JOBS: dict[str, Worker] = {
    "figures_picture": drawing.draw,
    "missing_sheet": missing_sheet.write,
    "push": push_sending.send,
}
NOW = datetime(2026, 12, 4, 2, 0, tzinfo=UTC)
"""10:00 on 2026-12-04, a Friday, in Shanghai."""
HOUSE = Deployment(secret=b"k" * 32, public_url="https://xuefa.example")

# (name, unit, bureau, leadership, role granted, on unit or None for the district, channels bound)
PEOPLE: tuple[tuple[str, str, str, bool, str, str | None, tuple[str, ...]], ...] = (
    ("王敏", "司法局", "司法局", False, "admin", None, ("wecom",)),
    ("李建国", "政府办", "政府办", True, "leader", None, ("wecom",)),
    ("陈芳", "住建局", "住建局", True, "leader", "住建局", ("telegram",)),
    ("刘洋", "住建局", "住建局", False, "liaison", "住建局", ("wecom",)),
    ("周杰", "政府办", "政府办", False, "auditor", None, ("web",)),
    ("张三", "住建局", "住建局", False, "", None, ("wecom", "telegram")),
    ("李四", "住建局", "住建局", False, "", None, ("telegram",)),
    ("赵六", "质安站", "住建局", False, "", None, ()),
    ("孙七", "质安站", "住建局", False, "", None, ("web",)),
    ("吴九", "司法局", "司法局", False, "", None, ("wecom",)),
)
UNITS = (
    ("城南区", None),
    ("政府办", "城南区"),
    ("住建局", "城南区"),
    ("司法局", "城南区"),
    ("档案馆", "城南区"),
    ("质安站", "住建局"),
)


@dataclass(slots=True)
class District:
    """Numbers by name: `d.people["张三"]`, `d.units["住建局"]`, `d.accounts["张三", "wecom"]`."""

    units: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    accounts: dict[tuple[str, str], int] = field(default_factory=dict)
    bureaux: dict[str, str] = field(default_factory=dict)
    round_id: int = 0


def district(store: Store, now: datetime = NOW) -> District:
    """城南区 with four bureaux (档案馆 has nobody), a station below 住建局, ten people, and an open assessed round for all."""
    built = District()
    for position, (name, parent) in enumerate(UNITS):
        values = {"name": name, "parent_id": built.units.get(parent or ""), "position": position}
        built.units[name] = store.new_id(insert(tables.unit), values)
    for line in PEOPLE:
        person(store, built, *line, now=now)
    built.round_id = make_round(store, now=now)
    for name, unit, bureau, leadership, *_ in PEOPLE:
        enrol(store, built, built.round_id, name, unit, bureau, now=now, leadership=leadership)
    return built


def person(store: Store, built: District, name: str, unit: str, bureau: str, leadership: bool = False, role: str = "",
           on: str | None = None, channels: tuple[str, ...] = ("wecom",), *, now: datetime = NOW) -> int:  # fmt: skip
    """One more person, posted since 2020, bound on `channels` (address "<channel>-<name>")."""
    number = len(built.people) + 1
    values = {
        "name": name,
        "staff_no": f"T{number:03d}",
        "phone": f"1380000{number:04d}",
        "leadership": leadership,
        "created_at": now,
    }
    person_id = built.people[name] = store.new_id(insert(tables.person), values)
    posted = {
        "person_id": person_id,
        "unit_id": built.units[unit],
        "kind": "编制",
        "starts_on": date(2020, 1, 1),
        "recorded_at": now,
    }
    store.run(insert(tables.posting), posted)
    for channel in channels:
        built.accounts[name, channel] = accounts.bind(store, person_id, channel, f"{channel}-{name}", now)
    if role:
        grant(store, built, name, role, on, now=now)
    built.bureaux[name] = bureau
    return person_id


def grant(store: Store, built: District, name: str, role: str, on: str | None = None, *, now: datetime = NOW) -> None:
    """Grant a role for a unit, or (None) for the district."""
    values = {
        "person_id": built.people[name],
        "name": RoleName(role).value,
        "unit_id": built.units[on] if on else None,
        "granted_at": now,
    }
    store.run(insert(tables.role), values)


def make_round(store: Store, *, now: datetime = NOW, title: str = "宪法宣传周学法考试", plan: str = "exam", counts: str = "assessed",
               state: str = "open", opened: timedelta = timedelta(days=-3), closes: timedelta = timedelta(days=7),
               rules: Rules | None = None, of: int | None = None, notice: str = "城南普法〔2026〕3号") -> int:  # fmt: skip
    """A round opened `opened` from now, closing `closes` from now."""
    opens_at, closes_at = now + opened, now + closes
    values: dict[str, Any] = {
        "plan_key": plan, "due_on": opens_at.date(), "title": title, "counts": counts, "notice": notice, "opens_at": opens_at,
        "closes_at": closes_at, "opened_at": opens_at, "closed_at": closes_at if state == "closed" else None, "state": state,
        "rules": (rules or Rules(attempts=2)).to_json(), "draw": [], "audience": {}, "seed": 7, "of_round_id": of,
    }  # fmt: skip
    return store.new_id(insert(tables.round_), values)


def enrol(store: Store, built: District, round_id: int, name: str, unit: str = "", bureau: str = "", *, now: datetime = NOW,
          **flags: Any) -> int:  # fmt: skip
    """Put a person on the 应考名册 of a round, with any columns of the enrolment (sat=True, passed=True, score=8000, ...)."""
    bureau = bureau or built.bureaux[name]
    values = {"round_id": round_id, "person_id": built.people[name], "unit_id": built.units[unit or bureau],
              "bureau_id": built.units[bureau], "enrolled_at": now, **flags}  # fmt: skip
    return store.new_id(insert(tables.enrolment), values)


def mark(store: Store, built: District, round_id: int, name: str, **values: Any) -> None:
    """Change columns of somebody's enrolment."""
    mine = (tables.enrolment.c.round_id == round_id) & (tables.enrolment.c.person_id == built.people[name])
    store.run(update(tables.enrolment).where(mine).values(**values))


def sits(store: Store, built: District, round_id: int, name: str, score: int = 8000) -> None:
    """The person handed in with a score in hundredths; the lines are 60 and 90."""
    mark(
        store,
        built,
        round_id,
        name,
        started=True,
        sat=True,
        passed=score >= 6000,
        excellent=score >= 9000,
        score=score,
        attempts=1,
    )


def hands_in_paper(
    store: Store, built: District, round_id: int, name: str, marks: list[bool], *, now: datetime = NOW
) -> int:
    """A real paper of single-choice questions with responses graded as `marks` say, and the enrolment as the answer path leaves it."""
    revisions = [_revision(store, number, now) for number in range(len(marks))]
    mine = (tables.enrolment.c.round_id == round_id) & (tables.enrolment.c.person_id == built.people[name])
    enrolment_id = store.value(select(tables.enrolment.c.id).where(mine))
    number = 1 + len(store.rows(select(tables.paper.c.id).where(tables.paper.c.enrolment_id == enrolment_id)))
    slots = [[revision, [0, 1]] for revision in revisions]
    paper_id = store.new_id(
        insert(tables.paper), {"enrolment_id": enrolment_id, "number": number, "seed": 1, "slots": slots}
    )
    score = 10_000 * sum(marks) // len(marks)
    store.run(insert(tables.attempt), {"id": paper_id, "enrolment_id": enrolment_id, "state": "handed_in", "started_at": now,
                                       "handed_in_at": now, "score": score})  # fmt: skip
    rows = [{"attempt_id": paper_id, "slot": slot, "serial": 0, "revision_id": revision, "answer": ["A" if right else "B"],
             "correct": right, "arrived_at": now, "channel": "web", "inbox_key": f"t{paper_id}.{slot}"}
            for slot, (revision, right) in enumerate(zip(revisions, marks, strict=True))]  # fmt: skip
    store.run(insert(tables.response), rows)
    sits(store, built, round_id, name, score)
    mark(store, built, round_id, name, handed_in_at=now, attempts=number)
    return paper_id


def from_outside(store: Store, built: District, round_id: int, scores: dict[str, int], *, source: str = "纸质", now: datetime = NOW,
                 state: BatchState = BatchState.APPLIED, **more: Any) -> int:  # fmt: skip
    """A batch of scores (hundredths, by name) of a first round, sat on the day of `now`, entered by 王敏 and confirmed by 周杰; gives
    its number. `more`: `replaces` and `before` of every entry. A state before `confirmed` puts nothing on the books."""
    lines = {
        row.person_id: row.id
        for row in store.rows(select(tables.enrolment).where(tables.enrolment.c.round_id == round_id))
    }
    day = HOUSE.today(now)
    entries = [
        Entry(n, lines[built.people[name]], score, day, **more) for n, (name, score) in enumerate(scores.items(), 2)
    ]
    file_id = files.add(store, "成绩.xlsx", "application/octet-stream", b"x", None, now)
    content = {"name": "成绩.xlsx", "sha": f"sha{file_id}", "rows": [each.to_json() for each in entries], "skipped": {}}
    number = batches.add(store, round_id, source, file_id, content, built.people["王敏"], now, BatchState.ENTERED)
    if state in (BatchState.CONFIRMED, BatchState.APPLIED):
        decided = {"state": state.value, "decided_by": built.people["周杰"], "decided_at": now}
        store.run(update(tables.batch).where(tables.batch.c.id == number).values(**decided))
    if state is BatchState.APPLIED:
        made = batches.get(store, number)
        assert made is not None
        scorebook.apply(store, made, entries, HOUSE.zone, now)
    return number


def _revision(store: Store, number: int, now: datetime) -> int:
    key = f"t-{number}"
    known = store.value(select(tables.revision.c.id).where(tables.revision.c.key == key))
    if known is not None:
        return int(known)
    asked = Question(
        key,
        Kind.SINGLE,
        f"第{number + 1}问？",
        ("是这样", "不是这样"),
        ("A",),
        "因为如此。",
        ("行政处罚法 第三十三条",),
    )
    values = {"key": key, "content_hash": asked.content_hash, "content": asked.to_json(), "created_at": now}
    return store.new_id(insert(tables.revision), values)


def turn(store: Store, built: District, name: str, said: str, *, channel: str = "", now: datetime = NOW, action: bool = False,
         file: File | None = None, house: Deployment = HOUSE) -> Turn:  # fmt: skip
    """What a person says on one of their channels (the first bound one), with account, roles and topic as dispatch finds them."""
    channel = channel or next(bound for who, bound in built.accounts if who == name)
    address = f"{channel}-{name}"
    found = accounts.behind(store, channel, address, now)
    assert found is not None
    topic = accounts.topic_of(store, f"{channel}:{address}")
    incoming = Incoming(f"{channel}:{now.timestamp()}:{said}", Address(channel, address), now, "" if action else said,
                        said if action else "", file)  # fmt: skip
    return Turn(incoming, now, house, found[0], found[1], accounts.roles_of(store, found[1].id),
                Topic(topic[0], json.loads(topic[1])) if topic else None, _rest(said))  # fmt: skip


def _rest(said: str) -> str | None:
    """What follows the command, as dispatch finds it; None if no command was said."""
    plain = " ".join(said.split())
    spoken = [
        word
        for language in LANGUAGES
        for key, line in words(language).items()
        if key.startswith("commands.")
        for word in line.split("|")
    ]
    found = [word for word in spoken if plain.lower() == word.lower() or plain.lower().startswith(word.lower() + " ")]
    return plain[max(map(len, found)) :].strip() if found else None


def works(store: Store, built: District, kind: str, *, now: datetime = NOW, house: Deployment = HOUSE) -> list[Reply]:
    """Run the last job of a kind as a worker would, and give its replies."""
    found = store.row(select(tables.job).where(tables.job.c.kind == kind).order_by(tables.job.c.id.desc()))
    assert found is not None, f"no job {kind} was recorded"
    job = Job(found.id, found.kind, found.params, found.person_id, found.account_id)
    language = accounts.language_of(store, found.person_id)
    return JOBS[kind](Work(job, house, now, language, store, lambda run: run(store)))


def owed(store: Store, built: District, name: str) -> list[str]:
    """The texts of the deliveries planned for a person, oldest first."""
    mine = tables.delivery.c.person_id == built.people[name]
    return [
        row.body.get("text", "")
        for row in store.rows(select(tables.delivery.c.body).where(mine).order_by(tables.delivery.c.id))
    ]
