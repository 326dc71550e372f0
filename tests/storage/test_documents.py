"""What was issued stays as it was issued, and an altered row is found."""

from __future__ import annotations

import pytest

from quizzes.documents import seal
from storage import documents
from storage.database import Store
from storage.documents import CERTIFICATE, RETURN
from tests.builders import NOW, District, district

SAID = {"name": "张三", "verdict": "passed"}


def issue(store: Store, d: District, code: str = "A" * 16, kind: str = CERTIFICATE, **of: int) -> int:
    return documents.issue(store, kind, code, d.round_id, SAID, None, NOW, **of)


def test_a_document_is_found_by_its_code_and_says_what_it_said(store: Store) -> None:
    d = district(store)
    number = issue(store, d, person_id=d.people["张三"])
    found = documents.behind(store, "A" * 16)
    assert found == documents.get(store, number)
    assert (found.content, found.hash, found.issued_at, found.whole) == (SAID, seal(SAID), NOW, True)
    assert documents.behind(store, "B" * 16) is None
    with pytest.raises(KeyError):
        documents.get(store, number + 1)


def test_certificates_are_a_persons_and_returns_a_units(store: Store) -> None:
    d = district(store)
    mine = issue(store, d, "1" * 16, person_id=d.people["张三"])
    issue(store, d, "2" * 16, person_id=d.people["李四"])
    theirs = issue(store, d, "3" * 16, RETURN, unit_id=d.units["住建局"])
    assert [each.id for each in documents.certificates(store, d.people["张三"])] == [mine]
    assert documents.certificates(store, d.people["张三"], d.round_id + 1) == []
    assert [each.id for each in documents.returns(store, d.round_id, d.units["住建局"])] == [theirs]
    assert documents.returns(store, d.round_id, d.units["司法局"]) == []


def test_other_papers_under_a_code_are_no_certificate(store: Store) -> None:
    d = district(store)
    issue(store, d, "9" * 16, "paper_print")
    assert documents.behind(store, "9" * 16) is None


def test_an_altered_row_is_found(store: Store) -> None:
    d = district(store)
    number = issue(store, d, person_id=d.people["张三"])
    assert documents.broken(store) == []
    store.plain("""UPDATE document SET content = '{"name":"张三","verdict":"excellent"}'""")
    assert documents.broken(store) == [number]
    assert not documents.get(store, number).whole
