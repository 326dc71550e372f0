"""The story of a season, told to its end and judged: what the officer decides, on which day, and what must hold afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from quizzes.rounds import State
from storage import figures, rounds
from storage.database import Database
from tests.season import judging, play
from tests.season.play import Season
from tests.season.recount import Recount
from tests.season.town import Inhabitant


def day(month: int, number: int, hour: int, minute: int = 0) -> datetime:
    """An hour of Shanghai in 2026."""
    return datetime(2026, month, number, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def tell(database: Database, path: Path, count: int, bureaux: int, seed: int = 2026) -> dict[str, Any]:
    """Play and judge. Raises AssertionError for whatever does not hold; gives what it came to."""
    season = play.begin(database, count, bureaux, seed)
    recount = Recount(path)
    try:
        return _tell(season, recount, max(2, count // 100))
    finally:
        recount.close()
        season.town.close()


def _tell(season: Season, recount: Recount, some: int) -> dict[str, Any]:
    season.run(day(11, 23, 8, 50))
    _exempts(season, some)
    season.run(day(11, 24, 10))
    what = play.the_round(season)
    joined = _joins(season, some, what.id)
    season.run(day(11, 26, 11))
    left = _leaves(season, some, what.id)
    season.run(day(11, 27, 15))
    changed = season.decides(f"改判 {what.id} s-0 B 原答案有误", "确认改判")
    assert "改判完成" in changed
    season.run(day(12, 1, 12))
    midway = judging.nobody_is_missing_without_a_reason(season, what)
    season.run(day(12, 4, 17, 50))
    at_last = judging.nobody_is_missing_without_a_reason(season, what)
    season.run(day(12, 4, 19))
    assert play.the_round(season).state is State.CLOSED
    judging.figures_stand(season, recount)
    again = _makes_up(season, what.id)
    compared = judging.figures_stand(season, recount)
    total = recount.bureaux(what.id, (again,)).values()
    return {
        "people": len(season.town.people), "compared": compared, "due": sum(c.due for c in total), "sat": sum(c.sat for c in total),
        "passed": sum(c.passed for c in total), "exempt": sum(c.exempt for c in total), "joined": joined, "left": left,
        "answers": judging.every_answer_is_kept(season, what), "most_touches": judging.nobody_is_over_budget(season),
        "reminders": judging.nothing_was_asked_outside_hours(season), "in_outages": season.notes["tried in an outage"],
        "missing_midway": {str(k): n for k, n in midway.items()}, "missing_at_last": {str(k): n for k, n in at_last.items()},
        "after_finishing": judging.nobody_is_reminded_after_finishing(season),
    }  # fmt: skip


def _others(season: Season, most: int) -> list[Inhabitant]:
    """Some people who are neither the officer nor a liaison."""
    plain = [who for who in season.town.people.values() if who.name.startswith("干部")]
    return season.rng.sample(plain, most)


def _exempts(season: Season, some: int) -> None:
    """Approved before the opening; every third of them sits all the same, and then counts."""
    for number, who in enumerate(_others(season, some)):
        season.decides(f"免考 {who.id} 2026-11-01 - 长期病假", "确认")
        if number % 3:
            season.excused.add(who.id)


def _joins(season: Season, some: int, round_id: int) -> int:
    """People who come after the opening: all may sit, half are added to 应考 by an approved row."""
    bureaux = list(season.town.units)
    for number in range(some):
        who = season.town.joins(f"新人{number}", bureaux[number % len(bureaux)], "both")
        season.at(season.engine.now + timedelta(days=2, minutes=number), lambda who=who: season.sits(who))  # type: ignore[misc]
        if number % 2:
            season.decides(f"补录 {round_id} {who.id} 新调入，按通知应参加", "确认")
    return some


def _leaves(season: Season, some: int, round_id: int) -> int:
    """People who go: only an approved row takes them out, and whoever has sat stays."""
    for who in _others(season, some):
        page = season.decides(f"离职 {round_id} {who.id} 辞职，已办手续")
        if "没有可减的" in page[-1200:] or "确认" not in page[-1200:]:
            season.notes["stayed in 应考"] += 1
            continue
        season.decides("场次", "确认")
    return some


def _makes_up(season: Season, round_id: int) -> int:
    """The make-up for whoever was absent or failed: arranged with one confirm, sat by most of them, and closed."""
    season.run(day(12, 5, 10))
    page = season.decides(f"补考 {round_id}", "确认补考：全部")
    assert "已安排补考" in page
    [again] = season.engine.read(lambda s: figures.makeups(s, round_id))
    owing = [
        who
        for who in season.town.people.values()
        if not season.engine.read(lambda s, w=who: _passed(s, round_id, w.id))
    ]
    for who in owing:
        if season.rng.random() < 0.7:
            at = again.opens_at + timedelta(minutes=season.rng.uniform(5, 1200))
            season.at(at, lambda who=who: season.sits(who))  # type: ignore[misc]
    season.run(again.closes_at + timedelta(hours=1))
    assert season.engine.read(lambda s: rounds.get(s, again.id)).state is State.CLOSED
    return again.id


def _passed(store: Any, round_id: int, person_id: int) -> bool:
    found = figures.result_of(store, [round_id], person_id)
    return bool(found and found[3])
