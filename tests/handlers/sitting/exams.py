"""A formal exam for tests of the conversations around it: three questions, sixty minutes, two days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from sqlalchemy import select

from quizzes.plans import Draw, Plan
from quizzes.questions import Kind, Question
from quizzes.rules import Rules
from storage.tables import enrolment
from tests.engine import QUESTIONS, Engine

RULES = Rules(minutes=60, attempts=2, release="closed")
DAY = date(2026, 11, 23)
EXAM = Plan(
    "exam", "年度学法考试", time(9), time(18), days=(DAY,), closes_after=1, counts="assessed", notice="城南普法〔2026〕3号",
    draw=(Draw(1, Kind.SINGLE), Draw(1, Kind.MULTIPLE), Draw(1, Kind.JUDGE)), rules=RULES,
)  # fmt: skip
CASE = Question(
    "al-1", Kind.CASE, "某局执法人员检查时发现一处违法行为，情节轻微，当事人当场改正。", (), (), "", (),
    items=(
        Question("al-1.1", Kind.SINGLE, "本案应当如何处理？", ("不予处罚", "从重处罚"), ("A",), "轻微并及时改正。", ("行政处罚法 第三十三条",)),
        Question("al-1.2", Kind.JUDGE, "执法人员可以不出示证件。", (), ("F",), "应当出示。", ("行政处罚法 第五十五条",)),
    ),
)  # fmt: skip


def exam(database, plan: Plan = EXAM, questions: tuple[Question, ...] = QUESTIONS, **rules: object) -> Engine:
    """An engine with 张三 and 李四 of 住建局 and the exam of the day, at 08:30."""
    engine = Engine(database).with_bank(*questions)
    for name in ("张三", "李四"):
        engine.person(name, "住建局")
    return engine.with_plan(replace(plan, rules=replace(plan.rules, **rules)))


def begins(engine: Engine, name: str = "张三", **more: object):
    """From 「考试」 to the first card."""
    shown = engine.says(name, "考试", **more)
    return engine.presses(name, shown[-1].choices[0], **more)


def text(replies) -> str:
    """Everything a person was shown, cards too."""
    parts = []
    for reply in replies:
        parts += [reply.text, *(each.label for each in reply.choices)]
        if reply.card:
            parts += [reply.card.heading, reply.card.stem, *reply.card.options]
    return "\n".join(parts)


def answers_all(engine: Engine, name: str = "张三") -> None:
    """The three questions of the paper, right."""
    for _ in range(3):
        engine.answers(name, engine.right(name))


def hands_in(engine: Engine, name: str = "张三", **more: object):
    """「交卷」 and its button."""
    asked = engine.says(name, "交卷", **more)
    return engine.presses(name, asked[-1].choices[0], **more)


def rows(engine: Engine, table, *columns):
    """What a table holds, by number."""
    return [
        tuple(row) for row in engine.read(lambda store: store.rows(select(*columns or table.c).order_by(table.c.id)))
    ]


def line(engine: Engine, name: str = "张三"):
    """Somebody's line on the roster."""
    mine = enrolment.c.person_id == engine.people[name]
    return engine.read(lambda store: store.row(select(enrolment).where(mine)))
