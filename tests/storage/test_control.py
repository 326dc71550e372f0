"""Commands beside a running server: done there, for those who can read the token."""

import json
import os
import socket
import stat
import threading
from contextlib import suppress

import pytest

from storage import control
from storage.control import CommandFailed, answering, ask


def echo(name, arguments):
    return {"name": name, **arguments}


def door(folder):
    return json.loads((folder / control.FILE).read_text())


def speak(port, said):
    """One raw line; gives whatever comes back until the end."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection, connection.makefile("rwb") as wire:
        wire.write(said)
        wire.flush()
        connection.shutdown(socket.SHUT_WR)
        return wire.read()


def test_a_command_is_done_by_the_server(tmp_path):
    with answering(tmp_path, echo):
        assert ask(tmp_path, "开考", {"round": 7, "who": ["张三"]}) == {"name": "开考", "round": 7, "who": ["张三"]}


def test_without_a_server_the_answer_is_none(tmp_path):
    assert ask(tmp_path, "x", {}) is None
    with answering(tmp_path, echo):
        left = (tmp_path / control.FILE).read_bytes()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / control.FILE).write_bytes(left)
    assert ask(tmp_path, "x", {}) is None


def test_what_the_server_cannot_do_is_told(tmp_path):
    def refuse(name, arguments):
        raise ValueError("没有这个场次")

    with answering(tmp_path, refuse), pytest.raises(CommandFailed, match="没有这个场次"):
        ask(tmp_path, "x", {})


def test_without_the_token_nothing_is_done(tmp_path):
    done = []
    with answering(tmp_path, lambda *said: done.append(said)):
        for token in ("", "x", door(tmp_path)["token"][:-1]):
            said = json.dumps({"token": token, "name": "x", "arguments": {}}).encode() + b"\n"
            assert json.loads(speak(door(tmp_path)["port"], said)) == {"refused": True}
    assert done == []


def test_each_server_has_a_token_of_its_own(tmp_path):
    tokens = set()
    for _ in range(3):
        with answering(tmp_path, echo):
            tokens.add(door(tmp_path)["token"])
    assert len(tokens) == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_only_its_user_can_read_the_token(tmp_path):
    os.umask(before := os.umask(0))
    try:
        with answering(tmp_path, echo):
            assert stat.S_IMODE((tmp_path / control.FILE).stat().st_mode) == 0o600
    finally:
        os.umask(before)


@pytest.mark.parametrize(
    "said", [b"", b"\n", b"GET / HTTP/1.1\r\n\r\n", b"{}\n", b"[]\n", b"\xff\xfe\n", b"x" * (control.MOST + 10)]
)
def test_a_stranger_gets_nothing_and_stops_nobody(tmp_path, said):
    with answering(tmp_path, echo):
        with suppress(ConnectionError):
            assert speak(door(tmp_path)["port"], said) == b""
        assert ask(tmp_path, "x", {}) == {"name": "x"}


def test_a_caller_that_says_nothing_holds_up_nobody(tmp_path):
    with answering(tmp_path, echo), socket.create_connection(("127.0.0.1", door(tmp_path)["port"])):
        assert ask(tmp_path, "x", {}) == {"name": "x"}


def test_a_long_command_holds_up_nobody(tmp_path):
    begun, go = threading.Event(), threading.Event()

    def call(name, arguments):
        if name == "long":
            begun.set()
            assert go.wait(10)
        return {"name": name}

    answers = []
    with answering(tmp_path, call):
        long = threading.Thread(target=lambda: answers.append(ask(tmp_path, "long", {})))
        long.start()
        assert begun.wait(10)
        assert ask(tmp_path, "short", {}) == {"name": "short"}
        go.set()
        long.join(10)
    assert answers == [{"name": "long"}]


def test_a_server_that_ends_before_it_answers_is_not_taken_for_none(tmp_path):
    """The command may have been done; to do it again by oneself could double it."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        (tmp_path / control.FILE).write_text(json.dumps({"port": stranger.getsockname()[1], "token": "t"}))

        def hang_up():
            connection, _ = stranger.accept()
            connection.recv(10)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(CommandFailed, match="before it answered"):
            ask(tmp_path, "x", {})
        thread.join()
