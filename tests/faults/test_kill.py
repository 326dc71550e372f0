"""The answer path survives kill -9 of the whole program: nothing lost, nothing doubled, everybody told."""

from __future__ import annotations

from tests.faults.kill import drained


def test_twenty_kills_over_a_thousand_waiting_presses_lose_and_double_nothing_and_everybody_is_shown_their_reply(
    tmp_path,
):
    done = drained(tmp_path, seed=20261124, kills=20)
    assert not done.findings, done
    assert done.kills == 20
    assert done.presses >= 1000
    assert done.again > 0, "no kill fell between a commit and its acknowledgement: the test proves nothing"
