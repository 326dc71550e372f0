"""A department is a unit by its path, never by a name that other bureaux have too."""

from __future__ import annotations

import pytest

from quizzes.departments import Departments, Place
from quizzes.people import Unit

HOUSING, JUSTICE, STATION, OFFICE_H, OFFICE_J, LEGAL = 2, 3, 4, 5, 6, 7
UNITS = [
    Unit(1, None, "示例区", 0),
    Unit(HOUSING, 1, "住建局", 1),
    Unit(JUSTICE, 1, "司法局", 2),
    Unit(STATION, HOUSING, "质安站", 1),
    Unit(OFFICE_H, HOUSING, "办公室", 2),
    Unit(OFFICE_J, JUSTICE, "办公室", 1),
    Unit(LEGAL, JUSTICE, "法制科", 2),
]


def place(*path, others=(("示例区政府", "住建局"), ("示例区政府", "司法局"))):
    return Departments(UNITS, [path, *others]).place(path)


def unit(*path, **more):
    return place(*path, **more).unit_id


def test_the_deepest_unit_of_the_tree_on_the_path_is_meant():
    assert place("示例区政府", "住建局", "质安站") == Place(STATION, "质安站", "住建局")
    assert place("示例区政府", "住建局") == Place(HOUSING, "住建局", "示例区")


def test_the_platforms_name_for_the_whole_is_no_department():
    assert unit("示例区政府", "住建局") == HOUSING
    assert place("示例区政府") == Place(None, "")


def test_the_districts_own_name_at_the_top_is_known():
    others = (("示例区", "住建局"),)
    assert unit("示例区", "司法局", "办公室", others=others) == OFFICE_J
    assert place("示例区", others=others) == Place(1, "示例区")


def test_a_name_that_several_bureaux_have_is_the_one_below_the_bureau():
    assert unit("示例区政府", "住建局", "办公室") == OFFICE_H
    assert unit("示例区政府", "司法局", "办公室") == OFFICE_J


def test_a_department_the_tree_does_not_have_stands_for_its_bureau():
    assert unit("示例区政府", "住建局", "人事科") == HOUSING
    assert unit("示例区政府", "住建局", "直属单位", "质安站") == STATION


def test_a_bureau_the_tree_does_not_have_is_new_and_its_office_is_not_anothers():
    assert place("示例区政府", "文旅局", "法制科") == Place(None, "文旅局")
    assert place("示例区", "文旅局", "法制科", others=(("示例区", "住建局"),)) == Place(None, "文旅局")


def test_a_bureau_below_a_heading_of_the_platforms_own_is_found():
    assert unit("示例区政府", "政府部门", "住建局") == HOUSING


def test_the_one_bureau_that_is_visible_is_no_name_for_the_whole():
    others = (("文旅局",), ("文旅局", "办公室"))
    assert place("文旅局", "办公室", others=others) == place("文旅局", others=others) == Place(None, "文旅局")


def test_a_new_bureau_below_the_platforms_name_for_the_whole_is_named_without_it():
    assert place("示例区政府", "文旅局") == Place(None, "文旅局")


@pytest.mark.parametrize("path", [(), ("",), ("  ",)])
def test_a_path_that_says_nothing_means_nothing(path):
    assert place(*path) == Place(None, "")


def test_a_directory_of_one_bureau_is_read_from_that_bureau_down():
    others = (("住建局", "质安站"),)
    assert unit("住建局", "质安站", others=others) == STATION
    assert unit("住建局", others=others) == HOUSING


def test_spaces_and_width_do_not_matter():
    assert unit("示例区政府", "住 建 局", "质安站 ") == STATION


def test_everything_above_a_unit():
    assert Departments(UNITS, []).above(STATION) == [HOUSING, 1]
