"""The log: one line per event on the other stream, without secrets and without what people's data stands in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BEGIN = """
import logging, structlog
from channels.terminal import logs
logs.configure(["hush-4711", "", "令牌"])
log = structlog.get_logger()
"""


def logged(program: str) -> list[str]:
    """What a process that logs so says on its stderr; its stdout stays empty."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", BEGIN + program],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return logged("""
log.info("started", place="住建局", url="https://x/bot42:hush-4711/getMe", number=7)
log.debug("never")
def turn():
    name = "张三"
    raise ValueError("with hush-4711 inside")
try:
    turn()
except ValueError as error:
    log.error("turn_failed", exc_info=error)
log.info("said 令牌")
logging.getLogger("httpx").info("POST https://api/bot42:x")
logging.getLogger("xuefa.web").error("reference %s", "4F2A")
""")


def test_an_event_is_one_line_of_json_off_a_terminal(lines):
    first = json.loads(lines[0])
    assert (first["event"], first["place"], first["number"], first["level"]) == ("started", "住建局", 7, "info")
    assert first["timestamp"].endswith("Z")


def test_secrets_are_replaced_wherever_they_stand(lines):
    shown = "\n".join(lines)
    assert "hush-4711" not in shown
    assert "令牌" not in shown
    assert json.loads(lines[0])["url"] == "https://x/bot42:***/getMe"
    assert json.loads(lines[2])["event"] == "said ***"


def test_an_error_shows_where_and_not_whose(lines):
    said = json.loads(lines[1])
    assert "ValueError: with *** inside" in said["exception"]
    assert "raise ValueError" in said["exception"] or "in turn" in said["exception"]
    assert "张三" not in lines[1]


def test_what_is_only_for_debugging_is_not_logged_and_other_libraries_only_warn(lines):
    assert len(lines) == 4
    assert lines[3].endswith("ERROR xuefa.web reference 4F2A")
