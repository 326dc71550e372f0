"""单位意见: whose requests a liaison sees, and what their word does."""

from __future__ import annotations

import pytest

from handlers import dispatch
from handlers.messages import Reply
from handlers.words import words
from storage import accounts, requests
from storage.database import Store
from storage.requests import Asked
from tests.builders import NOW, District, district, owed, turn

ZH = words("zh")


@pytest.fixture
def d(store: Store) -> District:
    """张三 of 住建局, 孙七 of its station and 吴九 of 司法局 have asked; 刘洋 speaks for 住建局."""
    made = district(store)
    for name in ("张三", "孙七", "吴九"):
        requests.add(store, Asked(made.people[name], "免考", made.people[name], made.round_id, reason="长期病假"), NOW)
    accounts.bind(store, made.people["刘洋"], "telegram", "telegram-刘洋", NOW)
    return made


def says(store: Store, d: District, said: str, channel: str = "wecom", name: str = "刘洋") -> Reply:
    [reply] = dispatch.dispatch(turn(store, d, name, said, channel=channel), store)
    return reply


def test_one_of_the_units_own_at_a_time(store: Store, d: District) -> None:
    first = says(store, d, "本单位申请")
    assert "第 1/2 份" in first.text
    assert "住建局张三" in first.text
    assert "质安站孙七" in says(store, d, first.choices[-1].says).text
    assert "吴九" not in says(store, d, "本单位申请 3").text


def test_without_names_only_how_many(store: Store, d: District) -> None:
    assert says(store, d, "本单位申请", "telegram").text.startswith(
        "您负责的单位有 2 份申请等待决定，其中 2 份还没有单位意见"
    )


def test_an_opinion_is_recorded_and_the_admin_is_told_once(store: Store, d: District) -> None:
    says(store, d, "单位意见 1 同意 情况 属实")
    found = requests.get(store, 1)
    assert (found.verdict, found.sentence, found.opinion_by) == ("agree", "情况 属实", d.people["刘洋"])
    says(store, d, "单位意见 1 不同意 改主意了")
    assert len(owed(store, d, "王敏")) == 1
    assert requests.get(store, 1).verdict == "disagree"
    assert "质安站孙七" in says(store, d, "本单位申请").text, "the one without an opinion comes first"


def test_not_agreeing_needs_a_sentence(store: Store, d: District) -> None:
    assert says(store, d, "单位意见 1 不同意").text == ZH["requests.ask_sentence"]
    assert requests.get(store, 1).verdict == ""
    assert "200" in says(store, d, "长" * 201).text
    says(store, d, "单位意见 1 不同意")
    says(store, d, "本周能安排")
    assert (requests.get(store, 1).verdict, requests.get(store, 1).sentence) == ("disagree", "本周能安排")


@pytest.mark.parametrize("said", ["单位意见 3 同意", "单位意见 99 同意", "单位意见"])
def test_of_other_units_or_none_nothing_is_said(store: Store, d: District, said) -> None:
    assert says(store, d, said).text == ZH["requests.not_waiting"]
    assert requests.get(store, 3).verdict == ""


def test_a_word_that_is_no_verdict_is_asked_again(store: Store, d: District) -> None:
    assert says(store, d, "单位意见 1 也许").text == ZH["requests.how_opinion"]


def test_what_has_been_decided_meanwhile_takes_no_opinion(store: Store, d: District) -> None:
    says(store, d, "单位意见 1 不同意")
    requests.decide(store, 1, "approved", "", d.people["王敏"], NOW)
    assert says(store, d, "来晚了").text == ZH["requests.not_waiting"]
    assert requests.get(store, 1).verdict == ""


def test_their_own_request_is_for_somebody_else(store: Store, d: District) -> None:
    requests.add(store, Asked(d.people["刘洋"], "免考", d.people["刘洋"], d.round_id, reason="病"), NOW)
    assert says(store, d, "单位意见 4 同意").text == ZH["requests.not_waiting"]
