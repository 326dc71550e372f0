"""The shape of a preset."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from quizzes.content.preset_shapes import PresetShape
from quizzes.content.rules_shapes import ParametersShape

PRESET = {
    "title": {"zh": "某地2026", "en": "Somewhere 2026"}, "label": {"zh": "据公开通知整理", "en": "From a notice"}, "source": "某通知。",
    "notes": {}, "rules": {"pass_line": 80},
}  # fmt: skip


def test_the_shortest_preset_chooses_nothing_of_its_own_and_names_no_paper():
    found = PresetShape(**PRESET)
    assert (found.ours, found.paper, found.notes.zh) == (ParametersShape(), [], [])
    assert found.rules.model_fields_set == {"pass_line"}


@pytest.mark.parametrize("missing", PRESET)
def test_what_every_preset_needs_is_asked_for(missing):
    with pytest.raises(ValidationError, match="missing"):
        PresetShape(**{key: value for key, value in PRESET.items() if key != missing})


def test_both_languages_are_asked_for():
    with pytest.raises(ValidationError, match="missing"):
        PresetShape(**{**PRESET, "title": {"zh": "某地2026"}})
