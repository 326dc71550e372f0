"""Which column is which."""

import pytest

from quizzes.roster_columns import NAMES, SheetRow, find_columns


def columns_of(*rows):
    return find_columns([SheetRow(number, cells) for number, cells in enumerate(rows, 1)])


@pytest.mark.parametrize(
    "unit", ["单位", "部门", "工作单位", "局办", " 单　位 ", "*单位（必填）", "单位：", "所在单位"]
)
def test_one_column_goes_by_many_names(unit):
    found = columns_of(["序号", "姓名", unit], [1, "张三", "住建局"])
    assert found.places == {"name": 1, "unit": 2}
    assert found.missing == ()


def test_every_field_is_found_by_each_of_its_names():
    for field, names in NAMES.items():
        for name in names:
            assert columns_of([name]).places == {field: 0}


def test_two_names_in_one_header_are_understood():
    found = columns_of(["姓名", "单位/部门", "手机/联系电话", "职务／职级"])
    assert set(found.places) == {"name", "unit", "phone", "rank"}


def test_titles_may_stand_above_the_header():
    found = columns_of(
        ["2026年度干部名册", None], [None], ["填报单位：住建局", "日期"], ["姓名", "单位"], ["张三", "住建局"]
    )
    assert found.header == 3


def test_of_two_columns_for_one_field_the_plainer_name_counts_and_the_other_is_named():
    found = columns_of(["部门", "单位", "姓名", "职务", "职级"])
    assert (found.places["unit"], found.places["rank"]) == (1, 4)
    assert found.unused == ("部门", "职务")


def test_what_is_missing_is_said_by_name():
    assert columns_of(["姓名", "手机"], ["张三", "13800000000"]).missing == ("单位",)
    assert columns_of().missing == ("姓名", "单位")


@pytest.mark.parametrize("header", ["身份证号", "身份证号码", "公民身份号码", "居民身份证号", "证件号码", "身份证"])
def test_a_column_of_id_numbers_is_dropped_by_its_header(header):
    found = columns_of(["姓名", "单位", header], ["张三", "住建局", None])
    assert found.dropped == (header,)
    assert set(found.places) == {"name", "unit"}


@pytest.mark.parametrize(("header", "label"), [(None, "C列"), ("备注", "备注"), ("工号", "工号")])
def test_a_column_of_id_numbers_is_dropped_by_its_content(header, label):
    found = columns_of(
        ["姓名", "单位", header], ["张三", "住建局", "110101199001011234"], ["李四", "住建局", 1.10101199001011e17]
    )
    assert found.dropped == (label,)
    assert set(found.places) == {"name", "unit"}
    assert found.unused == ()


def test_a_licence_number_is_no_id_number_and_an_identity_is_no_identity_card():
    found = columns_of(["姓名", "单位", "执法证件号", "身份"], ["张三", "住建局", "37060012345", "公务员"])
    assert found.dropped == ()
    assert set(found.places) == {"name", "unit", "enforcement", "category"}
