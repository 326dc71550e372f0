"""Sheets of scores as offices fill them in and platforms export them."""

from datetime import date

import pytest

from quizzes.score_sheets import NAMES, ScoreRow, is_score_sheet, marked, points, read_scores

HEAD = ["工号", "姓名", "单位", "得分", "试卷(A/B)", "考试日期", "备注"]


def rows_of(*rows, head=HEAD, sheet="Sheet1"):
    return read_scores(sheet, list(enumerate([head, *rows], 1)))


def test_a_filled_in_row_is_read_whole():
    [row] = rows_of(["T003", " 张　三 ", "住建局", "86.5", "A卷", "2026/12/3", "补考"]).rows
    assert row == ScoreRow(2, "张三", "住建局", "T003", score=8650, letter="A", day=date(2026, 12, 3), note="补考")


@pytest.mark.parametrize(
    ("cell", "score"),
    [
        ("86", 8600),
        ("86.5分", 8650),
        ("８６", 8600),
        ("100", 10000),
        ("0", 0),
        ("86.29999999999999", 8630),
        ("66.666667", 6666),
        ("-5", -500),
    ],
)
def test_a_score_is_hundredths_rounded_down(cell, score):
    assert points(cell) == score


@pytest.mark.parametrize("cell", ["", None, "缺考", "—", "未参加", "/", "免考"])
def test_nothing_and_words_for_it_are_no_score(cell):
    assert points(cell) is None


@pytest.mark.parametrize("cell", ["八十", "86/100", "Infinity", "1e99", "优秀"])
def test_what_is_no_number_is_no_score_and_no_absence(cell):
    with pytest.raises(ValueError):
        points(cell)


def test_a_row_without_a_score_is_absent_and_one_with_zero_is_not():
    absent, zero = rows_of(["", "张三", "", "缺考"], ["", "李四", "", "0"]).rows
    assert (absent.absent, zero.absent, zero.score) == (True, False, 0)


def test_every_cell_that_cannot_be_read_is_named():
    [row] = rows_of(["", "张三", "住建局", "八十", "C", "明天", ""]).rows
    assert row.wrong == (("bad_score", "八十"), ("bad_letter", "C"), ("bad_day", "明天"))


@pytest.mark.parametrize(
    ("cell", "letter", "code"),
    [("a", "A", ""), ("B卷", "B", ""), ("试卷A", "A", ""), ("K3F9TV-B", "B", "K3F9TV"), ("无", "", "")],
)
def test_a_paper_is_named_by_letter_or_by_the_code_on_it(cell, letter, code):
    [row] = rows_of(["", "张三", "", "80", cell]).rows
    assert (row.letter, row.code) == (letter, code)


def test_the_header_may_stand_below_titles_and_goes_by_many_names():
    found = read_scores("成绩", [(1, ["年度考试成绩"]), (3, ["导出时间"]), (5, ["名字", "部门", "最终成绩", "是否合格", "完成时间"]),
                             (6, ["张三", "住建局", "80", "合格", "2026-12-03 10:33:21"])])  # fmt: skip
    assert found.rows == (ScoreRow(6, "张三", "住建局", score=8000, passed=True, day=date(2026, 12, 3)),)
    assert found.dated


def test_an_id_number_is_never_read_wherever_it_stands():
    found = rows_of(["110101199001011234", "张三", "住建局", "80"], head=["身份证号", "姓名", "单位", "得分"])
    assert found.dropped == ("身份证号",)
    assert "110101199001011234" not in repr(found.rows)
    stray = rows_of(
        ["110101199001011234", "张三", "住建局", "80"], ["T1", "李四", "住建局", "70"], ["T2", "王五", "住建局", "70"]
    )
    assert "110101199001011234" not in repr(stray.rows)


def test_sums_and_repeated_headers_are_skipped():
    found = rows_of(HEAD, ["", "合计", "", "160"], ["", "", "", ""], ["", "张三", "", "80"])
    assert [row.name for row in found.rows] == ["张三"]


def test_a_roster_is_no_sheet_of_scores():
    assert not is_score_sheet([(1, ["姓名", "单位", "工号", "手机号"]), (2, ["张三", "住建局", "T1", "13800000001"])])
    assert is_score_sheet([(1, HEAD)])
    with pytest.raises(ValueError):
        read_scores("x", [(1, ["姓名", "单位"])])


def test_an_entry_form_says_its_round_by_the_name_of_its_sheet():
    assert (marked("纸质成绩-12"), marked("纸质成绩-12 (2)"), marked("Sheet1"), marked("")) == (12, 12, None, None)


def test_every_field_is_found_by_each_of_its_names():
    for field in ("score", "day", "passed", "letter"):
        for name in NAMES[field]:
            head = ["姓名", *(["得分"] if field != "score" else []), name]
            [row] = rows_of(["张三", *(["80"] if field != "score" else []), {"day": "2026-12-03", "passed": "是", "letter": "A"}.get(field, "80")],
                            head=head).rows  # fmt: skip
            assert getattr(row, field) in (8000, date(2026, 12, 3), True, "A"), name


def test_a_row_comes_back_from_its_json():
    [row] = rows_of(["T003", "张三", "住建局", "八十", "A", "2026-12-03", "x"]).rows
    assert ScoreRow.from_json(row.to_json()) == row
    zero = ScoreRow(3, "李四", score=0, passed=False)
    assert ScoreRow.from_json(zero.to_json()) == zero
