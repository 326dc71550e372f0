"""The real program, end to end, between a fake Telegram and the command line: polled and by webhook."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels import serving
from handlers.words import say
from tests.fakes.telegram import Seen
from tests.faults.house import (
    CHATS,
    DIGITS,
    HOOK_SECRET,
    PLAN,
    ROSTER,
    UNREACHABLE,
    House,
    binds,
    housed,
    is_up,
    post,
    serving_pid,
    until,
)
from tests.faults.program import Program, command


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with its plan and its roster, made by commands; tests take a copy."""
    folder = tmp_path_factory.mktemp("house") / "xuefa"
    assert command("init", folder).returncode == 0
    (folder / "plans.yaml").write_text(PLAN, encoding="utf-8")
    roster = folder.parent / "名册.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    looked = command("roster", roster, "--workspace", folder)
    assert say("zh", "terminal.roster_hint") in looked.stdout
    applied = command("roster", roster, "--apply", "--workspace", folder)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert command("invite", "周明", "--unit", "司法局", "--workspace", folder).returncode == 0
    return folder


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """Nobody serves it yet."""
    with housed(furnished, tmp_path) as made:
        yield made


@pytest.fixture(scope="module", params=["poll", "webhook"])
def town(furnished: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[House]:
    """Served: everybody has bound by deep link, one has blocked the bot, one did so unheard, and today's round is open."""
    with housed(furnished, tmp_path_factory.mktemp("town"), request.param) as made:
        tokens = {name: made.invite(name) for name in DIGITS}
        with made.runs() as program:
            for name, token in tokens.items():
                binds(made, name, token)
            made.person("马新华").blocks()
            made.fake.wait(lambda: not made.fake.world.waiting)
            with made.fake.world.lock:
                made.fake.world.people[CHATS["宋佳"]]["blocked"] = True
            code, said = made.command("round", "open", "daily")
            assert code == 0, said
            yield made
            code, seconds = program.stop()
        assert code == 0
        assert seconds < 10


# Answering. ------------------------------------------------------------------------------------------------------------


def now_shows(house: House, name: str, message: Seen, change: str) -> Seen:
    """The same message, once it has been edited so that it says `change` or has such a button."""
    found: list[Seen] = []

    def holds() -> bool:
        same = [each for each in house.person(name).sees() if each.id == message.id and each.edits > message.edits]
        found[:] = [each for each in same if change in each.text or any(change in label for label in each.labels)]
        return bool(found)

    house.fake.wait(holds, 20)
    return found[0]


def answers(house: House, name: str, card: Seen, then: str) -> Seen:
    """Presses an answer, or ticks two and hands them in; gives the message as it is then."""
    who = house.person(name)
    if any("☐" in label for label in card.labels):
        for letter in "AB":
            who.presses(card, letter)
            card = now_shows(house, name, card, f"☑ {letter}")
        who.presses(card, say("zh", "quiz.submit"))
    else:
        who.presses(card, card.labels[0])
    return now_shows(house, name, card, then)


def test_a_person_is_sent_the_card_answers_three_questions_in_the_same_message_and_reads_the_result(town):
    card = town.sees("郭春梅", "第 1/3 题")
    before = len(town.person("郭春梅").sees())
    card = answers(town, "郭春梅", card, "第 2/3 题")
    card = answers(town, "郭春梅", card, "第 3/3 题")
    card = answers(town, "郭春梅", card, "每日一题")
    assert re.search(r"3 题答对 \d 题", card.text)
    assert len(town.person("郭春梅").sees()) == before
    mine = "SELECT count(*) FROM response JOIN inbox ON inbox_key = key WHERE address = ? AND shown"
    until(lambda: town.value(mine, str(CHATS["郭春梅"])) == 3)
    assert town.value("SELECT sum(sat) FROM enrolment") == 1


def test_who_blocked_the_bot_is_out_of_reach_whether_telegram_told_us_or_refused_the_card_and_the_admin_sees_it(town):
    for name in ("马新华", "宋佳"):
        until(lambda name=name: town.value(UNREACHABLE, str(CHATS[name])) == "blocked")
    assert town.value(UNREACHABLE, str(CHATS["郭春梅"])) == ""
    town.person("周明").says("未参考")
    assert re.search(r"无法送达\D*2", town.sees("周明", "无法送达").text)


def test_an_update_without_the_secret_is_refused_and_nothing_of_it_is_recorded(town):
    sender = {"id": CHATS["郭春梅"], "is_bot": False, "first_name": "某人"}
    chat = {"id": CHATS["郭春梅"], "type": "private"}
    body = {"update_id": 9, "message": {"message_id": 9, "date": 1, "from": sender, "chat": chat, "text": "今日答题"}}
    forged = json.dumps(body).encode()
    before = town.value("SELECT count(*) FROM inbox")
    address = town.fake.world.webhook[0] if town.mode == "webhook" else f"http://127.0.0.1:{town.port}/telegram/guess"
    refused = (401, 403) if town.mode == "webhook" else (403, 404, 405)  # where nobody listens for Telegram
    for url, secret in ((address, "guess"), (address, ""), (address[:-1] + "_", HOOK_SECRET)):
        assert post(url, secret, forged) in refused
    assert town.value("SELECT count(*) FROM inbox") == before
    assert town.value("SELECT count(*) FROM inbox WHERE key LIKE 'telegram:9:%'") == 0


def test_commands_read_and_write_while_the_program_serves_and_their_exit_codes_say_what_they_found(town):
    code, said = town.command("round", "list", "--json")
    assert code == 0
    assert [(line["plan"], line["due"]) for line in json.loads(said)] == [("daily", 4)]
    assert town.command("report", "1")[0] == 0
    code, said = town.command("report", "1", "--format", "json")
    assert (code, json.loads(said)[-1]["due"]) == (0, 4)
    code, said = town.command("report", "99")
    assert (code, "Traceback" in said) == (1, False)
    assert town.command("verify")[0] == 0
    code, said = town.command("doctor")
    assert (code, "✓" in said, "✗" in said) == (1, True, True)
    assert command("check", town.folder).returncode == 0


def test_a_second_program_on_the_same_workspace_is_refused_in_a_plain_sentence(town):
    for port in (town.port, serving.any_port("127.0.0.1")):
        code, said = town.command("run", "--port", str(port))
        assert code == 1
        assert say("zh", "terminal.already_serving", pid=serving_pid(town)) in said
        assert "Traceback" not in said


def test_no_secret_is_in_anything_that_was_printed_or_logged(town):
    town.command("doctor")
    printed = "".join([town.log.read_text("utf-8"), *town.outputs])
    assert say("zh", "terminal.serving", address=town.settings["XUEFA_PUBLIC_URL"]) in printed
    for secret in (
        *town.fake.token.split(":")[1:],
        HOOK_SECRET,
        "-SECRET",
        (town.folder / ".secret").read_text("ascii"),
    ):
        assert secret not in printed


# Starting and stopping. ------------------------------------------------------------------------------------------------


def test_sigterm_in_the_middle_of_work_ends_it_within_ten_seconds_and_nobody_goes_without_a_reply_or_gets_two(house):
    everybody = [house.fake.person(9_000 + number) for number in range(300)]
    for who in everybody:
        who.says("你好")
    with house.runs() as program:
        house.fake.wait(lambda: house.fake.called("sendMessage"), 30)
        code, seconds = program.stop()
    assert (code, seconds < 10) == (0, True)
    with house.runs() as program:
        house.fake.wait(lambda: all(who.sees() for who in everybody), 60)
        assert program.stop()[0] == 0
    assert {len(who.sees()) for who in everybody} == {1}


def test_sigterm_ends_it_within_ten_seconds_even_while_every_send_hangs_and_a_form_never_arrives_in_full(house):
    house.fake.fail("sendMessage", "hang", times=1_000)
    with house.runs() as program:
        for number in range(20):
            house.fake.person(9_000 + number).says("你好")
        house.fake.wait(lambda: len(house.fake.called("sendMessage")) >= 20, 30)
        with socket.create_connection(("127.0.0.1", house.port)) as browser:
            origin = house.settings["XUEFA_PUBLIC_URL"]
            head = "POST /enter/x HTTP/1.1", f"Host: 127.0.0.1:{house.port}", f"Origin: {origin}", "Content-Length: 100"
            kind = "Content-Type: application/x-www-form-urlencoded"
            browser.sendall("\r\n".join([*head, kind, "", "text="]).encode())
            code, seconds = program.stop()
    assert (code, seconds < 10) == (0, True), seconds


@pytest.mark.parametrize("trouble", ["refused", "away"])
def test_without_telegram_the_web_is_served_all_the_same_and_the_log_does_not_hold_the_token(house, trouble):
    token = "42:another-SECRET-token"
    away = f"http://127.0.0.1:{serving.any_port('127.0.0.1')}"
    settings = {"TELEGRAM_TOKEN": token, "TELEGRAM_API_BASE": house.fake.url if trouble == "refused" else away}
    with Program(house.folder, house.log, port=house.port, **settings) as program:
        until(lambda: "telegram_not_ready" in program.said)
        until(lambda: is_up(house.port))
        assert program.stop()[0] == 0
    assert "SECRET" not in program.said


def test_a_missing_database_is_refused_and_not_made(house):
    for part in ("", "-wal", "-shm"):
        (house.folder / f"xuefa.sqlite3{part}").unlink(missing_ok=True)
    for words in (("run", "--port", str(house.port)), ("verify",), ("round", "open", "daily"), ("doctor",)):
        code, said = house.command(*words)
        assert code == 1, said
        assert "没有新建" in said
        assert "Traceback" not in said
        assert not list(house.folder.glob("xuefa.sqlite3"))


def test_an_empty_folder_is_offered_a_beginning_and_a_demonstration(tmp_path):
    done = command(cwd=tmp_path)
    assert done.returncode == 0
    for word in ("xuefa init", "xuefa demo"):
        assert word in done.stdout
    assert list(tmp_path.iterdir()) == []
    assert command("run", cwd=tmp_path).returncode == 1
