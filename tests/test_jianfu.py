"""减负 by construction (docs/jianfu.md): the program has no rankings, points, streaks, check-ins or counters of time, and nobody can add
one without arguing for it here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Integer

from handlers.registry import COMMANDS
from handlers.views.pages import VIEWS
from handlers.words import LANGUAGES, words
from quizzes.content.burden_checks import check_burden
from quizzes.content.workspace import read_workspace
from storage.tables import metadata

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    [
        ROOT / "bot.py",
        *(path for room in ("channels", "handlers", "quizzes", "storage") for path in (ROOT / room).rglob("*.py")),
    ]
)

# What may not be said. ---------------------------------------------------------------------------------------------------

FORBIDDEN = {
    "zh": re.compile(
        "排行|排名|榜|积分|打卡|签到|点赞|勋章|奖章|名次|末位|垫底|时长|学时|连续|连胜|活跃|登录率|安装率|使用率|绑定率"
    ),
    "en": re.compile(
        r"leaderboard|\branking|\branked\b|streak|check-ins?\b|\bbadge|\bmedal|study time|time online|reading time|\bactivity\b|usage rate|most active",
        re.IGNORECASE,
    ),
}
SAID = {
    "privacy.short": "says that none of it is recorded",
    "privacy.never": "says that none of it is recorded",
    "binding.bound": "says that none of it is recorded",
    "directory.greeting": "says that none of it is recorded",
    "notice.name_minutes": "考试时长: how long one sitting may take, from the notice; nobody's time is measured against it",
    "notice.form": "the same, in the form",
    "notice.bad_longer_than_open": "the same, in what is wrong with a form",
    "notice.bad_hall_without_minutes": "the same",
    "content.hall_without_minutes": "the same, in what is wrong with a plan",
    "papers.elsewhere": "签到表, as below",
    "papers.made": "签到表: the signature list of an exam room, which proves who sat; it is no daily check-in",
    "papers.making": "the same",
    "papers.file_sign_in": "the same",
    "papers.sign_in_title": "the same",
    "papers.nobody": "the same",
    "papers.room_foot": "the same",
    "help.do_print_papers": "the same",
}
"""Sentences that hold one of these words all the same, and why that is none of what is forbidden."""


def _said(language: str, sentences: dict[str, str]) -> set[str]:
    return {key for key, sentence in sentences.items() if FORBIDDEN[language].search(sentence)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_speaks_of_rankings_points_check_ins_or_time_spent(language: str) -> None:
    assert _said(language, dict(words(language))) - set(SAID) == set()


def test_every_exception_is_still_one() -> None:
    """What is argued for below but no longer needed goes, so that the list stays readable."""
    needed = _said("zh", dict(words("zh"))) | _said("en", dict(words("en")))
    assert set(SAID) - needed == set()
    assert all(SAID.values())


@pytest.mark.parametrize(("language", "sentence"), [
    ("zh", "本周学法排行榜"), ("zh", "您已连续打卡7天，积分+5"), ("zh", "今日学习时长12分钟"), ("zh", "住建局绑定率98%"), ("zh", "请于每日签到"),
    ("en", "You are on a 7-day streak"), ("en", "Leaderboard of units"), ("en", "Study time today: 12 minutes"), ("en", "ranked third of 40"),
])  # fmt: skip
def test_such_a_sentence_would_be_found(language: str, sentence: str) -> None:
    assert _said(language, {"x.y": sentence}) == {"x.y"}


# What may not be named. --------------------------------------------------------------------------------------------------

PARTS = {
    "leaderboard", "leaderboards", "ranking", "rankings", "ranked", "streak", "streaks", "checkin", "checkins", "badge", "badges", "medal",
    "medals", "dwell", "visits", "pageviews", "durations", "studytime", "onlinetime", "likes", "xp", "coins", "karma", "levelup",
}  # fmt: skip
PHRASES = (
    "check_in",
    "last_seen",
    "study_time",
    "time_online",
    "online_time",
    "reading_time",
    "active_days",
    "daily_active",
    "login_count",
)


def _names(source: str) -> Iterator[str]:
    """Every name that a module gives or uses."""
    for node in ast.walk(ast.parse(source)):
        for part in ("name", "id", "attr", "arg"):
            if isinstance(found := getattr(node, part, None), str):
                yield found.lower()


def _named(names: Iterator[str] | set[str]) -> set[str]:
    return {
        name for name in names if set(re.split(r"[_\W]+", name)) & PARTS or any(phrase in name for phrase in PHRASES)
    }


def test_nothing_in_the_program_is_named_after_one() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in SOURCES
        if (names := _named(_names(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


def test_no_command_view_table_or_column_is_one() -> None:
    given = {command.key for command in COMMANDS} | set(VIEWS) | set(words("zh"))
    given |= {table.name for table in metadata.sorted_tables} | {
        f"{column.table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns
    }
    assert _named({name.lower() for name in given}) == set()


@pytest.mark.parametrize(
    "source", ["def leaderboard(): ...", "row.streak_days += 1", "person.last_seen = now", "daily_check_in(turn)"]
)
def test_such_a_name_would_be_found(source: str) -> None:
    assert _named(_names(source))


# What may not be kept. ---------------------------------------------------------------------------------------------------

NUMBERS = {
    "invitation.wrong": "wrong digits typed, so that three lock the link",
    "person.quiet_from": "the hour from which the person asked not to be disturbed", "person.quiet_to": "and to which",
    "enrolment.score": "what was reached", "enrolment.attempts": "sittings used, since the rules limit them", "enrolment.granted": "sittings given in addition",
    "attempt.score": "what one sitting reached", "attempt.place": "the question shown last, to go on there",
    "paper.number": "the how manieth paper", "response.slot": "which question", "open_card.slot": "which question stands open on a card", "response.serial": "which answer to it, since answers may change",
    "rescore.before": "the score before a corrected key", "rescore.after": "and after", "delivery.priority": "what goes out first", "delivery.tries": "tries to send",
    "push.people": "how many a notice was meant for", "push.reachable": "how many it could reach when it was sent",
    "job.done": "how far long work is", "job.total": "of how much", "job.tries": "tries of a worker", "round.avoid_days": "days without repeating a question",
    "round.progress": "how far opening is", "round.failures": "tries that failed", "ruling.item": "which item of a case", "unit.position": "机构序列",
    **{f"round_sum.{name}": "the headcounts of a closed round" for name in ("roster", "exempt", "due", "sat", "passed", "excellent")},
}  # fmt: skip
"""Every number that is kept, and what it is for. A counter of days, visits, minutes or points would have to be argued for here."""


def test_every_number_that_is_kept_is_known_and_none_measures_a_person() -> None:
    kept = {
        f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns
        if type(column.type) is Integer and not column.primary_key
    }  # fmt: skip
    assert kept == set(NUMBERS)


# What may not be ordered by. ---------------------------------------------------------------------------------------------

REACHED = {
    "score",
    "passed",
    "excellent",
    "sat",
    "absent",
    "participation",
    "pass_rate",
    "overall_pass",
    "excellence",
    "attempts",
}
ORDERING = {"order_by", "sorted", "sort", "nlargest", "nsmallest"}


def _orderings(source: str) -> list[str]:
    """The calls that put something in the order of what people or units reached."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or getattr(node.func, "attr", getattr(node.func, "id", "")) not in ORDERING:
            continue
        named = getattr(node.func, "attr", getattr(node.func, "id", ""))
        keys = node.args if named == "order_by" else [each.value for each in node.keywords if each.arg == "key"]
        if any(isinstance(inner, ast.Attribute) and inner.attr in REACHED for key in keys for inner in ast.walk(key)):
            found.append(ast.unparse(node)[:120])
    return found


def test_nothing_is_put_in_the_order_of_what_somebody_reached() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): calls
        for path in SOURCES
        if (calls := _orderings(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize("source", [
    "query.order_by(enrolment.c.score.desc())", "sorted(rows, key=lambda row: row.tally.participation)", "rows.sort(key=lambda row: -row.passed)",
])  # fmt: skip
def test_such_an_order_would_be_found(source: str) -> None:
    assert _orderings(source)


# What is bounded, and what leaders never read. -----------------------------------------------------------------------------


def test_the_plans_that_come_with_the_program_ask_once_a_day_at_most() -> None:
    made = read_workspace(ROOT / "quizzes" / "starter")
    assert made.plans
    assert list(check_burden(made.plans)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_report_to_leaders_speaks_of_bindings_deliveries_or_log_ins(language: str) -> None:
    usage = re.compile(
        {"zh": "绑定|送达|登录|安装|屏蔽", "en": r"\bbound\b|unbound|deliver|log.?in|install|blocked"}[language],
        re.IGNORECASE,
    )
    areas = ("figures.", "returns.", "confirming.", "certificate.")
    assert [key for key, sentence in words(language).items() if key.startswith(areas) and usage.search(sentence)] == []
