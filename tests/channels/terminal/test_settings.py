"""Settings: which source wins, what is refused by its name, and that no secret is ever repeated."""

from __future__ import annotations

from datetime import time

import pytest

from channels.terminal.settings import SECRETS, Settings, check_ready, settings_of
from handlers.messages import BotError
from handlers.words import say


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    """A shell in which nothing of ours is set."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias.choices[0]), raising=False)


@pytest.fixture
def workspace(tmp_path):
    def write(text: str | bytes = "") -> object:
        (tmp_path / "xuefa.toml").write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path

    return write


def mistakes(folder, **given) -> str:
    with pytest.raises(BotError) as raised:
        settings_of(folder, **given)
    assert raised.value.code == "terminal.settings_wrong"
    assert raised.value.__cause__ is None
    return raised.value.values["problems"]


def test_without_anything_it_serves_this_machine_from_its_own_file(workspace):
    found = settings_of(workspace())
    assert (found.web_host, found.web_port, found.zone, found.names) == (
        "127.0.0.1",
        8000,
        "Asia/Shanghai",
        ("wecom", "wecom_bot", "web"),
    )
    assert found.url == "http://127.0.0.1:8000"
    assert found.sqlite_path == workspace().absolute() / "xuefa.sqlite3"
    assert found.secrets == []


def test_a_workspace_without_its_toml_has_the_defaults(tmp_path):
    assert settings_of(tmp_path).web_port == 8000


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(workspace, monkeypatch):
    folder = workspace("web_port = 1001\n")
    assert settings_of(folder).web_port == 1001
    monkeypatch.setenv("XUEFA_WEB_PORT", "1002")
    assert settings_of(folder).web_port == 1002
    assert settings_of(folder, web_port=1003).web_port == 1003
    assert settings_of(folder, web_port=None).web_port == 1002


def test_the_workspace_is_the_folder_that_was_named_whatever_the_environment_says(workspace, monkeypatch):
    monkeypatch.setenv("XUEFA_WORKSPACE", "/elsewhere")
    assert settings_of(workspace()).workspace == workspace()


def test_two_workspaces_in_one_process_keep_apart(tmp_path):
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "xuefa.toml").write_text(f"web_port = {number}")
    assert [settings_of(tmp_path / str(number)).web_port for number in (1, 2, 1)] == [1, 2, 1]


@pytest.mark.parametrize("said", ["telegram, web", "telegram,web", '["telegram", "web"]', " telegram ,web, "])
def test_a_list_in_the_environment_is_written_with_commas_or_as_json(workspace, monkeypatch, said):
    monkeypatch.setenv("XUEFA_NAMES", said)
    assert settings_of(workspace()).names == ("telegram", "web")


def test_an_empty_list_shows_names_nowhere(workspace, monkeypatch):
    assert settings_of(workspace("names = []")).names == ()
    monkeypatch.setenv("XUEFA_NAMES", "")
    assert settings_of(workspace()).names == ()


def test_the_address_has_no_slash_at_its_end(workspace):
    assert settings_of(workspace('public_url = "https://xuefa.example/"')).url == "https://xuefa.example"


def test_a_postgres_has_no_file(workspace):
    found = settings_of(workspace('database_url = "postgresql://x:hush@127.0.0.1/x"'))
    assert found.sqlite_path is None
    assert found.database == "postgresql://x:hush@127.0.0.1/x"


# What is wrong. --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("web_prot = 1", "web_prot"),
        ("[web]\nport = 1", "web"),
        ("web_port = 0", "XUEFA_WEB_PORT"),
        ("web_port = 99999", "XUEFA_WEB_PORT"),
        ('web_port = "x"', "XUEFA_WEB_PORT"),
        ('zone = "Mars/Olympus"', "XUEFA_ZONE"),
        ('zone = "../etc/passwd"', "XUEFA_ZONE"),
        ('telegram_mode = "push"', "TELEGRAM_MODE"),
        ("weekly_touches = -1", "XUEFA_WEEKLY_TOUCHES"),
        ('hours = "9-17"', "XUEFA_HOURS"),
        ('hours = "18:00-08:30"', "XUEFA_HOURS"),
        ("hours = 5", "XUEFA_HOURS"),
        ("target = 101", "XUEFA_TARGET"),
        ("names = 5", "XUEFA_NAMES"),
        ("web_port = ", "xuefa.toml"),
        (b"\xff\xfe", "xuefa.toml"),
        ('secret_file = "/none/such"', "secret_file"),
        ('telegram_token_file = "/"', "telegram_token_file"),
    ],
)
def test_what_is_wrong_is_named(workspace, text, named):
    assert named in mistakes(workspace(text))


def test_all_mistakes_come_at_once_a_line_each(workspace):
    found = mistakes(workspace('web_prot = 1\nzone = "x"\nweb_port = -1'))
    assert len(found.splitlines()) == 3


def test_the_sentence_says_where_to_mend_it_in_both_languages(workspace):
    found = mistakes(workspace("web_prot = 1"))
    for language in ("zh", "en"):
        assert "xuefa.toml" in say(language, "terminal.settings_wrong", problems=found)


WHOLE = """
wecom_corp_id = "ww1"
wecom_agent_id = 5
wecom_secret = "s"
wecom_token = "t"
wecom_aes_key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
"""


@pytest.mark.parametrize("text", ["", WHOLE, 'wecom_bot_id = "aib"\nwecom_bot_secret = "s"'])
def test_what_is_set_in_full_or_not_at_all_is_ready(workspace, text):
    check_ready(settings_of(workspace(text)))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('wecom_corp_id = "ww1"', ["wecom_agent_id", "wecom_secret", "wecom_token", "wecom_aes_key"]),
        (WHOLE.replace('wecom_token = "t"', ""), ["wecom_token"]),
        (WHOLE.replace("B2C", "B2"), ["wecom_aes_key"]),
        (WHOLE + 'wecom_ca_bundle = "/none/such.pem"', ["wecom_ca_bundle"]),
        ('wecom_bot_id = "aib"', ["wecom_bot_secret"]),
    ],
)
def test_a_channel_set_half_is_refused_with_what_is_missing_and_no_secret(workspace, text, named):
    with pytest.raises(BotError) as refused:
        check_ready(settings_of(workspace(text)))
    lines = refused.value.values["problems"].splitlines()
    assert [line.split(":")[0].strip() for line in lines] == named
    assert "jWmYm7" not in str(refused.value.values)


# Secrets. --------------------------------------------------------------------------------------------------------------

HUSH = "hush-4711"
ENVIRONMENT = {
    "database_url": "XUEFA_DATABASE_URL", "secret": "XUEFA_SECRET", "telegram_token": "TELEGRAM_TOKEN",
    "telegram_webhook_secret": "TELEGRAM_WEBHOOK_SECRET", "wecom_secret": "WECOM_SECRET", "wecom_token": "WECOM_TOKEN",
    "wecom_aes_key": "WECOM_AES_KEY", "wecom_bot_secret": "WECOM_BOT_SECRET",
}  # fmt: skip


def test_every_secret_setting_is_among_those_kept_out_of_logs():
    assert set(SECRETS) == {name.removesuffix("_file") for name in Settings.model_fields if name.endswith("_file")}
    assert set(SECRETS) == set(ENVIRONMENT)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_comes_from_the_file_the_environment_or_a_file_of_its_own(workspace, monkeypatch, tmp_path, name):
    assert settings_of(workspace(f'{name} = "{HUSH}"')).hidden(name) == HUSH
    (tmp_path / "kept").write_text(f"{HUSH}-kept\n")
    monkeypatch.setenv(f"{ENVIRONMENT[name]}_FILE", str(tmp_path / "kept"))
    assert settings_of(workspace()).hidden(name) == f"{HUSH}-kept"
    assert settings_of(workspace()).secrets == [f"{HUSH}-kept"]
    monkeypatch.setenv(ENVIRONMENT[name], f"{HUSH}-set")
    assert settings_of(workspace()).hidden(name) == f"{HUSH}-set"


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_never_stands_in_a_representation(workspace, name):
    found = settings_of(workspace(f'{name} = "{HUSH}"'))
    for shown in (repr(found), str(found), repr(found.model_dump()), found.model_dump_json()):
        assert HUSH not in shown


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("wrong", ['["{}"]', '{{a = "{}"}}', '"{}" oops', '"{}"\nweb_port = "{}"', '"""{}'])
def test_a_secret_never_stands_in_an_error(workspace, name, wrong):
    found = mistakes(workspace(f"{name} = {wrong.format(HUSH, HUSH)}\n"))
    assert found
    assert HUSH not in found


def test_a_secret_file_that_is_no_text_is_named_and_not_shown(workspace, tmp_path):
    (tmp_path / "kept").write_bytes(b"\xffhush")
    found = mistakes(workspace(f'secret_file = "{(tmp_path / "kept").as_posix()}"'))
    assert "secret_file" in found
    assert "hush" not in found


def test_working_hours_are_two_times_of_a_day(workspace, monkeypatch):
    assert settings_of(workspace()).rhythm == (7, (time(8, 30), time(18)), 100)
    folder = workspace('hours = "09:00-17:30"\ntarget = 95\nweekly_touches = 3\n')
    assert settings_of(folder).rhythm == (3, (time(9), time(17, 30)), 95)
    monkeypatch.setenv("XUEFA_HOURS", "08:00 - 12:00")
    assert settings_of(folder).hours == (time(8), time(12))
