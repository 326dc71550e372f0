"""核对: what a code confirms, as a stranger may read it; and exactly what has changed since."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from handlers.reports import confirming, returning
from handlers.sitting import certificates
from handlers.words import words
from quizzes.documents import code, shown_code
from storage import documents, rounds, tables
from storage.database import Store
from storage.documents import RETURN
from tests.builders import HOUSE, NOW, PEOPLE, District, sits, turn
from tests.handlers.reports.returning_district import closed, exempts

ZH = words("zh")


@pytest.fixture
def d(store: Store) -> District:
    return closed(store)


def confirm(store: Store, typed: str, language: str = "zh"):
    return confirming.confirm(store, typed, language, HOUSE, NOW)


def certificate(store: Store, d: District, name: str = "吴九") -> str:
    certificates.certificate(turn(store, d, name, "证书"), store)
    return documents.certificates(store, d.people[name])[0].code


def printed(store: Store, d: District, unit: str = "住建局") -> str:
    said = returning.content(store, rounds.get(store, d.round_id), d.units[unit], "zh", HOUSE, NOW, reasons=True)
    documents.issue(store, RETURN, code(7), d.round_id, said, None, NOW, unit_id=d.units[unit])
    return code(7)


@pytest.mark.parametrize("typed", ["", "ABCD", "0" * 16, "'; DROP TABLE document; --", "住建局"])
def test_an_unknown_code_is_said_calmly(store: Store, d: District, typed: str) -> None:
    found = confirm(store, typed)
    assert (found.kind, found.stands, found.verdict, found.facts) == ("", False, ZH["confirming.unknown"], ())


def test_a_certificate_shows_what_was_issued_and_of_the_name_the_first_character(store: Store, d: District) -> None:
    found = confirm(store, shown_code(certificate(store, d)).lower())
    assert (found.kind, found.stands, found.verdict) == ("certificate", True, ZH["confirming.certificate_stands"])
    assert dict(found.facts) == {
        "姓名": "吴*",
        "单位": "司法局",
        "考试": "宪法宣传周学法考试",
        "结果": "合格",
        "发证日期": "2026年12月4日",
    }


def test_a_certificate_falls_with_a_correction_and_the_page_says_so(store: Store, d: District) -> None:
    of = certificate(store, d)
    sits(store, d, d.round_id, "吴九", 5900)
    found = confirm(store, of)
    assert (found.stands, found.verdict) == (False, ZH["confirming.certificate_fallen"])
    assert dict(found.facts)["结果"] == "合格"  # what was issued, not what is


def test_a_return_agrees_as_long_as_nothing_changed(store: Store, d: District) -> None:
    found = confirm(store, printed(store, d))
    assert (found.kind, found.stands, found.changes) == ("return", True, ())
    facts = dict(found.facts)
    assert facts["合计"] == "应考 5，实考 3，合格 3，优秀 1"
    assert facts["比率"] == "参考率 60.00%（3/5），合格率 100%（3/3）"


def test_of_a_return_each_count_that_changed_is_named(store: Store, d: District) -> None:
    of = printed(store, d)
    sits(store, d, d.round_id, "李四", 6500)
    found = confirm(store, of)
    assert (found.stands, found.verdict) == (False, ZH["confirming.return_changed"])
    assert found.changes == (
        "正考：实考由 3 变为 4", "正考：合格由 2 变为 3", "合计：实考由 3 变为 4", "合计：合格由 3 变为 4", "名单中有 1 人的情况与印出的不同",
    )  # fmt: skip


def test_a_shrunken_denominator_shows_on_a_return_printed_before(store: Store, d: District) -> None:
    of = printed(store, d)
    store.run(update(tables.enrolment).where(tables.enrolment.c.person_id == d.people["孙七"]).values(counted=False))
    assert "合计：应考由 5 变为 4" in confirm(store, of).changes
    exempts(store, d, "王敏")
    assert len(confirm(store, of).changes) == 5  # what happens elsewhere is none of this unit's


def test_what_was_printed_before_the_close_says_that_it_is_over(store: Store, d: District) -> None:
    store.run(update(tables.round_).values(state="open"))
    of = printed(store, d)
    assert confirm(store, of).stands
    store.run(update(tables.round_).values(state="closed"))
    assert confirm(store, of).changes == (ZH["confirming.closed_since"],)


def test_an_altered_return_confirms_nothing(store: Store, d: District) -> None:
    of = printed(store, d)
    store.run(update(tables.document).values(hash="0" * 64))
    found = confirm(store, of)
    assert (found.stands, found.verdict) == (False, ZH["confirming.return_broken"])


def test_nobodys_name_is_ever_shown(store: Store, d: District) -> None:
    codes = [certificate(store, d), certificate(store, d, "陈芳"), printed(store, d, "城南区")]
    sits(store, d, d.round_id, "李四", 6500)
    for language in ("zh", "en"):
        said = "".join(repr(confirm(store, of, language)) for of in codes)
        assert [line[0] for line in PEOPLE if line[0] in said] == []
