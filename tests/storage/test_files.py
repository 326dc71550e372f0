"""Files in the database: whole, with their digest, and for their owner."""

import hashlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from storage import files, tables

NOW = datetime(2026, 12, 4, 1, tzinfo=UTC)
CONTENT = bytes(range(256)) * 1000


def test_a_file_comes_back_byte_for_byte_with_its_digest(store):
    number = files.add(store, "名册.xlsx", "application/x", CONTENT, None, NOW)
    assert files.get(store, number) == ("名册.xlsx", "application/x", CONTENT)
    assert files.label(store, number) == ("名册.xlsx", "application/x")
    assert store.value(select(tables.file.c.sha256)) == hashlib.sha256(CONTENT).hexdigest()


def test_a_file_is_for_its_owner_until_it_is_published(store):
    people = [store.new_id(insert(tables.person), {"name": name, "created_at": NOW}) for name in ("张三", "李四")]
    number = files.add(store, "a", "b", b"c", people[0], NOW)
    assert files.owner(store, number) == people[0]
    assert [files.may_read(store, number, who) for who in people] == [True, False]
    files.publish(store, number)
    assert [files.may_read(store, number, who) for who in people] == [True, True]


def test_a_file_of_nobody_has_no_owner(store):
    assert files.owner(store, files.add(store, "a", "b", b"", None, NOW)) is None


def test_a_forgotten_file_keeps_its_name(store):
    number = files.add(store, "a", "b", b"c", None, NOW)
    files.forget(store, number)
    assert files.get(store, number) == ("a", "b", b"")


@pytest.mark.parametrize(
    "ask", [files.get, files.label, files.owner, lambda store, number: files.may_read(store, number, 1)]
)
def test_a_number_that_is_no_file_is_an_error(store, ask):
    with pytest.raises(KeyError):
        ask(store, 404)


def test_a_copy_for_somebody_else_is_kept_once_for_each(store):
    people = [store.new_id(insert(tables.person), {"name": name, "created_at": NOW}) for name in ("张三", "李四")]
    number = files.add(store, "扫描.pdf", "application/pdf", CONTENT, people[0], NOW)
    copy = files.copy_for(store, number, people[1], NOW)
    assert copy != number
    assert files.copy_for(store, number, people[1], NOW) == copy
    assert files.get(store, copy) == files.get(store, number)
    assert [files.may_read(store, copy, who) for who in people] == [False, True]
    with pytest.raises(KeyError):
        files.copy_for(store, 999, people[1], NOW)
