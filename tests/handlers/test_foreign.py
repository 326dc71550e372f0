"""Files of strangers: read in a child that is bounded in memory, time and what it may say; whatever it does, we only hear "unreadable"."""

from __future__ import annotations

import os
import sys

import pytest
import structlog

from handlers import foreign
from handlers.foreign import Unreadable, environment, parse_in_child

READERS = {
    "echo": "return [name, len(content)]",
    "unreadable": "from handlers.foreign import Unreadable\n    raise Unreadable('too_many_rows', most=3)",
    "crash": "raise ZeroDivisionError",
    "kill": "import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)",
    "exit": "raise SystemExit(3)",
    "memory": "return len(bytearray(900 << 20))",
    "long_answer": "return 'x' * (17 << 20)",
    "many_files": "return [open('/dev/null') for _ in range(200)] and 0",
    "fork": "import os\n    return sorted(key for key in os.environ if 'TOKEN' in key or 'SECRET' in key or 'DATABASE' in key)",
    "sleep": "import time\n    time.sleep(60)",
    "noise": "import sys\n    print('noise', file=sys.stderr)\n    return 'quiet'",
}


@pytest.fixture(autouse=True)
def readers(tmp_path, monkeypatch):
    """Readers of our own making in a module the child can import; the child looks them up in a `foreign` that knows them."""
    lines = [f"def {name}(name, content):\n    {body}\n" for name, body in READERS.items()]
    (tmp_path / "odd_readers.py").write_text("\n".join(lines))
    (tmp_path / "sitecustomize.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    shim = tmp_path / "child.py"
    kinds = {name: f"odd_readers:{name}" for name in READERS}
    shim.write_text(
        f"import sys\nfrom handlers import foreign\nforeign.KINDS.update({kinds!r})\nforeign.main(*sys.argv[1:3])\n"
    )
    actual = foreign.subprocess.run

    def run(command, **how):
        assert command[1:4] == ["-P", "-m", "handlers.foreign"]
        return actual([sys.executable, "-P", str(shim), *command[4:]], **how)

    with monkeypatch.context() as patched, structlog.testing.capture_logs():
        patched.setattr(foreign.subprocess, "run", run)
        yield


def refusal(kind):
    with pytest.raises(Unreadable) as caught:
        parse_in_child(kind, "名册.xlsx", b"x")
    return caught.value


def test_what_the_reader_finds_comes_back():
    assert parse_in_child("echo", "名册.xlsx", b"x" * 1000) == ["名册.xlsx", 1000]


def test_a_name_too_long_for_a_command_line_keeps_its_end():
    assert parse_in_child("echo", "长" * 5000 + ".xlsx", b"")[0].endswith("长.xlsx")


def test_what_the_reader_refuses_keeps_its_code_and_values():
    refused = refusal("unreadable")
    assert (refused.code, refused.values) == ("too_many_rows", {"most": 3})


@pytest.mark.parametrize("kind", ["crash", "kill", "exit", "memory", "long_answer", "many_files"])
def test_a_reader_that_breaks_is_one_broken_file_and_no_more(kind):
    assert refusal(kind).code == "broken"


def test_a_reader_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(foreign, "PATIENCE", 0.3)
    assert refusal("sleep").code == "broken"


def test_what_a_reader_prints_beside_its_answer_does_not_matter():
    assert parse_in_child("noise", "x", b"") == "quiet"


def test_the_child_is_told_no_secret(monkeypatch):
    for name in ("TELEGRAM_TOKEN", "XUEFA_SECRET", "XUEFA_DATABASE_URL", "WECOM_SECRET"):
        monkeypatch.setenv(name, "hush")
    assert parse_in_child("fork", "x", b"") == []
    assert set(environment()) <= {"PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "PYTHONPATH", "PYTHONUTF8"}
    assert os.environ["TELEGRAM_TOKEN"] == "hush"
