"""Every conversation in `tests/transcripts` once more, carried by WeCom: encrypted callbacks in, the API out, over real HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_transcripts import FILES, _on
from tests.transcripts.carrying import PlayOnWeCom


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.postgres] if _on(path) == "postgres" else [])
        for path in FILES
    ],
)
def test_it_happens_on_wecom_too(path: Path, request: pytest.FixtureRequest) -> None:
    play = PlayOnWeCom(request.getfixturevalue(_on(path)))
    try:
        play.perform(path)
    finally:
        play.close()
