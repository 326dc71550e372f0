"""A request while it is filled in: what words mean, which rounds it may be for, and what is recorded."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import update

from handlers.people import draft
from handlers.people.draft import Draft
from storage import tables
from storage.database import Store
from tests.builders import NOW, District, district, make_round, sits, turn


def offered(store: Store, d: District, kind: str, name: str = "张三") -> list[int]:
    return [each.id for each in draft.open_to(store, Draft(kind, d.people[name]), NOW)]


def test_kinds_and_reasons_are_known_by_their_words_in_both_languages() -> None:
    assert [draft.kind_named(word) for word in ("免考", "Exemption", "补录", "departure", "早退")] == [
        "免考",
        "免考",
        "补录",
        "调出",
        None,
    ]
    assert draft.category_named("免考", "当年退休") == draft.category_named("免考", "retiring this year") == "retiring"
    assert draft.category_named("请假", "当年退休") is None


def test_it_is_kept_with_the_conversation(store: Store) -> None:
    d = district(store)
    here = turn(store, d, "张三", "x")
    assert draft.kept(here, store) is None
    begun = Draft("免考", d.people["张三"], d.round_id, category="sick", text="")
    draft.keep(here, store, begun)
    assert draft.kept(here, store) == begun


def test_only_assessed_rounds_that_one_may_still_miss_are_offered(store: Store) -> None:
    d = district(store)
    make_round(store, plan="daily", counts="practice")
    planned = make_round(store, plan="second", state="planned", opened=timedelta(days=1))
    make_round(store, plan="exam+makeup", of=d.round_id)
    assert offered(store, d, "免考") == [d.round_id, planned]
    sits(store, d, d.round_id, "张三")
    assert offered(store, d, "免考") == offered(store, d, "缓考") == [planned]
    assert offered(store, d, "补录") == [d.round_id]


def test_a_round_closed_lately_is_offered_for_what_can_be_corrected(store: Store) -> None:
    d = district(store)
    store.run(update(tables.round_).values(state="closed", closed_at=NOW - timedelta(days=3)))
    assert (offered(store, d, "免考"), offered(store, d, "缓考")) == ([d.round_id], [])
    store.run(update(tables.round_).values(closed_at=NOW - timedelta(days=31)))
    assert offered(store, d, "免考") == []


def test_the_reason_is_recorded_in_words_with_what_was_added() -> None:
    asked = Draft("免考", 7, starts_on="2026-12-01", ends_on="", category="sick", text="住院").asked("zh", 9)
    assert (asked.reason, asked.category, asked.starts_on, asked.ends_on, asked.requested_by) == (
        "长期病假或住院；住院", "sick", date(2026, 12, 1), None, 9)  # fmt: skip
    assert Draft("免考", 7, 1, category="other", text="抢险").asked("zh", 7).reason == "抢险"
