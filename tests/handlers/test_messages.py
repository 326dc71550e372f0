"""What passes between channels and the house: actions one could have typed."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import messages
from handlers.messages import BotError, answer_action, read_card_action, tick_action

TOKENS = st.text(st.characters(codec="ascii", exclude_characters=":", categories=("L", "N", "P")), max_size=40)


@given(TOKENS, st.text("ABCDEFGHIJ", max_size=10))
def test_a_card_action_comes_back_as_it_was_made(token, letters):
    assert read_card_action(answer_action(token, letters)) == (token, letters, True)
    assert read_card_action(tick_action(token, letters)) == (token, letters, False)


@pytest.mark.parametrize("action", ["", "A", "今日答题", "=", "?x", "1.0.x:A", " =x:A"])
def test_anything_else_is_no_card_action(action):
    assert read_card_action(action) is None


def test_what_was_typed_for_a_blank_may_hold_colons():
    assert read_card_action("=a:b:AC") == ("a", "b:AC", True)


def test_an_error_holds_the_code_of_its_sentence_and_its_values_as_text():
    error = BotError("terminal.port_taken", port=8000, code="x")
    assert (error.code, error.values, str(error)) == (
        "terminal.port_taken",
        {"port": "8000", "code": "x"},
        "terminal.port_taken",
    )


@pytest.mark.parametrize(
    "kind", [kind for kind in vars(messages).values() if dataclasses.is_dataclass(kind)], ids=lambda kind: kind.__name__
)
def test_what_passes_cannot_be_changed_on_its_way(kind):
    made = kind(*[""] * sum(field.default is dataclasses.MISSING for field in dataclasses.fields(kind)))
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError, TypeError)):
        made.id = 1
