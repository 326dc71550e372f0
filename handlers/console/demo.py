"""A throwaway district for trying everything: a dozen bureaux, 300 people, some weeks of rounds made by the real engine."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from handlers.console import simulating
from handlers.console.simulating import Habit
from handlers.rounds import managing
from handlers.rounds.clock import Calendar
from handlers.turns import Deployment
from quizzes.calendar import Workdays
from quizzes.people import Person, Posting, PostingKind, Role, RoleName
from quizzes.plans import Draw, Plan
from quizzes.questions import Kind
from quizzes.rounds import Occurrence, State, instant
from quizzes.rules import Makeup, Rules
from storage import accounts, banks, exemptions, invitations, people, rounds
from storage.database import Database, Store

DISTRICT = "明湖区"
BUREAUX = ("区政府办公室", "发展和改革局", "教育局", "司法局", "财政局", "人力资源和社会保障局", "住房和城乡建设局", "交通运输局",
           "农业农村局", "卫生健康局", "市场监督管理局", "综合行政执法局")  # fmt: skip
SIZES = (22, 18, 30, 16, 20, 24, 34, 24, 28, 26, 30, 28)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = ("建国", "志强", "伟", "敏", "静", "丽华", "海燕", "国庆", "晓东", "文静", "明", "军", "秀英", "磊", "洋", "艳", "勇", "杰", "娟",
         "涛", "超", "桂芳", "佳怡", "浩然", "思源", "立新", "春梅", "红梅", "永平", "新华", "玉兰", "卫东", "雪", "鹏程", "倩", "宏伟")  # fmt: skip
CATEGORIES = ("公务员", "公务员", "公务员", "参公", "事业", "工勤")
RANKS = ("一级科员", "四级主任科员", "二级主任科员", "一级主任科员", "副科", "正科")
ILL, ON_LEAVE = ("卫生健康局", 11), ("交通运输局", 8)
DAYS = 15
EARLIER = timedelta(minutes=30)
EXAM = Plan(
    "demo-exam", "年度学法考试（演示）", time(9), time(18), counts="assessed", notice="演示〔2026〕1号",
    draw=(Draw(5, Kind.SINGLE), Draw(2, Kind.MULTIPLE), Draw(3, Kind.JUDGE)), avoid_repeats_days=1,
    rules=Rules(attempts=2, minutes=30, release="closed", makeup=Makeup()),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guest:
    """A person whose link the demo prints: the role's key in the texts, and the code of a one-time login link."""

    role: str
    code: str


def label(folder: Path) -> None:
    """Mark a fresh workspace's plans as 演示, so that every card and figure says what it is."""
    path = folder / "plans.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("title: 每日一题", "title: 每日一题（演示）"), encoding="utf-8"
    )


def build(
    database: Database, house: Deployment, now: datetime, progress: Callable[[int, int], None], seed: int = 2026
) -> list[Guest]:
    """Fill a database fresh from `init` and give one guest per role. The same seed gives the same people and the same habits."""
    rng, calendar = Random(seed), known_workdays()  # noqa: S311 (a play, no secret)
    days = _past_days(house.today(now), calendar)
    opening = instant(days[0], time(8), house.zone)
    with database.writing() as store:
        plan = rounds.plans(store)[0][0]
        banks.apply_plans(store, [], opening)  # taken back and put in force again, as of the first of the played days
        banks.apply_plans(store, [plan], opening)
        staff = _people(store, days[0] - timedelta(days=200), opening, rng)
        guests, hosts = _guests(store, staff, now)
        habits = _habits(store, staff, opening, rng)
    for number, day in enumerate(days):
        _play(database, plan, day, habits, house, calendar, rng)
        progress(number + 1, len(days) + 1)
        if number == len(days) // 2:
            _changes(database, staff, day, house, now)
    rest = [habit for habit in habits if habit.person_id not in hosts]
    _exam(database, rest, house, calendar, now, rng)
    _today(database, plan, rest, house, calendar, now, rng)
    progress(len(days) + 1, len(days) + 1)
    return guests


