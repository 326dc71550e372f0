"""A new workspace: what `init` writes, what it refuses to touch, and the secret beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from handlers.console.checking import findings
from handlers.console.starting import init, is_workspace, secret_of
from handlers.messages import BotError

STARTER = Path(__file__).parents[3] / "quizzes" / "starter"


def contents(folder):
    """Every file in a folder: its name from there, and its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_workspace_holds_exactly_the_starter_files_and_says_which(tmp_path):
    named = init(tmp_path / "new")
    assert contents(tmp_path / "new") == contents(STARTER)
    assert sorted(named) == sorted(contents(STARTER))
    assert {"xuefa.toml", "plans.yaml", "calendar.yaml"} <= set(named)


def test_a_new_workspace_has_nothing_to_mend(tmp_path):
    init(tmp_path)
    assert findings([tmp_path], "zh") == []


def test_other_peoples_files_do_not_stand_in_the_way_and_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("ours", encoding="utf-8")
    init(tmp_path)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "ours"


@pytest.mark.parametrize("name", ["xuefa.toml", "plans.yaml", "banks/own.yaml", "materials/own.md"])
def test_a_folder_that_holds_a_workspace_is_refused_and_nothing_is_written(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("own", encoding="utf-8")
    with pytest.raises(BotError, match="not_empty"):
        init(tmp_path)
    assert contents(tmp_path) == {name: b"own"}


def test_a_workspace_is_not_written_twice(tmp_path):
    init(tmp_path)
    (tmp_path / "plans.yaml").write_text("own", encoding="utf-8")
    with pytest.raises(BotError, match="not_empty"):
        init(tmp_path)
    assert (tmp_path / "plans.yaml").read_text(encoding="utf-8") == "own"


def test_a_folder_is_a_workspace_once_anything_of_ours_is_in_it(tmp_path):
    assert not is_workspace(tmp_path)
    assert not is_workspace(tmp_path / "missing")
    (tmp_path / "xuefa.sqlite3").touch()
    assert is_workspace(tmp_path)
    init(tmp_path / "new")
    assert is_workspace(tmp_path / "new")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such file modes")
def test_the_secret_can_be_read_by_its_user_only(tmp_path):
    secret_of(tmp_path)
    assert (tmp_path / ".secret").stat().st_mode & 0o777 == 0o600


def test_the_secret_is_made_once_and_differs_between_workspaces(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    secret = secret_of(tmp_path / "a")
    assert len(secret) == 32
    assert secret_of(tmp_path / "a") == secret
    assert secret_of(tmp_path / "b") != secret
