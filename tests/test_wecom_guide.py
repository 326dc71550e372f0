"""docs/wecom.md: every setting, command, word and address it names is there, and both languages say the same."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import typer

from bot import Actions
from channels.terminal import commands
from channels.terminal.settings import Settings
from channels.wecom.callback import PATH
from channels.wecom.refusals import Refused
from handlers.words import words

ROOT = Path(__file__).resolve().parent.parent
GUIDES = {language: (ROOT / "docs" / f"wecom{end}").read_text("utf-8") for language, end in (("zh", ".md"), ("en", ".en.md"))}  # fmt: skip
STARTER = (ROOT / "quizzes" / "starter" / "xuefa.toml").read_text("utf-8")
ENVIRONMENT = {str(each.validation_alias.choices[0]): each for each in Settings.model_fields.values()}
SAID = re.compile(r"(?:发|\b[Ss]ends?)\s*「([^」]+)」")
OURS = {"邀请单", "通讯录比对", "网页登录"}
"""The words that the guide tells people to send."""
LOGGED = {"wecom_warns"}
"""What it says stands in the log."""
PAGES = ("应用管理", "自建", "创建应用", "我的企业", "企业信息", "企业ID", "AgentId", "Secret", "Token", "EncodingAESKey", "接收消息", "设置API接收",
         "随机获取", "网页授权及JS-SDK", "设置可信域名", "可信域名", "企业可信IP", "可见范围", "智能机器人", "API 模式", "长连接", "BotID")  # fmt: skip
"""What stands in the console, in Chinese in both languages."""

both = pytest.mark.parametrize("guide", GUIDES.values(), ids=GUIDES)


def table_codes(guide: str) -> list[int]:
    """The error codes in the first column of the table of what can go wrong."""
    rows = [line for line in guide.splitlines() if line.startswith("| ")]
    return [int(code) for line in rows for code in re.findall(r"\b\d{5,6}\b", line.split("|")[1])]


@both
def test_every_setting_it_names_is_one(guide):
    named = set(re.findall(r"\b(?:WECOM|XUEFA)_[A-Z_]+\b", guide))
    assert named
    assert named <= set(ENVIRONMENT)
    keys = set(re.findall(r"`(wecom_[a-z_]+)[` ]", guide)) - LOGGED
    assert keys
    assert keys <= set(Settings.model_fields)


@both
def test_what_it_says_stands_in_the_log_is_logged(guide):
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "channels" / "wecom").rglob("*.py"))
    assert [word for word in LOGGED if f"`{word}`" not in guide or f'"{word}"' not in sources] == []


@both
def test_every_setting_of_wecom_is_named(guide):
    plain = {name for name in ENVIRONMENT if name.startswith("WECOM_")}
    assert {name for name in plain if name not in guide} == set()


@both
def test_what_it_tells_to_write_into_the_settings_can_be_read(guide, tmp_path, monkeypatch):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    blocks = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert len(blocks) == 2
    said = tomllib.loads("\n".join(line.strip() for block in blocks for line in block.splitlines()))
    monkeypatch.setattr(Settings, "folder", tmp_path)
    assert Settings(**said).wecom_agent_id == 1000002


def test_the_starter_settings_can_be_read_with_every_line_of_wecom_in_force(tmp_path, monkeypatch):
    lines = [line[2:] for line in STARTER.splitlines() if line.startswith("# wecom_")]
    said = tomllib.loads("\n".join(lines))
    monkeypatch.setattr(Settings, "folder", tmp_path)
    assert Settings(**said).wecom_cards is False
    named = {name.removesuffix("_file") for name in said}
    assert named == {name for name in Settings.model_fields if name.startswith("wecom_") and not name.endswith("_file")}


@both
def test_every_command_line_is_a_command_with_options_it_has(guide):
    program = typer.main.get_command(commands.build(Actions()))
    lines = re.findall(r"bot\.py ([a-z]+)((?: --?[\w-]+(?: [\w/.]+)?)*)", guide)
    assert {name for name, _ in lines} == {"doctor", "run"}
    for name, options in lines:
        known = {each for parameter in program.commands[name].params for each in parameter.opts}
        assert set(re.findall(r"--[a-z]+", options)) <= known


@both
def test_every_word_to_send_is_a_command(guide):
    spoken = {each for key, text in words("zh").items() if key.startswith("commands.") for each in text.split("|")}
    told = set(SAID.findall(guide)) - {"你好"}
    assert told == OURS
    assert told <= spoken


@both
def test_the_callbacks_address_is_the_one_that_is_served(guide):
    assert f"https://xuefa.example.gov.cn{PATH}\n" in guide


@both
def test_the_consoles_pages_are_named_as_they_stand_there(guide):
    assert [page for page in PAGES if page not in guide] == []


@both
def test_official_addresses_are_those_of_the_settings(guide):
    assert Settings.model_fields["wecom_ws_url"].default in guide


def test_both_languages_explain_the_same_codes_and_settings():
    assert Counter(table_codes(GUIDES["zh"])) == Counter(table_codes(GUIDES["en"]))
    assert len(table_codes(GUIDES["zh"])) > 15
    headings = {language: re.findall(r"^#+", guide, re.MULTILINE) for language, guide in GUIDES.items()}
    assert headings["zh"] == headings["en"]
    rows = {language: sum(line.startswith("|") for line in guide.splitlines()) for language, guide in GUIDES.items()}
    assert rows["zh"] == rows["en"]


@both
def test_every_code_it_explains_is_one_that_the_program_knows_the_kind_of(guide):
    assert [code for code in table_codes(guide) if Refused(code).kind == "other"] == []
