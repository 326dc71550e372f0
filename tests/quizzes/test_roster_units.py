"""Units by name."""

from quizzes.people import Unit
from quizzes.roster_rows import RosterRow
from quizzes.roster_units import NewUnit, UnitNames

UNITS = [
    Unit(1, None, "示例区", 0),
    Unit(2, 1, "住房和城乡建设局", 1),
    Unit(3, 1, "司法局", 2),
    Unit(4, 2, "办公室", 1),
    Unit(5, 3, "办公室", 1),
    Unit(6, 1, "卫健局（疾控局）", 3),
]
NAMES = UnitNames(UNITS)


def row(number, unit, parent=""):
    return RosterRow(number, "张三", unit, parent)


def proposed(*rows):
    return NAMES.new_units(rows)


def test_a_unit_is_found_whatever_its_width_and_spaces():
    assert NAMES.candidates(row(2, "司法局")) == [3]
    assert NAMES.candidates(row(2, "卫健局(疾控局)")) == [6]


def test_units_of_one_name_are_told_apart_by_what_stands_above():
    assert NAMES.candidates(row(2, "办公室")) == [4, 5]
    assert NAMES.candidates(row(2, "办公室", "司法局")) == [5]


def test_a_unit_the_tree_lacks_is_proposed_once_with_the_rows_that_name_it():
    assert proposed(row(2, "气象局"), row(3, "司法局"), row(4, "气象局")) == (NewUnit("气象局", "", (2, 4), ()),)


def test_a_near_miss_names_the_unit_it_may_be_a_slip_of():
    assert proposed(row(2, "司法居"))[0].similar == ("司法局",)
    assert proposed(row(2, "住建局"))[0].similar == ("住房和城乡建设局",)
    assert proposed(row(2, "办公室", "气象局"))[1].similar == ("办公室",)


def test_a_new_unit_above_comes_before_those_below_it():
    found = proposed(row(2, "观测站", "气象局"), row(3, "气象局"))
    assert [(unit.name, unit.parent, unit.rows) for unit in found] == [
        ("气象局", "", (2, 3)),
        ("观测站", "气象局", (2,)),
    ]