def known_workdays() -> Calendar:
    """The calendar that comes with the program, without an overlay."""
    days = Workdays()
    return Calendar(lambda day: days.published(day.year) and days.is_workday(day), days.published)


def _past_days(today: date, calendar: Calendar) -> list[date]:
    days: list[date] = []
    day = today - timedelta(days=1)
    while len(days) < DAYS:
        if calendar.is_workday(day):
            days.append(day)
        day -= timedelta(days=1)
    return days[::-1]


def _people(store: Store, since: date, now: datetime, rng: Random) -> dict[str, list[int]]:
    """Units in 机构序列 and their people; bureau name -> numbers, the first of each being its head."""
    people.district(store, DISTRICT)
    names: set[str] = set()
    staff: dict[str, list[int]] = {}
    for place, (bureau, size) in enumerate(zip(BUREAUX, SIZES, strict=True)):
        unit_id = people.add_unit(store, bureau, None, place)
        drafts = [_draft(names, place, number, rng) for number in range(size)]
        staff[bureau] = people.add_people(store, drafts, now)
        people.add_postings(
            store, [Posting(0, number, unit_id, PostingKind.STAFF, since) for number in staff[bureau]], None, now
        )
    return staff


def _draft(names: set[str], place: int, number: int, rng: Random) -> Person:
    name = rng.choice(SURNAMES) + rng.choice(GIVEN)
    while name in names:
        name = rng.choice(SURNAMES) + rng.choice(GIVEN)
    names.add(name)
    head = number < 2
    return Person(0, name, f"MH{place + 1:02d}{number + 1:03d}", f"139{rng.randrange(10**8):08d}", rng.choice(CATEGORIES[:4] if head else CATEGORIES),
                  "正科" if number == 0 else rng.choice(RANKS), leadership=head, enforcement=place in (10, 11) and rng.random() < 0.7)  # fmt: skip


def _guests(store: Store, staff: dict[str, list[int]], now: datetime) -> tuple[list[Guest], set[int]]:
    """One guest per role, and their numbers: nobody answers in their place."""
    education = people.add_unit(store, "教育局", None)
    chosen = {
        "cadre": (staff["住房和城乡建设局"][5], None),
        "admin": (staff["司法局"][2], Role(RoleName.ADMIN)),
        "leader": (staff["区政府办公室"][0], Role(RoleName.LEADER)),
        "liaison": (staff["教育局"][3], Role(RoleName.LIAISON, education)),
    }
    guests: list[Guest] = []
    for name, (person_id, role) in chosen.items():
        accounts.bind(store, person_id, "web", f"p{person_id}", now)
        if role is not None:
            people.grant(store, person_id, role, None, now)
        code = secrets.token_urlsafe(18)
        invitations.make(store, [(code, person_id)], invitations.ENTER, None, now, timedelta(days=1))
        guests.append(Guest(name, code))
    return guests, {person_id for person_id, _ in chosen.values()}


def _habits(store: Store, staff: dict[str, list[int]], now: datetime, rng: Random) -> list[Habit]:
    """Most people are bound and answer; some never bound an account."""
    habits = []
    away = {staff[bureau][place] for bureau, place in (ILL, ON_LEAVE)}
    for numbers in staff.values():
        zeal = 0.90 + 0.09 * rng.random()
        for person_id in numbers:
            if rng.random() < 0.04:
                continue
            accounts.bind(store, person_id, "web", f"p{person_id}", now)
            takes_part = 0.0 if person_id in away else zeal
            habits.append(Habit(person_id, f"p{person_id}", takes_part, 0.72 + 0.25 * rng.random()))
    return habits


