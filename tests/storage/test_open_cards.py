"""Question cards that stand open: the last one shown of each question, until it is greyed, its code expires, or nobody can answer it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from quizzes.rules import Rules
from storage import accounts, deliveries, tables
from storage.open_cards import CODE_LASTS, Spent, forget, greyed, keep, spent
from tests.builders import NOW, district, enrol, make_round, person

SECOND = timedelta(seconds=1)
EXAM = Rules(minutes=60, attempts=2, release="closed")


@pytest.fixture
def built(store):
    made = district(store)
    person(store, made, "郑一", "住建局", "住建局")
    return made


def opened(store, rules=None):
    """A round of a plan of its own."""
    others = store.value(select(func.count()).select_from(tables.round_))
    return make_round(store, plan=f"plan{others}", rules=rules)


def paper(store, built, name="张三", *, rules=None):
    """A paper of two questions in a round of its own, begun."""
    number = opened(store, rules)
    enrolled = enrol(store, built, number, name)
    made = store.new_id(insert(tables.paper), {"enrolment_id": enrolled, "number": 1, "seed": 1, "slots": []})
    begun = {"id": made, "enrolment_id": enrolled, "state": "open", "started_at": NOW}
    store.run(insert(tables.attempt), begun)
    return made


def answers(store, paper_id, slot=0):
    known = store.value(select(tables.revision.c.id).limit(1)) or store.new_id(
        insert(tables.revision), {"key": "q", "content_hash": "h", "content": {}, "created_at": NOW}
    )
    given = {"attempt_id": paper_id, "slot": slot, "serial": 0, "revision_id": known, "answer": ["A"], "correct": True,
             "arrived_at": NOW, "channel": "web", "inbox_key": f"{paper_id}.{slot}"}  # fmt: skip
    store.run(insert(tables.response), given)


def shows(store, paper_id, slot=0, code="code", name="张三", at=NOW, channel="wecom"):
    keep(store, channel, f"{channel}-{name}", paper_id, slot, code, at)


def codes(store, now=NOW, channel="wecom"):
    return sorted(each.code for each in spent(store, channel, now))


def kept(store):
    return sorted(row.code for row in store.rows(select(tables.open_card.c.code)))


# Keeping. -----------------------------------------------------------------------------------------------------------------


def test_of_each_question_the_card_shown_last_is_kept(store, built):
    mine = paper(store, built)
    shows(store, mine, 0, "first")
    shows(store, mine, 1, "other")
    shows(store, mine, 0, "second")
    assert kept(store) == ["other", "second"]


def test_a_card_that_was_greyed_is_forgotten_and_no_other(store, built):
    mine = paper(store, built)
    shows(store, mine, 0, "a")
    shows(store, mine, 1, "b")
    shows(store, mine, 0, "t", channel="telegram")
    forget(store, "wecom", "wecom-张三", mine, 0)
    forget(store, "wecom", "wecom-李四", mine, 1)
    assert kept(store) == ["b", "t"]


def test_the_card_of_a_stranger_or_of_a_paper_that_is_none_is_not_kept(store, built):
    mine = paper(store, built)
    shows(store, mine, name="nobody")
    shows(store, 999)
    accounts.end(store, built.accounts["张三", "wecom"], NOW)
    shows(store, mine)
    assert kept(store) == []


# Spent. -------------------------------------------------------------------------------------------------------------------


def test_a_card_is_spent_once_its_question_was_answered_anywhere_and_not_before(store, built):
    mine = paper(store, built)
    shows(store, mine, 0, "answered")
    shows(store, mine, 1, "open")
    assert codes(store) == []
    answers(store, mine, 0)
    assert spent(store, "wecom", NOW) == [Spent("answered", "wecom-张三", "zh", closed=False)]


def test_in_a_formal_exam_an_answer_may_change_so_its_card_is_spent_only_when_it_is_handed_in(store, built):
    mine = paper(store, built, rules=EXAM)
    shows(store, mine)
    answers(store, mine)
    assert codes(store) == []
    store.run(update(tables.attempt).values(state="handed_in", handed_in_at=NOW))
    assert spent(store, "wecom", NOW) == [Spent("code", "wecom-张三", "zh", closed=False)]


@pytest.mark.parametrize("rules", [None, EXAM])
def test_a_card_of_a_closed_round_is_spent_answered_or_not(store, built, rules):
    mine = paper(store, built, rules=rules)
    shows(store, mine, 0, "given")
    shows(store, mine, 1, "open")
    answers(store, mine, 0)
    store.run(update(tables.round_).values(state="closing"))
    assert codes(store) == ([] if rules else ["given"])
    store.run(update(tables.round_).values(state="closed", closed_at=NOW))
    found = spent(store, "wecom", NOW)
    assert {(each.code, each.closed) for each in found} == {("given", True), ("open", True)}


def test_a_paper_that_was_handed_in_has_no_open_question_left(store, built):
    mine = paper(store, built)
    shows(store, mine, 1)
    store.run(update(tables.attempt).values(state="handed_in"))
    assert codes(store) == ["code"]


def test_a_paper_that_was_never_begun_is_spent_when_its_round_closes(store, built):
    mine = paper(store, built)
    store.run(tables.attempt.delete())
    shows(store, mine)
    assert codes(store) == []
    store.run(update(tables.round_).values(state="closed", closed_at=NOW))
    assert codes(store) == ["code"]


def test_one_channel_is_not_told_of_anothers_cards_and_each_speaks_its_readers_language(store, built):
    mine, his = paper(store, built), paper(store, built, "郑一")
    for each, name in ((mine, "张三"), (his, "郑一")):
        shows(store, each, code=name, name=name)
        answers(store, each)
    shows(store, mine, code="t", channel="telegram")
    accounts.set_language(store, built.people["郑一"], "en")
    assert {(each.code, each.language) for each in spent(store, "wecom", NOW)} == {("张三", "zh"), ("郑一", "en")}
    assert codes(store, channel="telegram") == ["t"]
    assert codes(store, channel="web") == []


def test_after_three_days_a_code_works_no_longer_and_nobody_tries_it(store, built):
    mine = paper(store, built)
    shows(store, mine)
    answers(store, mine)
    assert codes(store, NOW + CODE_LASTS - SECOND) == ["code"]
    assert codes(store, NOW + CODE_LASTS) == []


def test_only_so_many_are_given_at_once(store, built):
    for number in range(5):
        mine = paper(store, built)
        shows(store, mine, code=f"c{number}")
        answers(store, mine)
    assert len(spent(store, "wecom", NOW, most=3)) == 3


# Announcements: one code for all who got them together. -------------------------------------------------------------------


def announced(store, built, round_id, *names, code="all", state="sent"):
    for name in names:
        key = f"card:{round_id}:{name}"
        deliveries.plan(store, key, built.accounts[name, "wecom"], "card", {"text": ""}, NOW, round_id=round_id)
        mine = tables.delivery.c.key == key
        store.run(update(tables.delivery).where(mine).values(state=state, platform_id=f"{deliveries.CARD_CODE}{code}"))


def closes(store, round_id, at=NOW):
    store.run(update(tables.round_).where(tables.round_.c.id == round_id).values(state="closed", closed_at=at))


def test_the_card_that_opened_a_round_is_spent_after_the_close_for_all_who_got_it(store, built):
    round_id = opened(store)
    announced(store, built, round_id, "张三", "刘洋")
    assert codes(store) == []
    store.run(update(tables.round_).values(state="closing"))
    assert codes(store) == []
    closes(store, round_id)
    found = spent(store, "wecom", NOW)
    assert {(each.code, each.address, each.closed) for each in found} == {
        ("all", "wecom-张三", True), ("all", "wecom-刘洋", True),
    }  # fmt: skip


def test_what_was_not_sent_or_has_no_code_is_not_spent(store, built):
    round_id = opened(store)
    announced(store, built, round_id, "张三", state="uncertain")
    announced(store, built, round_id, "刘洋")
    store.run(update(tables.delivery).where(tables.delivery.c.state == "sent").values(platform_id="msgid-7"))
    closes(store, round_id)
    assert codes(store) == []


def test_three_days_after_the_close_it_is_left_as_it_is(store, built):
    round_id = opened(store)
    announced(store, built, round_id, "张三")
    closes(store, round_id)
    assert codes(store, NOW + CODE_LASTS - SECOND) == ["all"]
    assert codes(store, NOW + CODE_LASTS) == []


# Greyed. ------------------------------------------------------------------------------------------------------------------


def test_what_was_greyed_is_not_spent_again(store, built):
    mine, round_id = paper(store, built), opened(store)
    shows(store, mine, 0, "a")
    shows(store, mine, 1, "b")
    for slot in (0, 1):
        answers(store, mine, slot)
    announced(store, built, round_id, "张三", "刘洋", code="all")
    announced(store, built, round_id, "王敏", code="rest")
    closes(store, round_id)
    greyed(store, "wecom", ["a", "all"], NOW)
    assert codes(store) == ["b", "rest"]
    assert kept(store) == ["b"]


def test_another_channels_announcement_with_the_same_code_is_not_greyed(store, built):
    round_id = opened(store)
    announced(store, built, round_id, "张三")
    closes(store, round_id)
    greyed(store, "wecom_bot", ["all"], NOW)
    assert codes(store) == ["all"]


def test_with_the_greyed_goes_what_has_expired(store, built):
    mine = paper(store, built)
    shows(store, mine, 0, "old", at=NOW - CODE_LASTS - SECOND)
    shows(store, mine, 1, "young")
    greyed(store, "wecom", [], NOW)
    assert kept(store) == ["young"]


def test_a_thousand_codes_are_greyed_in_one_go(store, built):
    mine = paper(store, built)
    shows(store, mine)
    greyed(store, "wecom", ["code", *(f"c{number}" for number in range(1000))], NOW)
    assert store.value(select(func.count()).select_from(tables.open_card)) == 0


def test_wecoms_code_works_for_seventy_two_hours():
    assert timedelta(hours=72) == CODE_LASTS
