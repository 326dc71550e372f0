"""The menu below the chat: within WeCom's limits in every language, and each press something that can be typed."""

import pytest

from channels.wecom import menu
from handlers.commands import spoken
from handlers.registry import COMMANDS
from handlers.rights import RIGHTS
from handlers.words import LANGUAGES, words
from quizzes.people import RoleName
from tests.channels.wecom.running import opened, simulated
from tests.fakes.hours import told

MADE = {language: menu.menu(words(language)) for language in LANGUAGES}
ENTRIES = [
    (language, entry) for language, made in MADE.items() for top in made["button"] for entry in top["sub_button"]
]


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_it_is_three_by_five_at_most(made):
    assert 1 <= len(made["button"]) <= 3
    assert all(1 <= len(top["sub_button"]) <= 5 for top in made["button"])


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_names_and_keys_keep_to_their_bytes(made):
    assert all(1 <= len(top["name"].encode()) <= 16 for top in made["button"])
    below = [entry for top in made["button"] for entry in top["sub_button"]]
    assert all(1 <= len(entry["name"].encode()) <= 40 for entry in below)
    assert all(1 <= len(entry["key"].encode()) <= 128 for entry in below)
    assert all(entry["type"] == "click" for entry in below)


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_no_two_entries_are_the_same(made):
    below = [entry for top in made["button"] for entry in top["sub_button"]]
    assert len({entry["key"] for entry in below}) == len({entry["name"] for entry in below}) == len(below)


@pytest.mark.parametrize(
    ("language", "entry"), ENTRIES, ids=lambda each: each if isinstance(each, str) else each["key"]
)
def test_what_is_pressed_is_a_command_of_everybody_and_says_its_own_name(language, entry):
    [command] = [each for each in COMMANDS if entry["key"].lower() in spoken(each.key)]
    assert entry["key"] == words(language)[f"commands.{command.key}"].partition("|")[0]
    assert RoleName.CADRE in RIGHTS[command.right]
    assert entry["name"] == entry["key"]


def test_it_begins_with_what_people_come_for():
    assert MADE["zh"]["button"][0]["sub_button"][0]["key"] == "今日答题"


def test_a_word_that_is_too_long_is_shortened_and_still_says_the_whole():
    long = words("zh") | {"commands.today": "今日答题" * 5}
    entry = menu.menu(long)["button"][0]["sub_button"][0]
    assert entry == {"type": "click", "name": "今日答题今日答题今日答题…", "key": "今日答题" * 5}
    assert len(entry["name"].encode()) <= 40


def test_a_menu_is_told_from_another():
    marks = {menu.mark(made) for made in MADE.values()}
    assert len(marks) == len(MADE)
    assert menu.mark(menu.menu(words("zh"))) == menu.mark(MADE["zh"])


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
@told
async def test_wecom_takes_it(made):
    async with simulated() as sim, opened(sim) as api:
        await api.post("/cgi-bin/menu/create", made, agentid=sim.agent_id)
        assert sim.menu == made["button"]
        assert sim.problems == []
