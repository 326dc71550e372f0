"""Every reason for which nothing arrives is said, and those that can be mended say by whom."""

from __future__ import annotations

import pytest

from handlers.reach import refusals
from handlers.reach.refusals import MENDED, UNREACHABLE
from handlers.words import LANGUAGES, words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_own_words(language):
    assert len({refusals.detail(language, why) for why in UNREACHABLE}) == len(UNREACHABLE)


def test_a_reason_nobody_knows_is_the_platforms():
    assert refusals.detail("zh", "86217") == words("zh")["missing.detail_other"]
    assert refusals.told_apart("86217") == "other"


def test_what_can_be_mended_says_what_to_do_once_for_each_reason():
    said = refusals.helps("zh", ["no_first_word", "blocked", "not_visible", "not_visible"])
    assert len(said) == 2
    assert "管理后台 → 应用管理 → 可见范围" in said[0]
    assert "发一句话" in said[1]


def test_nothing_is_advised_where_only_the_person_can_decide():
    assert refusals.helps("zh", set(UNREACHABLE) - set(MENDED)) == []
