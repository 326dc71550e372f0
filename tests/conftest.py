"""What every room's tests share: migrated databases on SQLite and PostgreSQL, and no skip that passes unseen.

`database` runs a test on both; `sqlite` and `postgres` on one. `store` is a writing transaction on `database`, kept at the
end; `ledger` is a running writer on `database`. `empty` is a database without tables."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import accounts, schema
from storage.database import Database, Store, open_database
from storage.ledger import Ledger
from tests.clusters import Server, cluster


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """With XUEFA_NO_SKIPS=1 (CI) a skipped test has failed."""
    report = yield
    if os.environ.get("XUEFA_NO_SKIPS") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skips are failures here (XUEFA_NO_SKIPS=1): {report.longrepr[2]}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a module that skips itself."""
    report = yield
    if os.environ.get("XUEFA_NO_SKIPS") == "1" and report.skipped:
        report.outcome, report.longrepr = "failed", f"skips are failures here (XUEFA_NO_SKIPS=1): {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    made = open_database(f"sqlite:///{path}", create=True)
    schema.upgrade(made)
    made.close()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """One server for all tests of this process."""
    with cluster() as url:
        yield Server(url)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Server) -> Iterator[str]:
    """The name of a migrated database to copy."""
    name = postgres_server.create()
    made = open_database(postgres_server.url.format(name))
    schema.upgrade(made)
    made.close()
    yield name
    postgres_server.drop(name)


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database in a file."""
    path = tmp_path / "xuefa.db"
    shutil.copyfile(sqlite_template, path)
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def postgres_url(postgres_server: Server, postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of its own."""
    name = postgres_server.create(postgres_template)
    yield postgres_server.url.format(name)
    postgres_server.drop(name)


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """A migrated PostgreSQL database of its own."""
    opened = open_database(postgres_url)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """A migrated database, on SQLite and on PostgreSQL."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path / 'empty.db'}", create=True)
        yield opened
        opened.close()
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create()
    opened = open_database(server.url.format(name))
    yield opened
    opened.close()
    server.drop(name)


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """One writing transaction."""
    with database.writing() as opened:
        yield opened


@pytest.fixture
def ledger(database: Database) -> Iterator[Ledger]:
    """The writer of `database`, running."""
    running = Ledger(database, lock_people=accounts.lock_people)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Per module: while Playwright's loop is up, no other test of this process could start one of its own."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser tests")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium, chromium-browser or google-chrome in PATH: the browser tests did not run")
    flags = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags.split())
        yield browser
        browser.close()
