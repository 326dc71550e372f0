"""From what pydantic says to a place and plain words."""

from typing import Annotated

from pydantic import Field

from quizzes.content.fitting import fit, known_keys
from quizzes.content.plan_shapes import PlanShape
from quizzes.content.problems import Problems
from quizzes.content.reading import read_node
from quizzes.content.shapes import Day, Key, Name, Shape
from quizzes.content.sources import from_bytes
from tests.quizzes.content.files import places


class Inner(Shape):
    size: Annotated[int, Field(multiple_of=2)] = 2


class Sample(Shape):
    id: Key
    day: Day
    names: Annotated[list[Name], Field(min_length=1)]
    inner: Inner = Inner()


def fitted(text):
    problems = Problems("x")
    shape, sound = fit(Sample, read_node(from_bytes("x", text.encode()), problems), problems, "sample")
    return shape, sound, problems.found()


def test_what_fits_comes_back_as_the_shape():
    shape, sound, problems = fitted("id: 7\nday: '2026-11-01'\nnames: [甲, 30]\n")
    assert (shape.id, shape.names, problems) == ("7", ["甲", "30"], [])
    assert sound == dict(shape)


def test_every_misfit_has_its_own_place_and_the_sound_fields_remain():
    shape, sound, problems = fitted("id: 甲\nday: 明天\nnames:\n  - 甲\n  - no\n  - [x]\ninner: {size: 3, sise: 4}\n")
    assert shape is None
    assert sound == {}
    assert places(problems) == [
        (1, 5, "bad_key"),
        (2, 6, "day_expected"),
        (5, 5, "needs_quotes"),
        (6, 5, "text_expected"),
        (7, 15, "bad_value"),
        (7, 18, "unknown_key_close"),
    ]
    assert problems[-1].values == {"key": "sise", "close": "size"}


def test_sound_fields_are_given_although_others_are_not():
    assert fitted("id: a\nday: x\nnames: [甲]\n")[1] == {"id": "a", "names": ["甲"]}


def test_missing_keys_stand_at_what_should_hold_them():
    assert places(fitted("id: a\n")[2]) == [(1, 1, "missing_key"), (1, 1, "missing_key")]


def test_nothing_more_is_said_about_what_was_refused_already():
    assert places(fitted("id: *a\nday: 2026-11-01\nnames: [甲]\n")[2]) == [(1, 5, "alias_refused")]


def test_a_long_text_is_shown_shortened():
    assert len(fitted(f"id: {'汉' * 300}\nday: 2026-11-01\nnames: [甲]\n")[2][0].values["written"]) == 40


def test_the_keys_of_an_inner_mapping_are_known_also_through_unions_and_lists():
    assert known_keys(PlanShape, ("who", "<mapping>")) == ["units", "categories", "ranks", "enforcement"]
    assert "count" in known_keys(PlanShape, ("paper", "draw", 0))
    assert known_keys(PlanShape, ("paper", "for", 0)) == ["who", "draw"]
    assert known_keys(PlanShape, ("paper",)) == ["draw", "for", "avoid_repeats_days"]
