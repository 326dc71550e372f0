"""A round is named by its number, and by nothing else."""

from __future__ import annotations

import pytest

from handlers.rounds import naming
from storage.database import Store
from tests.builders import district


def test_a_number_names_its_round(store: Store) -> None:
    d = district(store)
    found = naming.named(store, str(d.round_id))
    assert found is not None
    assert found.id == d.round_id


@pytest.mark.parametrize("word", ["", "0", "999", "-1", "一", "1a", "9" * 40, "1.0"])
def test_what_is_no_number_of_a_round_names_none(store: Store, word: str) -> None:
    district(store)
    assert naming.named(store, word) is None
