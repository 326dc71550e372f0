"""Content checked for a person: every finding at once, as one line with its place, in both languages; and schemas for editors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handlers.console.checking import SCHEMAS, findings, write_schemas
from tests.quizzes.content.files import PLAN, bank, single, write


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "banks/a.yaml", bank(single(answer="Z"), single(id="a-2", stem=None)))
    write(tmp_path, "plans.yaml", PLAN.replace("18:00", "08:00"))
    return tmp_path


def test_all_findings_come_at_once_with_file_line_column_and_a_sentence(folder):
    found = findings([folder], "zh")
    assert [(each["file"].rpartition("/")[2], each["code"]) for each in found] == [
        ("a.yaml", "answer_beyond_options"), ("a.yaml", "missing_key"), ("plans.yaml", "closes_before_opens")]  # fmt: skip
    first = found[0]
    assert first["text"].startswith(f"{first['file']}:{first['line']}:{first['column']}: ")
    assert "答案 Z" in first["text"]


def test_english_says_the_same_of_the_same_places(folder):
    zh, en = findings([folder], "zh"), findings([folder], "en")
    assert [(e["line"], e["code"]) for e in zh] == [(e["line"], e["code"]) for e in en]
    assert all(not any("\u4e00" <= sign <= "\u9fff" for sign in each["text"].rpartition(": ")[2]) for each in en)


def test_sound_content_has_no_findings(tmp_path):
    write(tmp_path, "banks/a.yaml", bank())
    write(tmp_path, "plans.yaml", PLAN)
    assert findings([tmp_path], "zh") == []


def test_findings_are_plain_data(folder):
    assert json.loads(json.dumps(findings([folder], "zh"))) == findings([folder], "zh")


def test_a_schema_is_written_for_each_kind_of_file(tmp_path):
    names = write_schemas(tmp_path / "schemas")
    assert len(names) == len(SCHEMAS)
    for name in names:
        assert json.loads(Path(name).read_text(encoding="utf-8"))["type"] == "object"
