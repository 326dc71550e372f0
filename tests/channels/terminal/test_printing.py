"""What commands print: on the right stream, as it is, and for programs as JSON."""

from __future__ import annotations

import json
from datetime import date

import pytest

from channels.terminal import printing


def test_a_table_shows_every_cell_and_its_title(capsys):
    printing.table("第 1 期", ["单位", "应考"], [["住建局", 186], ["司法局", None]], as_json=False)
    shown = capsys.readouterr().out
    for word in ("第 1 期", "单位", "应考", "住建局", "186", "司法局"):
        assert word in shown


@pytest.mark.parametrize("cell", ["住建局[red]", "a.yaml:100:5", "[/]"])
def test_cells_come_out_as_they_are(capsys, cell):
    printing.table(cell, [cell], [[cell]], as_json=False)
    assert capsys.readouterr().out.count(cell) == 3


def test_a_table_for_programs_is_a_list_of_objects(capsys):
    printing.table("", ["单位", "应考"], [["住建局", 186]], as_json=True, keys=("unit", "due"))
    assert json.loads(capsys.readouterr().out) == [{"unit": "住建局", "due": 186}]
    printing.table("", ["单位"], [["住建局"]], as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"单位": "住建局"}]


def test_an_empty_table_for_programs_is_an_empty_list(capsys):
    printing.table("", ["单位"], [], as_json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_a_row_that_does_not_fit_its_columns_is_a_bug():
    with pytest.raises(ValueError):
        printing.table("", ["a", "b"], [["1"]], as_json=True)


def test_json_keeps_chinese_and_writes_dates_as_text(capsys):
    printing.data({"日": date(2026, 12, 4)})
    shown = capsys.readouterr().out
    assert "日" in shown
    assert json.loads(shown) == {"日": "2026-12-04"}


@pytest.mark.parametrize(
    "line", ["[bold]不是标记[/bold]", ":smile:", "a.yaml:100:5: 错", "a" * 1000, "https://a.cn/[x]?y=1", "一\n二"]
)
def test_lines_come_out_as_they_are(capsys, line):
    printing.say(line)
    printing.findings([line])
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == (f"{line}\n", f"{line}\n")


def test_findings_go_to_the_other_stream_so_that_output_can_be_piped(capsys):
    printing.findings(["a.yaml:1:1: 错"])
    assert capsys.readouterr().out == ""


def test_progress_is_told_and_leaves_nothing_behind_on_the_output(capsys):
    with printing.progress("{done}/{total}") as tell:
        for done in range(3):
            tell(done, 2)
    assert capsys.readouterr().out == ""
