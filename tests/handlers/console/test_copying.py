"""Backup and restore as commands say them: what was copied, or why not; nothing is ever overwritten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.console import copying
from handlers.messages import BotError
from handlers.words import say
from storage import keep
from storage.database import open_database
from tests.engine import DAILY, QUESTIONS, Engine

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def answered(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(DAILY).at("09:00")
    engine.says("张三", "今日答题")
    for _ in range(3):
        engine.answers("张三", engine.right("张三"))
    return engine


def refusal(run, *arguments):
    with pytest.raises(BotError) as caught:
        run(*arguments)
    assert say("zh", caught.value.code, **caught.value.values)
    return caught.value.code


def test_a_backup_of_a_database_in_use_is_checked_and_comes_back(answered, tmp_path):
    code, values = copying.backup(answered.database, tmp_path / "backup.db")
    assert "3" in say("zh", code, **values)
    code, values = copying.restore(tmp_path / "backup.db", tmp_path / "new.db", NOW)
    assert "3" in say("zh", code, **values)
    again = Engine(
        open_database(f"sqlite:///{tmp_path / 'new.db'}"),
        now=answered.now,
        people=answered.people,
        events=answered.events,
    )
    assert "100 分" in again.says("张三", "今日答题")[0].text
    again.database.close()


def test_an_existing_file_is_not_overwritten(answered, tmp_path):
    (tmp_path / "backup.db").write_bytes(b"precious")
    assert refusal(copying.backup, answered.database, tmp_path / "backup.db") == "terminal.backup_exists"
    copying.backup(answered.database, tmp_path / "good.db")
    assert refusal(copying.restore, tmp_path / "good.db", tmp_path / "backup.db", NOW) == "terminal.restore_exists"
    assert (tmp_path / "backup.db").read_bytes() == b"precious"


def test_what_is_no_backup_is_not_restored(tmp_path):
    (tmp_path / "x.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    (tmp_path / "y.db").write_text("hello")
    for name in ("x.db", "y.db"):
        assert refusal(copying.restore, tmp_path / name, tmp_path / "new.db", NOW) == "terminal.backup_broken"
    assert refusal(copying.restore, tmp_path / "none.db", tmp_path / "new.db", NOW) == "terminal.file_missing"
    assert not (tmp_path / "new.db").exists()


def test_a_backup_that_was_tampered_with_is_not_restored(answered, tmp_path):
    copying.backup(answered.database, tmp_path / "backup.db")
    content = bytearray((tmp_path / "backup.db").read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    (tmp_path / "backup.db").write_bytes(content)
    assert refusal(copying.restore, tmp_path / "backup.db", tmp_path / "new.db", NOW) == "terminal.backup_broken"
    assert not (tmp_path / "new.db").exists()


def test_a_folder_that_is_not_there_is_said(answered, tmp_path):
    assert refusal(copying.backup, answered.database, tmp_path / "no/where.db") == "terminal.backup_broken"


def test_postgres_has_its_own_tools(postgres, tmp_path):
    assert refusal(copying.backup, postgres, tmp_path / "x.db") == "terminal.backup_postgres"
    assert refusal(copying.restore, tmp_path / "x.db", None, NOW) == "terminal.backup_postgres"


def test_what_may_have_been_sent_since_the_backup_is_not_sent_blindly_again(sqlite, tmp_path):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(DAILY).at("09:00")
    engine.write(lambda store: keep.write(store, "x", "1", engine.now))
    copying.backup(sqlite, tmp_path / "backup.db")
    assert engine.delivered()
    copying.restore(tmp_path / "backup.db", tmp_path / "new.db", engine.now)
    again = Engine(open_database(f"sqlite:///{tmp_path / 'new.db'}"), now=engine.now, people=engine.people)
    assert again.delivered() == []
    again.after(seconds=91)
    again.after(seconds=16)
    assert [parcel.copy for parcel in again.delivered()] == [True]
    again.database.close()
