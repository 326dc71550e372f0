"""One connection, kept: every end is followed by a return, at the right time, and an unknown outcome is called unknown."""

import asyncio
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from channels.wecom.bot.connection import Connection
from channels.wecom.refusals import NotSent, Refused, Unsure
from tests.channels.wecom.bot.running import Hands, connected, over, simulated
from tests.fakes.hours import told
from tests.fakes.wecom.longconn import LongConn

HELLO = {"chatid": "zhang", "chat_type": 1, "msgtype": "markdown", "markdown": {"content": "好"}}


async def asked(hands, connection, cmd="aibot_send_msg", body=HELLO, **known):
    return await over(hands, connection.ask(cmd, body, **known))


@told
async def test_it_subscribes_hears_and_gets_acks():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        await fake.says("zhang", "在")
        await hands.still(lambda: connection.came)
        assert await asked(hands, connection) == {}
        assert fake.inbox("zhang")[0].text == "好"
        with pytest.raises(Refused) as refused:
            await asked(hands, connection, body={**HELLO, "chatid": "li"})
        assert refused.value.code == 846607


@pytest.mark.parametrize("end", ["close", "abort"])
@told
async def test_it_comes_back_after_every_end_also_a_clean_one(end):
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        if end == "close":
            await fake.close_cleanly()
        else:
            fake.abort()
        await hands.still(lambda: not connection.connected)
        began = hands.monotonic()
        await hands.waits(lambda: connection.connected)
        assert 0.9 < hands.monotonic() - began < 1.5
        assert fake.connections == 2


@told
async def test_pauses_double_up_to_half_a_minute_and_begin_anew_once_something_was_heard():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        fake.refuses["aibot_subscribe"] = [-1] * 6
        began = hands.monotonic()
        fake.abort()
        await hands.waits(lambda: fake.is_live and connection.connected, step=0.25)
        assert 91 <= hands.monotonic() - began < 97, "1 + 2 + 4 + 8 + 16 + 30 + 30, each late by a step at most"
        await fake.says("zhang", "在")
        await hands.still(lambda: connection.came)
        began = hands.monotonic()
        fake.abort()
        await hands.waits(lambda: fake.is_live and connection.connected)
        assert hands.monotonic() - began < 2


@told
async def test_chance_takes_up_to_half_of_a_pause():
    async with simulated() as (fake, hands), connected(fake, hands, chance=lambda: 1.0) as connection:
        await hands.still(lambda: connection.connected)
        began = hands.monotonic()
        fake.abort()
        await hands.waits(lambda: fake.is_live and connection.connected)
        assert 0.45 < hands.monotonic() - began < 0.8


@told
async def test_wrong_credentials_are_said_and_tried_once_a_minute():
    async with simulated() as (fake, hands):
        fake.refuses["aibot_subscribe"] = [853000, 853000]
        async with connected(fake, hands) as connection:
            await hands.still(lambda: connection.refused)
            began = hands.monotonic()
            await hands.waits(lambda: connection.connected, step=0.25)
            assert 119 < hands.monotonic() - began < 123
            assert not connection.refused
            assert len(fake.called("aibot_subscribe")) == 3


@told
async def test_who_is_displaced_says_so_and_leaves_the_place_for_a_minute():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        await fake.kick()
        await hands.still(lambda: connection.kicked and not connection.connected)
        began = hands.monotonic()
        await hands.waits(lambda: connection.connected, step=0.25)
        assert 59 < hands.monotonic() - began < 63
        assert connection.kicked, "not yet certain of our place"
        await hands.passes(61.0, step=0.25)
        assert not connection.kicked


@told
async def test_a_heartbeat_goes_every_half_minute_and_two_without_an_ack_mean_a_dead_connection():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        await hands.waits(lambda: len(fake.called("ping")) == 3, step=0.25)
        assert [round(after.at - before.at) for before, after in zip(fake.called("ping"), fake.called("ping")[1:], strict=False)] == [30, 30]  # fmt: skip
        fake.withhold_pongs = True
        began = hands.monotonic()
        await hands.waits(lambda: fake.connections == 2, step=0.25)
        assert hands.monotonic() - began < 75


