"""The command line: exit codes, both languages, JSON that programs can read, and no traceback for what a person can mend."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from channels.terminal import commands
from handlers.messages import BotError
from handlers.words import say

ROUNDS = [[1, "daily", "每日一题", "2026-12-04", "open", 186, 184, 183]]
REPORT = ["住建局", 195, 9, 186, 184, 183, 100, "98.92%", "99.45%", "98.38%", "54.34%"]
FINDING = {"file": "a.yaml", "line": 1, "column": 2, "code": "missing_key", "text": "a.yaml:1:2: 缺少 stem"}


class Script:
    """Actions that follow a script: `gives` by name, or `raises`; `asked` is what was asked of them."""

    def __init__(self, **gives: Any) -> None:
        self.gives, self.asked, self.raises = gives, [], None

    def words(self, language: str, code: str, **values: object) -> str:
        return say(language, code, **values)

    def is_workspace(self, folder: Path) -> bool:
        return bool(self.gives.get("is_workspace"))

    def check(self, paths, language):
        return self._does("check", paths, language)

    def schemas(self, folder):
        return self._does("schemas", folder)

    def init(self, folder):
        return self._does("init", folder)

    def run(self, folder, port, ready):
        self._does("run", folder, port)
        ready("http://127.0.0.1:8000", self.gives.get("problems", []))

    def demo(self, port, language, ready, progress):
        self._does("demo", port, language)
        progress(1, 2)
        progress(2, 2)
        ready("http://127.0.0.1:8000", [("干部", "http://127.0.0.1:8000/enter/x")])

    def order(self, folder, name, **asked):
        return self._does("order", folder, name, asked)

    def look(self, folder, name, **asked):
        return self._does("look", folder, name, asked)

    def backup(self, folder, target, *, restore=False):
        return self._does("backup", folder, target, restore)

    def announce(self, folder, text, wanted, *, really):
        return self._does("announce", folder, text, wanted, really)

    def bench(self, name):
        return self._does("bench", name)

    def _does(self, what: str, *given: Any) -> Any:
        self.asked.append((what, *given))
        if self.raises:
            raise self.raises
        return self.gives.get(what)


@pytest.fixture
def xuefa(monkeypatch, capsys):
    """Type a command line; gives (exit code, stdout, stderr)."""
    for name in ("XUEFA_WORKSPACE", "XUEFA_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)

    def typed(actions: Script, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["xuefa", *words])
        code = commands.run(actions)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return typed


# Exit codes. -----------------------------------------------------------------------------------------------------------


def test_a_clean_check_is_success_and_a_finding_is_one(xuefa):
    assert xuefa(Script(check=[]), "check")[0] == 0
    code, out, err = xuefa(Script(check=[FINDING]), "check", "banks")
    assert code == 1
    assert err == "a.yaml:1:2: 缺少 stem\n"
    assert "发现 1 处问题" in out


@pytest.mark.parametrize("words", [
    ("nonsense",), ("check", "--nonsense"), ("round",), ("round", "close", "three"), ("roster",), ("run", "--port", "x"), ("report",),
    ("invite", "张三"),
], ids=" ".join)  # fmt: skip
def test_wrong_use_is_two_and_asks_nothing_of_anybody(xuefa, words):
    actions = Script()
    code, _, err = xuefa(actions, *words)
    assert code == 2
    assert actions.asked == []
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "words", [(), ("run",), ("check",), ("round",), ("round", "open"), ("report",), ("backup",), ("bench",)], ids=str
)
def test_every_command_explains_itself(xuefa, words):
    code, out, _ = xuefa(Script(), *words, "--help")
    assert code == 0
    assert "Usage" in out


@pytest.mark.parametrize(("fine", "code"), [(True, 0), (False, 1)])
def test_a_doctor_and_a_verification_that_find_something_are_one(xuefa, fine, code):
    assert xuefa(Script(look=[(True, "好"), (fine, "某事")]), "doctor")[0] == code
    assert xuefa(Script(look=[] if fine else ["第 1 号不一致"]), "verify")[0] == code
    assert xuefa(Script(order={"text": "差异", "clean": fine}), "roster", "a.xlsx")[0] == code


@pytest.mark.parametrize(
    "words",
    [("check",), ("run",), ("demo",), ("init", "x"), ("round", "open", "daily"), ("report", "1"), ("doctor",)],
    ids=" ".join,
)
def test_what_a_person_can_mend_is_said_in_both_languages_without_a_traceback(xuefa, words):
    actions = Script()
    actions.raises = BotError("terminal.port_taken", port=8000)
    code, _, err = xuefa(actions, *words)
    assert code == 1
    assert say("zh", "terminal.port_taken", port=8000) in err
    assert say("en", "terminal.port_taken", port=8000) in err
    assert "Traceback" not in err


def test_a_bug_is_not_swallowed(xuefa):
    actions = Script()
    actions.raises = RuntimeError("a bug")
    with pytest.raises(RuntimeError):
        xuefa(actions, "check")


# Output. ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "gives", "expected"), [
    (("check",), {"check": [FINDING]}, [FINDING]),
    (("round", "list"), {"look": ROUNDS}, [dict(zip(("id", "plan", "title", "day", "state", "due", "sat", "passed"), ROUNDS[0], strict=True))]),
    (("bench", "answer"), {"bench": {"rate": 9000, "p99_ms": 3.1}}, {"rate": 9000, "p99_ms": 3.1}),
    (("doctor",), {"look": [(True, "好"), (False, "坏")]}, [{"fine": True, "text": "好"}, {"fine": False, "text": "坏"}]),
], ids=["check", "round list", "bench", "doctor"])  # fmt: skip
def test_json_is_all_there_is_on_the_output(xuefa, words, gives, expected):
    _, out, err = xuefa(Script(**gives), *words, "--json")
    assert json.loads(out) == expected
    assert err == ""


def test_a_report_as_json_names_its_figures(xuefa):
    code, out, _ = xuefa(Script(look={"title": "第 1 期", "rows": [REPORT]}), "report", "1", "--format", "json")
    [line] = json.loads(out)
    assert code == 0
    assert (line["unit"], line["due"], line["sat"], line["participation"]) == ("住建局", 186, 184, "98.92%")
    assert set(line) == set(commands.FIGURES)


@pytest.mark.parametrize(("language", "word"), [("zh", "单位"), ("en", "Unit")])
def test_a_report_is_a_table_in_either_language(xuefa, language, word):
    _, out, _ = xuefa(Script(look={"title": "T", "rows": [REPORT]}), "report", "1", "--language", language)
    assert word.lower() in out.lower()
    assert "98.92%" in out


def test_the_language_may_stand_in_the_environment(xuefa, monkeypatch):
    monkeypatch.setenv("XUEFA_LANGUAGE", "en")
    actions = Script(check=[])
    xuefa(actions, "check")
    monkeypatch.delenv("XUEFA_LANGUAGE")
    assert actions.asked[0][2] == "en"


def test_a_report_in_a_file_says_where_it_is(xuefa, tmp_path):
    target = tmp_path / "a.xlsx"
    code, out, _ = xuefa(Script(look={"content": b"xlsx"}), "report", "1", "--format", "xlsx", "-o", str(target))
    assert (code, out, target.read_bytes()) == (0, f"{target}\n", b"xlsx")


def test_a_report_that_cannot_be_written_is_wrong_use_and_no_traceback(xuefa, tmp_path):
    code, _, err = xuefa(
        Script(look={"content": b"x"}), "report", "1", "--format", "xlsx", "-o", str(tmp_path / "none" / "a.xlsx")
    )
    assert code == 2
    assert "--output" in err


@pytest.mark.parametrize("really", [False, True])
def test_an_announcement_says_to_how_many_it_goes_and_goes_only_when_that_is_said(xuefa, really):
    actions = Script(announce=[("住建局", 37), ("新任干部", 5)])
    words = ("announce", "大家好", "--department", "住建局", "--tag", "新任干部", *(["--send"] if really else []))
    code, out, _ = xuefa(actions, *words)
    assert code == 0
    wanted = {"departments": ["住建局"], "tags": ["新任干部"], "everybody": False}
    assert actions.asked == [("announce", commands.HERE, "大家好", wanted, really)]
    assert "住建局：37 人" in out
    assert say("zh", "terminal.announced" if really else "terminal.announce_hint") in out


@pytest.mark.parametrize("words", [("大家好",), ("  ", "--everybody"), ("大家好", "--everybody", "--tag", "甲")])
def test_an_announcement_to_nobody_or_of_nothing_is_wrong_use(xuefa, words):
    actions = Script(announce=[])
    code, _, err = xuefa(actions, "announce", *words)
    assert code == 2
    assert "--department" in err
    assert actions.asked == []


# What is asked of the actions. -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "asked"), [
    (("round", "open", "daily"), ("order", commands.HERE, "round.open", {"plan": "daily", "language": "zh"})),
    (("round", "close", "3", "--workspace", "w"), ("order", Path("w"), "round.close", {"number": 3, "language": "zh"})),
    (("round", "preview", "daily", "张三"), ("look", commands.HERE, "preview", {"plan": "daily", "person": "张三", "language": "zh"})),
    (("invite", "张三", "--unit", "住建局"), ("order", commands.HERE, "invite", {"person": "张三", "unit": "住建局"})),
    (("report", "3", "--format", "png"), ("look", commands.HERE, "report", {"number": 3, "form": "png", "language": "zh"})),
    (("verify", "--language", "en"), ("look", commands.HERE, "verify", {"language": "en"})),
], ids=lambda part: " ".join(part) if isinstance(part[0], str) and part[0] not in ("order", "look") else "")  # fmt: skip
def test_a_command_asks_what_it_says(xuefa, words, asked):
    gives = {"order": "好", "look": {"title": "", "rows": []} if "report" in words else []}
    actions = Script(**gives)
    assert xuefa(actions, *words)[0] == 0
    assert actions.asked == [asked]


@pytest.mark.parametrize(("fine", "code"), [(True, 0), (False, 1)])
def test_a_document_is_verified_by_its_code(xuefa, fine, code):
    actions = Script(look={"fine": fine, "lines": ["证书有效", "姓名  张*"]})
    result, out, _ = xuefa(actions, "verify", "7K3M-9WXZ")
    assert (result, out) == (code, "证书有效\n姓名  张*\n")
    assert actions.asked == [("look", commands.HERE, "confirm", {"code": "7K3M-9WXZ", "language": "zh"})]


def test_a_roster_is_only_compared_until_it_is_to_be_applied(xuefa):
    for words, apply in ((("a.xlsx",), False), (("a.xlsx", "--apply"), True)):
        actions = Script(order={"text": "差异", "clean": True})
        _, out, _ = xuefa(actions, "roster", *words)
        assert out == "差异\n"
        [(_, _, name, asked)] = actions.asked
        assert (name, asked["apply"], asked["file"]) == ("roster", apply, str(Path("a.xlsx").absolute()))


@pytest.mark.parametrize(("word", "restore"), [("backup", False), ("restore", True)])
def test_a_backup_is_told_in_both_languages(xuefa, word, restore):
    actions = Script(backup=("terminal.backup_exists", {"path": "a.db"}))
    code, out, _ = xuefa(actions, word, "a.db")
    assert code == 0
    assert actions.asked == [("backup", commands.HERE, Path("a.db"), restore)]
    assert out.splitlines() == [say(language, "terminal.backup_exists", path="a.db") for language in ("zh", "en")]


# Serving. --------------------------------------------------------------------------------------------------------------


def test_in_a_workspace_the_bare_word_serves_it_and_elsewhere_says_how_to_begin(xuefa):
    actions = Script(is_workspace=True)
    code, out, _ = xuefa(actions)
    assert (code, actions.asked) == (0, [("run", commands.HERE, None)])
    assert "http://127.0.0.1:8000" in out
    elsewhere = Script()
    code, out, _ = xuefa(elsewhere)
    assert (code, elsewhere.asked) == (0, [])
    assert "xuefa init" in out
    assert "xuefa demo" in out


def test_serving_says_which_content_was_left_as_it_was(xuefa):
    code, out, err = xuefa(Script(problems=["a.yaml:1:1: 错"]), "run", "--port", "8001")
    assert code == 0
    assert "a.yaml:1:1: 错" in err
    assert "http://127.0.0.1:8000" in out


def test_a_role_that_will_come_later_says_so(xuefa):
    actions = Script()
    assert xuefa(actions, "run", "--role", "send")[0] == 1
    assert actions.asked == []


def test_the_demo_prints_a_door_for_every_role(xuefa):
    code, out, _ = xuefa(Script(), "demo", "--language", "en")
    assert code == 0
    assert "  干部\n    http://127.0.0.1:8000/enter/x\n" in out


def test_a_new_workspace_says_what_it_wrote_and_what_comes_next(xuefa):
    code, out, _ = xuefa(Script(init=["xuefa.toml", "banks/a.yaml"]), "init", "w")
    assert code == 0
    assert "xuefa.toml" in out
    assert "xuefa invite" in out


def test_schemas_name_their_files(xuefa):
    assert xuefa(Script(schemas=["w/bank.schema.json"]), "schemas", "w") == (0, "w/bank.schema.json\n", "")
