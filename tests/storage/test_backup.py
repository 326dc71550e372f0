"""Backups: made while answers come in, opened and read to the end before they count, and never put over anything."""

import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from storage import accounts, audit, backup, deliveries, schema, tables
from storage.columns import EPOCH
from storage.database import open_database
from storage.ledger import Ledger
from tests.storage.test_ledger import keeping

NOW = datetime(2026, 12, 4, 1, tzinfo=UTC)


def prepare(store):
    """A person with a web session, three deliveries, and a line in the audit record."""
    person = store.new_id(insert(tables.person), {"name": "张三", "created_at": EPOCH})
    account = accounts.open_session(store, person, "s", NOW, NOW + timedelta(days=1))
    for key, due in (("past", NOW - timedelta(hours=1)), ("now", NOW), ("future", NOW + timedelta(days=1))):
        deliveries.plan(store, key, account, "notice", {"text": key}, NOW, not_before=due)
    audit.record(store, person, "grant", "person:1", {}, NOW)


def test_a_backup_made_under_load_holds_everything_confirmed_before_it(sqlite, tmp_path):
    ledger = Ledger(sqlite)
    ledger.start()
    ledger.write(prepare)
    confirmed, stop, started = [], threading.Event(), threading.Event()

    def load():
        number = 0
        while not stop.is_set():
            ledger.write(keeping(f"k{number:06d}"))
            confirmed.append(number)
            number += 1
            if number == 20:
                started.set()

    writer = threading.Thread(target=load)
    writer.start()
    assert started.wait(30)
    before = confirmed[-1]
    made = backup.backup(sqlite, tmp_path / "copy.db")
    stop.set()
    writer.join()
    ledger.stop()
    restored = backup.restore(made.file, tmp_path / "restored.db", NOW)
    opened = open_database(f"sqlite:///{restored.file}")
    with opened.reading() as store:
        kept = [int(row.name[1:]) for row in store.rows(select(tables.keep.c.name).order_by(tables.keep.c.name))]
    opened.close()
    assert kept == list(range(len(kept)))
    assert kept[-1] >= before


def test_a_backup_is_one_file_for_its_user_and_says_what_it_holds(sqlite, tmp_path):
    with sqlite.writing() as store:
        prepare(store)
        head = audit.head(store)[1]
    folder = tmp_path / "backups"
    folder.mkdir()
    made = backup.backup(sqlite, folder / "copy.db")
    assert [file.name for file in folder.iterdir()] == ["copy.db"]
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert (made.version, made.responses, made.head) == (schema.HEAD, 0, head)
    assert made.size == made.file.stat().st_size


def test_a_backup_is_never_put_over_a_file(sqlite, tmp_path):
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(FileExistsError):
        backup.backup(sqlite, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"


@pytest.fixture
def copy(sqlite, tmp_path):
    with sqlite.writing() as store:
        prepare(store)
    return backup.backup(sqlite, tmp_path / "copy.db").file


@pytest.mark.parametrize("there", ["new.db", "new.db-wal", "new.db-journal"])
def test_nothing_is_restored_over_a_database_or_beside_what_one_left(copy, tmp_path, there):
    """An old write-ahead log beside a new database would be played into it."""
    (tmp_path / there).write_text("mine")
    with pytest.raises(FileExistsError, match=there):
        backup.restore(copy, tmp_path / "new.db", NOW)
    assert (tmp_path / there).read_text() == "mine"


def test_after_a_restore_nothing_that_may_have_been_sent_is_sent_again(copy, tmp_path):
    opened = open_database(f"sqlite:///{backup.restore(copy, tmp_path / 'new.db', NOW).file}")
    with opened.writing() as store:
        states = {row.key: row.state for row in store.rows(select(tables.delivery.c.key, tables.delivery.c.state))}
        assert states == {"past": "uncertain", "now": "uncertain", "future": "planned"}
        assert deliveries.claim(store, "web", 10, NOW + timedelta(hours=1)) == []
        assert store.value(select(func.count()).where(tables.session.c.revoked_at.is_(None))) == 0
        assert store.rows(select(tables.audit.c.act).order_by(tables.audit.c.id))[-1].act == "restore"
        assert audit.verify(store) is None
    opened.close()


def break_page(file):
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 3 + 64] = b"\x5a" * 64
    file.write_bytes(content)


def cut(file):
    file.write_bytes(file.read_bytes()[: 4096 * 5])


def forge(file):
    connection = sqlite3.connect(file)
    connection.executescript("DROP TRIGGER audit_no_update; UPDATE audit SET act = 'revoke'")
    connection.close()


def dangle(file):
    connection = sqlite3.connect(file)
    connection.execute("UPDATE session SET account_id = 404")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [
        break_page,
        cut,
        forge,
        dangle,
        lambda file: file.write_text("no database at all"),
        lambda file: file.write_bytes(b""),
    ],
)
def test_a_damaged_copy_is_not_restored(copy, tmp_path, damage):
    damage(copy)
    with pytest.raises(backup.BackupBroken):
        backup.restore(copy, tmp_path / "new.db", NOW)
    assert {file.name for file in tmp_path.iterdir() if file.name.startswith("new")} == set()


def test_a_database_that_does_not_verify_gives_no_backup(sqlite, tmp_path):
    with sqlite.writing() as store:
        prepare(store)
        store.plain("DROP TRIGGER audit_no_update")
        store.plain("UPDATE audit SET act = 'revoke'")
    with pytest.raises(backup.BackupBroken, match="audit"):
        backup.backup(sqlite, tmp_path / "copy.db")
    assert not [file for file in tmp_path.iterdir() if file.name.startswith("copy")]


def test_a_backup_of_a_newer_program_is_refused(copy, tmp_path):
    connection = sqlite3.connect(copy)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(schema.SchemaNewer):
        backup.restore(copy, tmp_path / "new.db", NOW)
    assert not (tmp_path / "new.db").exists()


def test_a_missing_backup_is_said_to_be_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        backup.restore(tmp_path / "none.db", tmp_path / "new.db", NOW)


@pytest.mark.postgres
def test_for_postgres_its_own_tools_are_named(postgres, tmp_path):
    with pytest.raises(backup.UsePgDump, match="pg_dump"):
        backup.backup(postgres, tmp_path / "copy.db")
