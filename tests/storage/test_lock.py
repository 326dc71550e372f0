"""One serving process per database file, seen from two real processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.lock import AlreadyServed, served, server_of

HOLD = """
import sys
from pathlib import Path
from storage.lock import served
with served(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
TRY = """
import sys
from pathlib import Path
from storage.lock import AlreadyServed, served
try:
    with served(Path(sys.argv[1])):
        print("held")
except AlreadyServed as refusal:
    print(refusal.pid)
"""


def start(program, path):
    command = [sys.executable, "-c", program, str(path)]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "xuefa.db"
    path.touch()
    return path


@pytest.fixture
def holder(file):
    process = start(HOLD, file)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_refused_and_told_who_serves(file, holder):
    with pytest.raises(AlreadyServed, match=str(holder.pid)) as refused, served(file):
        pass
    assert refused.value.pid == holder.pid
    assert server_of(file) == holder.pid


def test_of_many_that_start_at_once_one_serves(file, holder):
    others = [start(TRY, file) for _ in range(4)]
    assert {process.communicate()[0] for process in others} == {f"{holder.pid}\n"}


def test_a_killed_process_leaves_no_lock_behind(file, holder):
    holder.kill()
    holder.wait()
    assert server_of(file) is None
    with served(file):
        assert server_of(file) == os.getpid()


def test_the_lock_is_given_back_in_the_end(file):
    for _ in range(2):
        with served(file):
            pass
    assert server_of(file) is None


def test_one_process_cannot_serve_twice_either(file):
    with served(file), pytest.raises(AlreadyServed, match=str(os.getpid())), served(file):
        pass


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights on Windows")
def test_a_symbolic_link_is_the_same_database(file, tmp_path):
    link = tmp_path / "link.db"
    link.symlink_to(file)
    with served(link), pytest.raises(AlreadyServed), served(file):
        pass


def test_asking_who_serves_makes_no_file(tmp_path):
    assert server_of(tmp_path / "none.db") is None
    assert list(tmp_path.iterdir()) == []


def test_a_database_in_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), served(tmp_path / "none" / "x.db"):
        pass
