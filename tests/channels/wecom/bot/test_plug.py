"""The long connection survives the plug: no acknowledged press is lost, nothing is doubled that anybody could have known of."""

from __future__ import annotations

import asyncio

from tests.channels.wecom.bot.plug import told


def test_twenty_pulls_lose_no_acknowledged_press_and_send_no_definite_double():
    done = asyncio.run(told(seed=20261124, times=20))
    assert not done.bad(), done
    assert done.connections >= 20
    assert done.acknowledged >= 8
    assert done.pushes["uncertain"] + done.shown_again > 0, (
        "no pull fell between a message and its ack: the test proves nothing"
    )