@told
async def test_no_ack_in_five_seconds_is_an_unknown_outcome():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        await fake.says("zhang", "在")
        fake.withhold_acks = True
        began = hands.monotonic()
        with pytest.raises(Unsure):
            await asked(hands, connection)
        assert 4.9 < hands.monotonic() - began < 5.5
        assert len(fake.inbox("zhang")) == 1, "it had arrived"


@told
async def test_a_connection_that_ends_before_the_ack_is_an_unknown_outcome_at_once():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        await fake.says("zhang", "在")
        fake.pull("aibot_send_msg", "half", "abort")
        began = hands.monotonic()
        with pytest.raises(Unsure):
            await asked(hands, connection)
        assert hands.monotonic() - began < 1


@told
async def test_what_is_asked_of_nobody_was_surely_not_sent():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        with pytest.raises(NotSent):
            await connection.ask("aibot_send_msg", HELLO)
        assert await over(hands, connection.ready(10.0))
        fake.refuses["aibot_subscribe"] = [-1] * 10
        fake.abort()
        await hands.still(lambda: not connection.connected)
        assert not await over(hands, connection.ready(3.0))


@told
async def test_a_subscription_that_was_forgotten_is_made_anew_and_the_request_repeated():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        await fake.says("zhang", "在")
        fake.forget()
        await asked(hands, connection)
        assert len(fake.inbox("zhang")) == 1
        assert fake.connections == 2


@told
async def test_a_callback_can_be_answered_by_its_own_connection_only():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        await fake.says("zhang", "在")
        await hands.still(lambda: connection.came)
        frame, wire = connection.came[0]
        fake.abort()
        await hands.waits(lambda: fake.is_live and connection.connected)
        with pytest.raises(Refused) as refused:
            await asked(hands, connection, "aibot_respond_msg", {}, to=(wire, frame.req_id))
        assert refused.value.code == 846605
        assert not fake.called("aibot_respond_msg")


@told
async def test_nonsense_and_a_listener_that_fails_end_nothing():
    async def fails(frame, wire):
        raise RuntimeError("on purpose")

    async with simulated() as (fake, hands), connected(fake, hands, fails) as connection:
        await hands.still(lambda: connection.connected)
        for text in ("", "[]", "{", '{"cmd": 7}', '{"cmd": "aibot_msg_callback", "body": []}'):
            await fake.raw(text)
        await fake.says("zhang", "在")
        await asked(hands, connection)
        assert fake.connections == 1


@told
async def test_a_frame_larger_than_any_message_is_not_read_and_the_connection_made_anew():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        await fake.raw('{"x": "' + "x" * (1 << 20) + '"}')
        await hands.waits(lambda: not connection.connected)
        await hands.waits(lambda: connection.connected)


@told
async def test_it_starts_while_nobody_listens_and_stops_at_once():
    async with simulated() as (fake, hands):
        async with connected(fake, hands, url="ws://127.0.0.1:9") as connection:
            await asyncio.sleep(0.05)
            assert not connection.connected
        assert not fake.journal


@told
async def test_a_private_deployments_own_authority_is_trusted_and_nobody_elses(tmp_path):
    bundle, tls = authority(tmp_path)
    hands = Hands()
    async with LongConn(now=hands.monotonic, tls=tls) as fake:
        async with connected(fake, hands, ca_bundle=bundle) as connection:
            await hands.still(lambda: connection.connected)
        assert fake.url.startswith("wss://")
        async with connected(fake, hands) as stranger:
            await hands.waits(lambda: stranger._pause > 2.0)
        assert fake.connections == 1


def authority(folder):
    """A certificate for 127.0.0.1 that only its own bundle vouches for: (bundle, the server's context)."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = (
        made.serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    bundle, both = folder / "ca.pem", folder / "both.pem"
    bundle.write_bytes(pem)
    both.write_bytes(pem + secret)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(both)
    return bundle, tls


def test_a_bundle_that_is_none_is_said_at_once_and_no_secret_is_in_its_name(tmp_path):
    with pytest.raises(OSError):
        Connection("bot", "SECRET", None, ca_bundle=tmp_path / "missing.pem")
    bad = tmp_path / "bad.pem"
    bad.write_text("x")
    with pytest.raises(ssl.SSLError):
        Connection("bot", "SECRET", None, ca_bundle=bad)
    assert "SECRET" not in repr(Connection("bot", "SECRET", None))
