"""What the tests of scores from outside share: an officer, a second person, and people who sat on paper."""

from __future__ import annotations

import io
from datetime import time

import xlsxwriter

from handlers.messages import File, Reply
from handlers.spreadsheets import MEDIA_TYPE
from quizzes.plans import Draw, Plan
from quizzes.questions import Kind
from quizzes.rules import Rules
from tests.engine import QUESTIONS, Engine

HEAD = ("工号", "姓名", "单位", "得分", "试卷", "考试日期")
DAY = "2026-11-23"
EXAM = Plan(
    "exam", "年度学法考试", time(9), time(18), closes_after=7, counts="assessed", notice="城南普法〔2026〕3号",
    draw=(Draw(1, Kind.SINGLE), Draw(1, Kind.MULTIPLE), Draw(1, Kind.JUDGE)), rules=Rules(release="handed_in"),
)  # fmt: skip


def office(database: object) -> Engine:
    """王敏 the officer and 周杰 the auditor on the web; 张三 and 李四 of 住建局, 吴九 of 司法局; an exam open since 09:00."""
    engine = Engine(database).with_bank(*QUESTIONS)  # type: ignore[arg-type]
    engine.person("王敏", "司法局", channel="web", role="admin", staff_no="T001", phone="")
    engine.person("周杰", "政府办", channel="web", role="auditor", staff_no="T002", phone="")
    for number, (name, unit) in enumerate((("张三", "住建局"), ("李四", "住建局"), ("吴九", "司法局")), 3):
        engine.person(name, unit, channel="telegram" if name == "张三" else "", staff_no=f"T{number:03d}", phone="")
    engine.with_plan(EXAM).at("09:00")
    engine.delivered("web")
    return engine


def sheet(
    *rows: tuple[object, ...], head: tuple[str, ...] = HEAD, title: str = "纸质成绩-1", name: str = "成绩.xlsx"
) -> File:
    """An .xlsx of these rows; by its sheet's name an entry form of round 1."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet(title)
        for number, row in enumerate([head, *rows]):
            page.write_row(number, 0, row)
    return File(name, MEDIA_TYPE, out.getvalue())


def drop(engine: Engine, file: File, *, who: str = "王敏", channel: str = "web") -> Reply:
    """Drop a file, let the worker read it, and give what it says."""
    engine.sends(who, file, channel=channel)
    engine.settle()
    return [parcel.reply for parcel in engine.delivered(channel) if parcel.kind == "answer"][-1]


def say(engine: Engine, who: str, text: str, *, channel: str = "web") -> Reply:
    """What somebody says, and the reply."""
    return engine.says(who, text, channel=channel)[0]


def told(engine: Engine) -> list[str]:
    """What reaches the web after everything due has happened."""
    engine.settle()
    return [parcel.reply.text for parcel in engine.delivered("web")]


def entered(engine: Engine, *rows: tuple[object, ...]) -> int:
    """A sheet dropped and sent for checking; gives the number of its batch."""
    reply = drop(engine, sheet(*rows))
    [send] = [each for each in reply.choices if each.says.startswith("送核对")]
    say(engine, "王敏", send.says)
    return int(send.says.split()[1])


def confirmed(engine: Engine, *rows: tuple[object, ...]) -> int:
    """The same, confirmed by 周杰 and applied."""
    number = entered(engine, *rows)
    shown = say(engine, "周杰", f"核对成绩 {number}")
    say(engine, "周杰", shown.choices[0].says)
    engine.settle()
    return number
