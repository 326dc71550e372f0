"""Every conversation in `tests/transcripts` happens as written, on the real engine, within every channel's limits; and between
them they go through every command."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from handlers.registry import COMMANDS, TOPICS
from handlers.rights import RIGHTS
from quizzes.people import RoleName
from storage.database import open_database
from tests.transcripts.playing import Play, Reached

FILES = sorted(Path(__file__).parent.joinpath("transcripts").glob("*.txt"))
PLAYED: dict[Path, set[Reached]] = {}


def _on(path: Path) -> str:
    return "postgres" if "数据库：PostgreSQL" in path.read_text(encoding="utf-8") else "sqlite"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.postgres] if _on(path) == "postgres" else [])
        for path in FILES
    ],
)
def test_it_happens_as_written(path: Path, request: pytest.FixtureRequest) -> None:
    PLAYED[path] = Play(request.getfixturevalue(_on(path))).perform(path)


@pytest.fixture(scope="module")
def reached(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> set[Reached]:
    """What all transcripts go through; those that were not played in this run are played now, on SQLite."""
    for path in FILES:
        if path not in PLAYED:
            copy = tmp_path_factory.mktemp("play") / "xuefa.db"
            shutil.copyfile(sqlite_template, copy)
            database = open_database(f"sqlite:///{copy}")
            PLAYED[path] = Play(database).perform(path)
            database.close()
    return set().union(*PLAYED.values())


def test_every_command_appears_in_a_chinese_transcript(reached: set[Reached]) -> None:
    assert not [each.key for each in COMMANDS if Reached(each.key, "zh") not in reached]


def test_what_cadres_and_leaders_say_appears_in_an_english_one_too(reached: set[Reached]) -> None:
    theirs = [each.key for each in COMMANDS if {RoleName.CADRE, RoleName.LEADER} & set(RIGHTS[each.right])]
    assert not [key for key in theirs if Reached(key, "en") not in reached]


def test_every_conversation_of_several_messages_appears(reached: set[Reached]) -> None:
    assert not [topic for topic in TOPICS if Reached(f"topic:{topic}", "zh") not in reached]


def test_every_transcript_says_in_its_first_line_what_it_shows() -> None:
    assert not [path.name for path in FILES if not path.read_text(encoding="utf-8").startswith("# ")]
