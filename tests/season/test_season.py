"""A small season, whole: every figure recounted, every message inside hours and budget, everybody missing with a reason."""

from __future__ import annotations

from storage import schema
from storage.database import open_database
from tests.season import play, story
from tests.season.recount import Counted


def test_a_season_of_a_few_ends_with_every_figure_recounted_from_the_answers(tmp_path):
    path = tmp_path / "xuefa.sqlite3"
    database = open_database(f"sqlite:///{path}", create=True)
    try:
        schema.upgrade(database)
        found = story.tell(database, path, 70, 4)
    finally:
        database.close()
    assert found["compared"] > 30
    assert 0 < found["passed"] <= found["sat"] < found["due"] < found["people"]
    assert found["exempt"] >= 1
    assert found["answers"] > 300
    assert found["in_outages"] > 0
    assert sum(found["missing_midway"].values()) > sum(found["missing_at_last"].values()) > 0


def test_the_night_passes_in_long_steps_and_the_day_in_short_ones():
    evening = story.day(11, 23, 20)
    assert play.following(story.day(11, 23, 9)) - story.day(11, 23, 9) == play.STEP
    assert play.following(evening) > evening + play.STEP
    assert play.outage(story.day(11, 25, 11)) == story.day(11, 25, 12)
    assert play.outage(story.day(11, 25, 12)) is None


def test_counts_add_up():
    total = Counted(1, 1, 1, 0, 0)
    total.add(Counted(2, 1, 0, 0, 1))
    assert total == Counted(3, 2, 1, 0, 1)
