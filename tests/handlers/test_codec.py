"""Replies as JSON and back: every field, and every file kept once."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from handlers import codec
from handlers.messages import Choice, File, Link, QuestionCard, Reply
from storage.tables import file

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CARD = QuestionCard("第 1/3 题 · 多选题", "哪些？", ("甲", "乙", "丙"), True, "1.0.x", "AC", "提交")
WHOLE = Reply("正文", (Choice("答题", "今日答题"), Choice("帮助", "帮助")), CARD, (File("图.png", "image/png", b"\x89PNG"),), (Link("打开", "https://x.example/"),),
              "# 标题", True)  # fmt: skip


def back(store, reply, **how):
    return codec.from_json(
        store, json.loads(json.dumps(codec.to_json(store, reply, None, NOW), ensure_ascii=False)), **how
    )


def test_a_reply_with_everything_comes_back_with_everything(store):
    assert {f.name for f in dataclasses.fields(Reply) if not getattr(WHOLE, f.name)} == set()
    again = back(store, WHOLE)
    (kept,) = again.files
    assert kept.id > 0
    assert dataclasses.replace(again, files=(dataclasses.replace(kept, id=0),)) == WHOLE


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Reply) if f.name not in ("text", "files")])
def test_each_field_alone_comes_back(field):
    one = dataclasses.replace(Reply(""), **{field: getattr(WHOLE, field)})
    assert back(None, one) == one


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(QuestionCard)])
def test_each_field_of_a_card_comes_back(field):
    plain = QuestionCard("", "", (), False, "")
    one = Reply("", card=dataclasses.replace(plain, **{field: getattr(CARD, field)}))
    assert back(None, one) == one


def test_what_is_empty_takes_no_room():
    assert codec.to_json(None, Reply("正文"), None, NOW) == {"text": "正文"}


def test_a_file_is_kept_once_however_often_its_reply_is(store):
    data = codec.to_json(store, WHOLE, None, NOW)
    again = codec.from_json(store, data)
    assert codec.to_json(store, again, None, NOW) == data
    assert store.value(select(func.count()).select_from(file)) == 1


def test_without_contents_a_file_has_its_name_and_number(store):
    (found,) = back(store, WHOLE, contents=False).files
    assert (found.name, found.media_type, found.content) == ("图.png", "image/png", b"")
    assert found.id


def test_a_file_belongs_to_whom_it_was_made_for(store):
    from storage import files, people

    number = people.add_people(store, [people.Person(0, "张三")], NOW)[0]
    data = codec.to_json(store, WHOLE, number, NOW)
    assert files.owner(store, data["files"][0][0]) == number


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.builds(Reply, st.text(), st.lists(st.builds(Choice, st.text(), st.text())).map(tuple),
                 st.none() | st.builds(QuestionCard, st.text(), st.text(), st.lists(st.text()).map(tuple), st.booleans(), st.text(), st.text(), st.text()),
                 st.just(()), st.lists(st.builds(Link, st.text(), st.text())).map(tuple), st.text(), st.booleans()))  # fmt: skip
def test_any_reply_comes_back_as_it_was(reply):
    assert codec.from_json(None, json.loads(json.dumps(codec.to_json(None, reply, None, NOW)))) == reply
