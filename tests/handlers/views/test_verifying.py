"""The public page of a code: plain data in the reader's language, to anybody, and nothing but what was issued."""

from __future__ import annotations

import pytest

from handlers.sitting import certificates
from handlers.views import pages
from storage import documents
from storage.database import Store
from tests.builders import HOUSE, NOW, turn
from tests.handlers.reports.returning_district import closed


def looks(store: Store, code: str, language: str = "zh"):
    return pages.view(store, "verify", pages.Look(None, {"code": code, "language": language}, HOUSE, NOW))


def test_a_stranger_reads_what_was_issued(store: Store) -> None:
    d = closed(store)
    certificates.certificate(turn(store, d, "吴九", "证书"), store)
    found = looks(store, documents.certificates(store, d.people["吴九"])[0].code)
    assert set(found) == {"kind", "stands", "verdict", "facts", "changes"}
    assert (found["kind"], found["stands"], found["changes"]) == ("certificate", True, [])
    assert found["facts"][0] == ("姓名", "吴*")


@pytest.mark.parametrize(("language", "word"), [("zh", "没有查到"), ("en", "No document"), ("xx", "没有查到")])
def test_an_unknown_code_is_said_in_the_readers_language(store: Store, language: str, word: str) -> None:
    found = looks(store, "no such code", language)
    assert (found["kind"], found["facts"]) == ("", [])
    assert word in found["verdict"]


def test_what_is_recorded_is_told_to_strangers_too(store: Store) -> None:
    found = pages.view(store, "privacy", pages.Look(None, {"language": "zh"}, HOUSE, NOW))
    assert found["title"] == "记录了您的哪些数据"