def _play(
    database: Database, plan: Plan, day: date, habits: list[Habit], house: Deployment, calendar: Calendar, rng: Random
) -> None:
    """One past day: open, answer, remind, close, all at that day's hours."""
    at = instant(day, plan.opens_at, house.zone)
    simulating.tick_through(database, at, house, calendar, rng)
    with database.reading() as store:
        what = simulating.open_round(store, plan.key)
    if what is None:
        return
    simulating.sit(database, what, habits, house, rng, what.closes_at)
    simulating.tick_through(database, what.closes_at + timedelta(minutes=1), house, calendar, rng)


def _changes(database: Database, staff: dict[str, list[int]], day: date, house: Deployment, now: datetime) -> None:
    """What happens in any district: somebody moves, somebody is seconded, one is exempt, one on leave."""
    at = instant(day, time(20), house.zone)
    with database.writing() as store:
        moving, seconded = staff["财政局"][7], staff["教育局"][9]
        target = people.add_unit(store, "发展和改革局", None)
        held = [p.id for p in people.postings(store, day) if p.person_id == moving]
        people.end_postings(store, held, day + timedelta(days=1))
        people.add_postings(store, [Posting(0, moving, target, PostingKind.STAFF, day + timedelta(days=1)),
                                    Posting(0, seconded, target, PostingKind.SECONDED, day + timedelta(days=1))], None, at)  # fmt: skip
        admin = staff["司法局"][2]
        exemptions.approve(store, staff[ILL[0]][ILL[1]], "免考", "长期病假，单位和普法办同意", admin, day, None, at)
        exemptions.approve(
            store,
            staff[ON_LEAVE[0]][ON_LEAVE[1]],
            "请假",
            "休假",
            admin,
            house.today(now) - timedelta(days=2),
            house.today(now) + timedelta(days=5),
            at,
        )


def _exam(
    database: Database, habits: list[Habit], house: Deployment, calendar: Calendar, now: datetime, rng: Random
) -> None:
    """A formal exam that has been open since yesterday and will be for a week; half have sat it, the guests have not."""
    opened_at = now - timedelta(days=1)
    closes_at = instant(house.today(now) + timedelta(days=7), EXAM.closes_at, house.zone)
    at = Occurrence(EXAM.key, house.today(opened_at), opened_at, closes_at)
    with database.writing() as store:
        managing.start(store, EXAM, at, house.secret, None, opened_at)
    simulating.tick_through(database, opened_at, house, calendar, rng)
    with database.reading() as store:
        what = simulating.open_round(store, EXAM.key)
    if what is not None:
        some = [replace(habit, takes_part=min(habit.takes_part, 0.55)) for habit in habits]
        simulating.sit(database, what, some, house, rng, now - timedelta(minutes=10))


def _today(
    database: Database,
    plan: Plan,
    habits: list[Habit],
    house: Deployment,
    calendar: Calendar,
    now: datetime,
    rng: Random,
) -> None:
    """Today's round is open whatever the day and hour, and more than half have answered; the guests have not."""
    today = house.today(now)
    planned = Occurrence(
        plan.key, today, instant(today, plan.opens_at, house.zone), instant(today, plan.closes_at, house.zone)
    )
    if calendar.is_workday(today) and planned.opens_at + EARLIER <= now <= planned.closes_at - EARLIER:
        opened_at = planned.opens_at
    else:
        opened_at = now - EARLIER
        by_hand = Occurrence(plan.key, today, opened_at, max(planned.closes_at, now + timedelta(hours=3)))
        with database.writing() as store:
            for planned_one in rounds.in_state(store, State.PLANNED):  # put on the books while yesterday was played
                if planned_one.plan_key == plan.key:
                    rounds.move(store, planned_one, State.CANCELLED, opened_at)
            managing.start(store, plan, by_hand, house.secret, None, opened_at)
    simulating.tick_through(database, opened_at, house, calendar, rng)
    with database.reading() as store:
        what = simulating.open_round(store, plan.key)
    if what is not None:
        simulating.sit(
            database, what, [replace(habit, takes_part=min(habit.takes_part, 0.6)) for habit in habits], house, rng, now
        )
    simulating.tick_through(database, now, house, calendar, rng)
