"""calendar.yaml."""

from datetime import date

from quizzes.calendar import Overlay
from quizzes.content.overlay_file import read_overlay
from quizzes.content.problems import Problems
from tests.quizzes.content.files import places, write


def read(folder, text):
    problems = Problems("calendar.yaml")
    return read_overlay(write(folder, "calendar.yaml", text), problems), problems.found()


def test_days_off_and_days_worked_and_years_written_out(tmp_path):
    text = "days:\n  - {date: 2026-12-31, off: true, why: 区里统一放假}\n  - {date: 2027-01-03, work: true}\nyears: [2027]\n"
    overlay = Overlay({date(2026, 12, 31): False, date(2027, 1, 3): True}, frozenset({2027}))
    assert read(tmp_path, text) == (overlay, [])


def test_all_mistakes_are_named(tmp_path):
    text = "days:\n  - {date: 2026-12-32, off: true}\n  - {date: 2026-12-31}\n  - {date: 2026-12-30, off: yes}\nyears: [27]\nyear: 1\n"
    assert places(read(tmp_path, text)[1]) == [
        (2, 12, "day_expected"),
        (3, 5, "day_off_or_work"),
        (4, 29, "not_one_of"),
        (5, 9, "number_too_small"),
        (6, 1, "unknown_key_close"),
    ]
