"""The fake Bot API server, to which no bad call may be made."""

import pytest

from tests.fakes.telegram import FakeTelegram


@pytest.fixture
def fake():
    with FakeTelegram() as server:
        yield server
    assert not server.problems
