"""帮助: buttons that fit one's role, both languages, and a way out of every conversation."""

from __future__ import annotations

import pytest

from handlers.commands import spoken
from handlers.help import helping
from handlers.registry import COMMANDS
from handlers.rights import scope_of
from handlers.words import LANGUAGES, words
from quizzes.people import Role, RoleName
from tests.engine import DAILY, QUESTIONS, Engine

ROLES = [(), *((Role(name, 7 if name is RoleName.LIAISON else None),) for name in RoleName)]


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.person("管理员", "司法局", role="admin")
    return engine.with_plan(DAILY).at("09:00")


@pytest.mark.parametrize("roles", ROLES, ids=lambda roles: roles[0].name if roles else "nobody")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_one_is_shown_is_allowed(roles, language):
    by_word = {word: command for command in COMMANDS for word in spoken(command.key)}
    for button in (*helping.menu(language, roles), *helping.shortcuts(language, roles)):
        found = by_word.get(button.says.lower()) or by_word[button.says.lower().split(" ")[0]]
        assert scope_of(roles, found.right), button


@pytest.mark.parametrize("roles", ROLES, ids=lambda roles: roles[0].name if roles else "nobody")
def test_four_shortcuts_begin_with_the_quiz_and_end_with_help(roles):
    shown = helping.shortcuts("zh", roles)
    assert len(shown) == 4
    assert (shown[0].says, shown[-1].says) == ("今日答题", "帮助")


def test_a_cadre_is_not_told_of_what_is_not_theirs(engine):
    mine, officers = engine.says("张三", "帮助")[0], engine.says("管理员", "帮助")[0]
    assert mine.text == words("zh")["help.cadre"]
    assert words("zh")["help.more"] in officers.text
    assert {button.says for button in mine.choices} < {button.says for button in officers.choices}


def test_every_command_a_cadre_has_can_be_found_from_help(engine):
    (reply,) = engine.says("张三", "帮助")
    for word in ("今日答题", "学习资料", "我的学法档案", "为什么给我发这个", "题目纠错", "投诉建议"):
        assert word in reply.text
        assert word in {button.says for button in reply.choices}


def test_every_room_of_help_says_what_each_of_its_commands_is_for_and_shows_only_what_is_allowed(engine):
    rights = {command.key: command.right for command in COMMANDS}
    for room, lines in helping.ROOMS.items():
        assert all(rights[key] == right for key, right in lines)
        (reply,) = engine.says("管理员", f"帮助 {words('zh')[f'help.room_{room}']}")
        shown = {button.says for button in reply.choices}
        allowed = [key for key, right in lines if scope_of((Role(RoleName.ADMIN),), right)]
        assert all(words("zh")[f"help.do_{key}"] in reply.text for key in allowed)
        assert {words("zh")[f"commands.{key}"].split("|")[0] for key in allowed} < shown
    assert engine.says("张三", "帮助 考试")[0].text == words("zh")["help.cadre"]


def test_what_help_says_of_a_command_begins_with_its_word():
    for language, (before, after) in {"zh": "「」", "en": "“”"}.items():
        for lines in helping.ROOMS.values():
            for key, _ in lines:
                word = words(language)[f"commands.{key}"].split("|")[0]
                assert words(language)[f"help.do_{key}"].startswith(before + word + after), key


def test_the_language_is_changed_by_one_button_and_back(engine):
    (reply,) = engine.says("张三", "帮助")
    (done,) = engine.presses("张三", reply.choices[-1])
    assert done.text == words("en")["help.language_set"]
    (reply,) = engine.says("张三", "help")
    assert reply.text == words("en")["help.cadre"]
    engine.presses("张三", reply.choices[-1])
    assert engine.says("张三", "帮助")[0].text == words("zh")["help.cadre"]


@pytest.mark.parametrize("said", ["语言", "语言 法语", "语言 yes"])
def test_a_language_nobody_speaks_here_is_asked_again(engine, said):
    (reply,) = engine.says("张三", said)
    assert reply.text == words("zh")["help.which_language"]
    assert len(reply.choices) == 2


def test_cancelling_ends_a_conversation_and_keeps_nothing_of_it(engine):
    engine.says("张三", "投诉建议")
    assert engine.says("张三", "取消")[0].text == words("zh")["help.cancelled"]
    assert engine.says("张三", "发得太早")[0].text == words("zh")["errors.not_understood"]


def test_cancelling_nothing_is_no_error(engine):
    assert engine.says("张三", "取消")[0].text == words("zh")["help.cancelled"]
