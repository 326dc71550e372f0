"""A channel's directory is kept once, as it was compared last; one that is not believed stands beside it."""

from __future__ import annotations

from quizzes.directory import Listed
from storage import directories
from storage.directories import State
from tests.builders import NOW

ZHANG, LI = Listed("zhangsan", "张三", ("示例区", "住建局")), Listed("lisi", "李四", ())


def test_nothing_was_compared_yet(store):
    assert directories.state(store, "wecom") == State()
    assert directories.listed(store, "wecom") == []
    assert directories.suspect(store, "wecom") is None
    assert directories.newest(store, "wecom") == 0


def test_a_directory_is_read_back_in_its_order_and_replaces_the_former(store):
    directories.save(store, "wecom", [LI], "a", NOW)
    directories.save(store, "wecom", [ZHANG, LI], "b", NOW)
    assert directories.listed(store, "wecom") == [LI, ZHANG]
    assert directories.state(store, "wecom") == directories.state_of([LI, ZHANG], "b")
    assert directories.state(store, "wecom").people == 2
    assert directories.listed(store, "other") == []


def test_the_order_in_which_a_platform_lists_people_makes_no_difference(store):
    assert directories.state_of([LI, ZHANG], "a") == directories.state_of([ZHANG, LI], "a")
    assert directories.state_of([ZHANG], "a") != directories.state_of([ZHANG], "b")
    assert directories.state_of([ZHANG], "a") != directories.state_of([Listed("zhangsan", "张三", ())], "a")


def test_what_is_not_believed_is_put_aside_and_taken_back(store):
    directories.save(store, "wecom", [ZHANG, LI], "a", NOW)
    directories.suspecting(store, "wecom", [], NOW)
    assert directories.suspect(store, "wecom") == []
    assert directories.listed(store, "wecom") == [LI, ZHANG]
    directories.suspecting(store, "wecom", None, NOW)
    assert directories.suspect(store, "wecom") is None


def test_the_comparison_that_was_shown_last_is_the_one_that_stands(store):
    directories.show(store, "wecom", 7, NOW)
    directories.show(store, "wecom", 12, NOW)
    assert directories.newest(store, "wecom") == 12
