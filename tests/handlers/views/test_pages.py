"""Pages: each with its right, nobody reads what is another's, and what is not there is not found."""

from __future__ import annotations

import pytest

from handlers.messages import BotError
from handlers.views import pages
from handlers.views.chat import viewer_of
from handlers.views.pages import VIEWS, Look, view
from quizzes.materials import Material
from storage import accounts, files, materials
from tests.engine import DAILY, QUESTIONS, START, Engine

QUERIES = {
    "invitation": {"token": "x"},
    "entry": {"code": "x"},
    "entrant": {"code": "x"},
    "deliveries": {"after": "0"},
    "material": {"key": "xf"},
    "file": {"id": "1"},
    "seat": {"code": "x"},
    "hall": {"token": "x"},
    "exam_question": {"paper": "1", "number": "1"},
    "exam_sheet": {"paper": "1"},
    "exam_result": {"paper": "1"},
    "exam_review": {"paper": "1", "part": "1"},
    "verify": {"code": "x", "language": "zh"},
    "privacy": {"language": "zh"},
}

DOORS = ("invitation", "entry", "seat", "hall")
ONES_OWN = ("file", "exam_question", "exam_sheet", "exam_result", "exam_review")
"""Pages of something that belongs to somebody; of nothing, they are not found."""
PUBLIC = ("verify", "privacy")
"""Pages for everybody, which have nothing behind a door."""


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    for name in ("张三", "李四"):
        engine.person(name, "住建局", channel="")
        engine.write(
            lambda store, n=name: accounts.open_session(
                store, engine.people[n], f"hash-{n}", engine.now, engine.now.replace(year=2027)
            )
        )
    engine.write(
        lambda store: materials.apply(
            store, [Material("xf", "宪法", START.date(), ("宪法 第一条",), "正文")], engine.now
        )
    )
    return engine.with_plan(DAILY).at("09:00")


def looks(engine, page, name="张三", **query):
    def run(store):
        viewer = viewer_of(store, f"hash-{name}", engine.now) if name else None
        return view(store, page, Look(viewer, query, engine.house, engine.now))

    return engine.read(run)


def refusal(engine, page, name="张三", **query):
    with pytest.raises(BotError) as caught:
        looks(engine, page, name, **query)
    return caught.value.code


@pytest.mark.parametrize("page", VIEWS)
def test_a_stranger_sees_the_doors_and_nothing_else(engine, page):
    if page in PUBLIC:
        assert looks(engine, page, "", **QUERIES[page]) == looks(engine, page, **QUERIES[page])
    elif page in DOORS:
        assert looks(engine, page, "", **QUERIES[page])["state"] == "unknown"
    else:
        assert refusal(engine, page, "", **QUERIES.get(page, {})) == "not_allowed"


@pytest.mark.parametrize("page", [page for page in VIEWS if page not in (*DOORS, *ONES_OWN)])
def test_everybody_who_is_in_sees_their_own_pages(engine, page):
    assert looks(engine, page, **QUERIES.get(page, {})) is not None


@pytest.mark.parametrize("page", ONES_OWN[1:])
def test_an_exam_page_of_no_exam_of_mine_is_not_found(engine, page):
    """Paper 1 is a quiz of 张三: no exam, and not of 李四 at all."""
    assert refusal(engine, page, **QUERIES[page]) == "not_found"
    assert refusal(engine, page, "李四", **QUERIES[page]) == "not_found"


def test_a_file_is_read_by_whom_it_belongs_to_and_by_nobody_else(engine):
    number = engine.write(lambda store: files.add(store, "名单.xlsx", "x/y", b"PK", engine.people["张三"], engine.now))
    assert looks(engine, "file", id=str(number)).content == b"PK"
    assert refusal(engine, "file", "李四", id=str(number)) == "not_allowed"


def test_a_file_of_nobody_in_particular_is_nobodys(engine):
    number = engine.write(lambda store: files.add(store, "x", "x/y", b"x", None, engine.now))
    assert refusal(engine, "file", id=str(number)) == "not_allowed"
    engine.write(lambda store: files.publish(store, number))
    assert looks(engine, "file", "李四", id=str(number)).name == "x"


@pytest.mark.parametrize("number", ["0", "-1", "404", "x", "", "1e3", "9" * 40, "²"])
def test_a_number_that_is_no_file_is_not_found(engine, number):
    assert refusal(engine, "file", id=number) == "not_found"


@pytest.mark.parametrize("after", ["x", "", "1.5"])
def test_what_is_no_number_is_not_found(engine, after):
    assert refusal(engine, "deliveries", after=after) == "not_found"


def test_after_the_last_of_all_numbers_there_is_nothing(engine):
    assert looks(engine, "deliveries", after="9" * 40) == []


def test_what_was_not_asked_for_properly_is_not_found(engine):
    for page in ("file", "deliveries", "material", "invitation", "entry"):
        assert refusal(engine, page) == "not_found"
    assert refusal(engine, "material", key="nothing") == "not_found"


def test_a_page_without_a_line_does_not_exist(engine):
    with pytest.raises(KeyError):
        looks(engine, "everything")


def test_a_right_taken_back_is_gone_at_once(engine, monkeypatch):
    monkeypatch.setitem(VIEWS, "officers", pages.View("role.grant", lambda store, look: "all"))
    assert refusal(engine, "officers") == "not_allowed"
    engine.write(
        lambda store: store.plain(
            f"INSERT INTO role (person_id, name, granted_at) VALUES ({engine.people['张三']}, 'admin', 1)"
        )
    )
    assert looks(engine, "officers") == "all"
    engine.write(lambda store: store.plain("UPDATE role SET revoked_at = 2"))
    assert refusal(engine, "officers") == "not_allowed"


def test_a_session_that_ended_is_a_strangers(engine):
    engine.write(lambda store: accounts.close_session(store, "hash-张三", engine.now))
    assert refusal(engine, "chat") == "not_allowed"
