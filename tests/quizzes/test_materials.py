"""A material is a value: equal content is equal, and nobody changes it on its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from quizzes.materials import Material

MATERIAL = Material("m-1", "宪法要点", date(2026, 11, 1), ("宪法 第五条",), "正文。")


def test_two_readings_of_one_file_are_equal_and_may_stand_in_a_set():
    assert {MATERIAL, replace(MATERIAL)} == {MATERIAL}


@pytest.mark.parametrize(
    ("name", "value"),
    [("key", "m-2"), ("title", "要点"), ("as_of", date(2026, 11, 2)), ("cites", ()), ("body", "别的。")],
)
def test_any_field_makes_another_material(name, value):
    assert replace(MATERIAL, **{name: value}) != MATERIAL


def test_it_cannot_be_changed_in_place():
    with pytest.raises(AttributeError):
        MATERIAL.body = "别的。"  # type: ignore[misc]
