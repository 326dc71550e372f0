"""Backup and restore as commands say them: what was copied and checked, or why not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from handlers.messages import BotError
from storage import backup as copies
from storage.database import Database

Said = tuple[str, dict[str, str]]
"""The code of a sentence and its values."""


def backup(database: Database, target: Path) -> Said:
    """Copy a database in use into a new file. Raises BotError."""
    try:
        done = copies.backup(database, target)
    except copies.UsePgDump as error:
        raise BotError("terminal.backup_postgres") from error
    except FileExistsError as error:
        raise BotError("terminal.backup_exists", path=target) from error
    except (copies.BackupBroken, OSError) as error:
        raise BotError("terminal.backup_broken", path=target, why=error) from error
    return "terminal.backup_done", {"path": str(target), "rows": str(done.responses)}


def restore(source: Path, target: Path | None, now: datetime) -> Said:
    """Make a workspace's database from a backup; `target` None is PostgreSQL. Raises BotError."""
    if target is None:
        raise BotError("terminal.backup_postgres")
    if not source.is_file():
        raise BotError("terminal.file_missing", path=source)
    try:
        done = copies.restore(source, target, now)
    except FileExistsError as error:
        raise BotError("terminal.restore_exists", path=target) from error
    except (copies.BackupBroken, OSError) as error:
        raise BotError("terminal.backup_broken", path=source, why=error) from error
    return "terminal.restore_done", {"path": str(source), "target": str(target), "rows": str(done.responses)}
