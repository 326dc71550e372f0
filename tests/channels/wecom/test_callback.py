"""The callback address: what WeCom sends is taken and greyed in time, and nothing that is not WeCom's gets past it."""

import asyncio
import base64
import os
import xml.etree.ElementTree as ET
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from structlog.testing import capture_logs

from channels.answering import Answers
from channels.wecom.api import Api, Credentials
from channels.wecom.callback import MOST_SKEW, PATIENCE, Callback
from channels.wecom.envelopes import MOST_BODY
from channels.wecom.receiving import Receiver
from channels.wecom.secrecy import Secrecy
from handlers.messages import Reply
from tests.channels.wecom.running import running, simulated, until
from tests.channels.wecom.test_envelopes import BOMBS, BROKEN
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import settled, told
from tests.fakes.wecom import secrecy as theirs
from tests.fakes.wecom.events import read_reply, xml

TOKEN, AES_KEY, CORP, AGENT = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wwcorp", 1000002
NOW = 1796356800


def message(*pairs, **head):
    """The plain text of a callback."""
    known = {"ToUserName": CORP, "FromUserName": "ZhangSan", "CreateTime": NOW, "AgentID": AGENT} | head
    return xml([*known.items(), *pairs])


def text(content="今日答题", number=1):
    return message(("MsgType", "text"), ("Content", content), ("MsgId", number))


def press(key="=tok:A", code="RC"):
    pairs = [("EventKey", key), ("TaskId", "t-1"), ("CardType", "button_interaction"), ("ResponseCode", code)]
    return message(("MsgType", "event"), ("Event", "template_card_event"), *pairs)


def signed(sealed, *, timestamp=NOW, nonce="n0nce", token=TOKEN, **more):
    """The query that goes with an encrypted text."""
    signature = theirs.signature(token, timestamp, nonce, sealed)
    return {"msg_signature": signature, "timestamp": str(timestamp), "nonce": nonce, **more}


def enveloped(sealed):
    return xml([("ToUserName", CORP), ("AgentID", str(AGENT)), ("Encrypt", sealed)]).encode()


def posted(plain, **how):
    """(query, body) as WeCom sends it."""
    sealed = theirs.seal(plain, AES_KEY, CORP)
    return signed(sealed, **how), enveloped(sealed)


def recorded(incoming):
    """What the house says: an answer takes the place of its question."""
    return [Reply("已记录。", edits=True)] if incoming.action.startswith("=") else []


class Address:
    """The route's own application, its house, and a take that a test may hold up."""

    def __init__(self, *, patience=PATIENCE):
        self.house = CollectingHouse(recorded)
        api = Api(Credentials(CORP, AGENT, "app-secret"), "http://127.0.0.1:9")
        receiver = Receiver(self.house.house, api, Answers("wecom", self.house.house, self._show))
        self._receiver, self.taken, self.through, self.now = receiver, 0, asyncio.Event(), NOW
        self.through.set()
        self.callback = Callback(
            Secrecy(TOKEN, AES_KEY, CORP), CORP, AGENT, self._take, chance=bytes, patience=patience,
            now=lambda: datetime.fromtimestamp(self.now, UTC),
        )  # fmt: skip

    async def _take(self, event):
        self.taken += 1
        await self.through.wait()
        return await self._receiver.take(event)

    async def _show(self, owed, superseded):
        return ()

    async def call(self, query, body=b"", method="POST"):
        """(status, headers, body) of one request, by ASGI; `body` may be chunks, and None in it is the end of the connection."""
        raw = query if isinstance(query, str) else urlencode(query)
        chunks, sent = list(body) if isinstance(body, list) else [body], []

        async def receive():
            chunk = chunks.pop(0) if chunks else None
            if chunk is None:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

        async def send(event):
            sent.append(event)

        scope = {
            "type": "http", "method": method, "path": "/wecom/callback", "raw_path": b"/wecom/callback", "root_path": "",
            "query_string": raw.encode("latin-1"), "headers": [(b"content-type", b"text/xml")], "scheme": "http",
            "http_version": "1.1", "server": ("x", 80), "client": ("y", 1), "asgi": {},
        }  # fmt: skip
        await self.callback(scope, receive, send)
        found = b"".join(event.get("body", b"") for event in sent)
        return sent[0]["status"], dict(sent[0]["headers"]), found

    async def post(self, plain, **how):
        """(status, label of the greyed button or "") of a genuine callback."""
        status, _, body = await self.call(*posted(plain, **how))
        return status, label_of(body, self.now) if body else ""


def label_of(body, now):
    """What a passive reply writes on the button, read as WeCom reads it."""
    parts = {child.tag: child.text for child in ET.fromstring(body)}
    assert parts["TimeStamp"] == str(now)
    assert parts["MsgSignature"] == theirs.signature(TOKEN, now, parts["Nonce"], parts["Encrypt"])
    inner = theirs.open_sealed(parts["Encrypt"], AES_KEY, CORP)
    kind, label = read_reply(inner, "ZhangSan", CORP)
    assert kind == "update_button"
    return label


# GET: the check while the address is saved. -----------------------------------------------------------------------------


def checked(echo="1616140317555161061", **how):
    """The query of the check."""
    sealed = theirs.seal(echo, AES_KEY, CORP)
    return {**signed(sealed, **how), "echostr": sealed}


@pytest.mark.parametrize("echo", ["1616140317555161061", "0", "9" * 26])
@told
async def test_the_check_is_answered_by_the_plain_echo_and_not_a_byte_more(echo):
    status, headers, body = await Address().call(checked(echo), method="GET")
    assert (status, body) == (200, echo.encode())
    assert headers[b"content-type"].startswith(b"text/plain")


@told
async def test_a_plus_that_was_not_escaped_is_a_plus_all_the_same():
    at = Address()
    query = next(query for query in map(checked, map(str, range(1000))) if "+" in query["echostr"])
    raw = "&".join(f"{name}={quote(value, safe='+/=')}" for name, value in query.items())
    assert "+" in raw
    assert [(await at.call(each, method="GET"))[0] for each in (raw, query)] == [200, 200]


@pytest.mark.parametrize("change", [
    {"msg_signature": "0" * 40}, {"msg_signature": ""}, {"nonce": "other"}, {"timestamp": str(NOW + 1)}, {"echostr": ""},
    {"echostr": "1616140317555161061"},
])  # fmt: skip
@told
async def test_a_check_that_is_not_wecoms_is_refused_without_a_word(change):
    status, _, body = await Address().call(checked() | change, method="GET")
    assert (status, body) == (403, b"")


@told
async def test_a_check_of_another_app_or_of_long_ago_is_refused():
    at = Address()
    other = theirs.seal("1", AES_KEY, "wwother")
    assert (await at.call({**signed(other), "echostr": other}, method="GET"))[0] == 403
    for away in (-MOST_SKEW - 1, MOST_SKEW + 1):
        assert (await at.call(checked(timestamp=NOW + away), method="GET"))[0] == 403
    for away in (-MOST_SKEW, MOST_SKEW):
        assert (await at.call(checked(timestamp=NOW + away), method="GET"))[0] == 200


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
@told
async def test_anything_but_get_and_post_tells_nothing(method):
    assert (await Address().call(checked(), method=method))[0] == 403


# POST: what members do. -------------------------------------------------------------------------------------------------


@told
async def test_a_message_is_on_disk_before_the_yes():
    at = Address()
    assert await at.post(text()) == (200, "")
    [incoming] = at.house.came
    assert (incoming.account.id, incoming.text) == ("zhangsan", "今日答题")


@pytest.mark.parametrize(("key", "label"), [("=tok:A", "✓ A"), ("=tok:", "✓"), ("今日答题", "")])
@told
async def test_an_answered_card_is_grey_within_the_same_answer(key, label):
    at = Address()
    assert await at.post(press(key)) == (200, label)
    assert at.house.came[0].action == key


@told
async def test_what_says_nothing_to_us_is_answered_yes_and_recorded_nowhere():
    at = Address()
    assert await at.post(message(("MsgType", "event"), ("Event", "enter_agent"), ("EventKey", ""))) == (200, "")
    assert (at.taken, at.house.came) == (1, [])


@told
async def test_a_body_is_counted_while_it_comes():
    at = Address()
    query, body = posted(text())
    assert (await at.call(query, [b"x" * 40_000] * 2))[0] == 413
    assert (await at.call(query, body + b" " * (MOST_BODY - len(body) + 1)))[0] == 413
    assert at.taken == 0
    assert (await at.call(query, body + b" " * (MOST_BODY - len(body))))[0] == 200
    assert (await at.call(*posted(text(number=2))))[0] == 200
    query, body = posted(text(number=3))
    assert (await at.call(query, [body[:100], body[100:]]))[0] == 200
    assert at.taken == 3


@told
async def test_a_body_that_breaks_off_is_refused():
    at = Address()
    query, body = posted(text())
    for chunks in ([None], [body[:100], None]):
        assert (await at.call(query, chunks))[0] == 403
    assert at.taken == 0


@told
async def test_what_is_not_recorded_is_not_answered_yes():
    at = Address()
    at.house.failing = {"submit": 1}
    assert await at.post(press()) == (503, "")
    assert await at.post(press()) == (200, "✓ A")
    assert len(at.house.came) == 1


@told
async def test_a_record_that_comes_too_late_is_found_by_the_next_try_which_greys():
    at = Address(patience=0.02)
    at.through.clear()
    assert await at.post(press()) == (503, "")
    assert at.house.came == []
    at.through.set()
    await settled()
    assert len(at.house.came) == 1
    assert await at.post(press()) == (200, "✓ A")
    assert (len(at.house.came), len(at.house.again)) == (1, 1)


@told
async def test_a_try_that_meets_the_first_still_recording_waits_for_the_same_record():
    at = Address()
    at.through.clear()
    first, second = [asyncio.ensure_future(at.post(press())) for _ in range(2)]
    other = asyncio.ensure_future(at.post(press(code="RC-2")))
    await settled()
    assert at.taken == 2
    at.through.set()
    assert [await first, await second, await other] == [(200, "✓ A")] * 3
    assert (len(at.house.came), at.house.again) == (2, [])


@told
async def test_both_tries_hear_that_nothing_was_recorded():
    at = Address()
    at.house.failing = {"submit": 1}
    at.through.clear()
    tries = [asyncio.ensure_future(at.post(press())) for _ in range(2)]
    await settled()
    at.through.set()
    assert await asyncio.gather(*tries) == [(503, "")] * 2
    assert await at.post(press()) == (200, "✓ A")


@told
async def test_a_stop_waits_for_what_is_being_recorded():
    at = Address(patience=0.01)
    await at.callback.drain(0.01)
    at.through.clear()
    await at.post(press())
    await at.callback.drain(0.01)
    assert at.house.came == []
    asyncio.get_running_loop().call_later(0.01, at.through.set)
    await at.callback.drain(5.0)
    assert len(at.house.came) == 1


@told
async def test_a_card_whose_answer_did_not_count_stays_as_it_is():
    at = Address()
    at.house._answer = lambda incoming: [Reply("系统出错，请再答一次。")]
    assert await at.post(press()) == (200, "")


# Over real HTTP, as WeCom calls it. -------------------------------------------------------------------------------------


@asynccontextmanager
async def office():
    async with simulated(ZhangSan="张三") as sim:
        house = CollectingHouse(lambda incoming: [Reply(f"收到{incoming.text}")])
        async with running(sim, house) as channel:
            yield sim, house, channel


@told
async def test_the_console_can_save_our_address():
    async with office() as (sim, _, _):
        assert await sim.verify_url(), sim.verify_problem


@told
async def test_a_delivery_whose_answer_got_lost_or_that_comes_thrice_is_recorded_once():
    async with office() as (sim, house, _):
        sim.lose_next_answers(2)
        assert (await sim.says("ZhangSan", "今日答题")).tries == 3
        sim.duplicate_deliveries = 2
        assert (await sim.says("zhangsan", "帮助")).accepted
        assert [incoming.text for incoming in house.came] == ["今日答题", "帮助"]
        assert len(house.again) == 4
        await until(lambda: len(sim.inbox("zhangsan")) == 2)
        assert sim.problems == []


@told
async def test_a_house_that_fails_twice_has_the_third_try():
    async with office() as (sim, house, _):
        house.failing = {"submit": 2}
        found = await sim.says("ZhangSan", "今日答题")
        assert (found.accepted, found.tries, len(house.came)) == (True, 3, 1)


# Ten thousand that are not WeCom's. -------------------------------------------------------------------------------------


class Forger:
    """Makes, of genuine callbacks that were accepted, ones that must not be. It has the real token and key, as no attacker would, so
    that each of the later checks stands alone."""

    def __init__(self, genuine, seed):
        self.genuine, self.random = genuine, Random(seed)

    def one(self):
        return self.random.choice(self.genuine)

    def sealed(self, content, receiver=CORP, length=None, padding=None):
        """Any bytes encrypted under the real key, with a length and a padding that may be wrong."""
        plain = self.random.randbytes(16) + (len(content) if length is None else length).to_bytes(4, "big") + content
        plain += receiver.encode()
        size = 32 - len(plain) % 32
        plain += bytes([size]) * size if padding is None else padding(size)
        plain += bytes(-len(plain) % 16)
        key = base64.b64decode(AES_KEY + "=")
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()

    def properly(self, sealed, **how):
        return signed(sealed, nonce=str(self.random.randrange(10**10)), **how), enveloped(sealed)

    def plain(self):
        return self.one()[0].encode()

    # Each gives (query, body) of one callback that must be refused.

    def flipped_signature(self):
        _, query, body = self.one()
        at, bit = self.random.randrange(40), 1 << self.random.randrange(7)
        signature = query["msg_signature"]
        return query | {"msg_signature": signature[:at] + chr(ord(signature[at]) ^ bit) + signature[at + 1 :]}, body

    def cut_signature(self):
        _, query, body = self.one()
        signature = query["msg_signature"]
        other = [signature[: self.random.randrange(40)], signature + "0", signature.upper() + "A", "签" * 40, "\udcff".encode("utf-8", "replace").decode()]  # fmt: skip
        return query | {"msg_signature": self.random.choice(other)}, body

    def flipped_text(self):
        plain, query, _ = self.one()
        raw = bytearray(base64.b64decode(theirs.seal(plain, AES_KEY, CORP)))
        raw[self.random.randrange(len(raw))] ^= 1 << self.random.randrange(8)
        return query, enveloped(base64.b64encode(raw).decode())

    def flipped_body(self):
        """One bit anywhere between the tags of the encrypted text of the very body that was signed."""
        _, query, body = self.one()
        start, end = body.index(b"<Encrypt>") + 18, body.index(b"]]></Encrypt>")
        touched = bytearray(body)
        touched[self.random.randrange(start, end)] ^= 1 << self.random.randrange(8)
        return query, bytes(touched)

    def other_time(self):
        _, query, body = self.one()
        return query | {"timestamp": str(NOW + self.random.choice([-1, 1]) * self.random.randrange(1, MOST_SKEW))}, body

    def no_time(self):
        sealed = theirs.seal(self.one()[0], AES_KEY, CORP)
        odd = ["", "now", "-1", "1e9", "12.5", " 1796356800", "１７９６３５６８００", "9" * 13, "9" * 5000, "0x1", "²"]
        return self.properly(sealed, timestamp=self.random.choice(odd))

    def other_nonce(self):
        _, query, body = self.one()
        return query | {"nonce": self.random.choice(["", "N0nce", str(self.random.random()), "n0nce "])}, body

    def missing(self):
        _, query, body = self.one()
        names = [name for name in query if name != "nonce"]
        return {name: query[name] for name in self.random.sample(names, self.random.randrange(len(names)))}, body

    def swapped(self):
        (_, query, _), (_, other, body) = self.random.sample(self.genuine, 2)
        assert query != other
        return query, body

    def of_long_ago(self):
        away = self.random.randrange(MOST_SKEW + 1, self.random.choice([MOST_SKEW + 100, 10**6, 10**9]))
        return self.properly(theirs.seal(self.one()[0], AES_KEY, CORP), timestamp=NOW - away)

    def of_the_future(self):
        away = self.random.randrange(MOST_SKEW + 1, self.random.choice([MOST_SKEW + 100, 10**6, 10**9]))
        return self.properly(theirs.seal(self.one()[0], AES_KEY, CORP), timestamp=NOW + away)

    def of_another_token(self):
        return self.properly(theirs.seal(self.one()[0], AES_KEY, CORP), token="QDG6eX")

    def of_another_key(self):
        key = "".join(self.random.choices("abcdefghijABCDEFGHIJ0123456789", k=43))
        return self.properly(theirs.seal(self.one()[0], key, CORP))

    def wrong_padding(self):
        def padding(size):
            kinds = [bytes([size]) * (size - 1) + bytes([self.random.choice([0, 33, 200, 255])]), bytes(size), b"\x21" * 33,
                     self.random.randbytes(31) + b"\x20", bytes([size - 1]) * size, b""]  # fmt: skip
            return self.random.choice(kinds)

        return self.properly(self.sealed(self.plain(), padding=padding))

    def flipped_padding(self):
        def padding(size):
            whole = bytearray([size] * size)
            whole[self.random.randrange(size)] ^= 1 << self.random.randrange(8)
            return bytes(whole)

        return self.properly(self.sealed(self.plain(), padding=padding))

    def wrong_length(self):
        content = self.plain()
        off = self.random.choice([-len(content), -1, 1, len(CORP), 100, 2**20, 2**31, 2**32 - 1 - len(content)])
        return self.properly(self.sealed(content, length=len(content) + off))

    def wrong_receiver(self):
        other = ["", "wwother", CORP[:-1], CORP + "p", CORP.upper(), "\x00" + CORP, CORP + "\x00", " " + CORP]
        return self.properly(self.sealed(self.plain(), receiver=self.random.choice(other)))

    def too_short(self):
        size = self.random.randrange(20)
        plain = self.random.randbytes(size) + bytes([32 - size]) * (32 - size)
        key = base64.b64decode(AES_KEY + "=")
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        return self.properly(base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode())

    def no_base64(self):
        sealed = theirs.seal(self.one()[0], AES_KEY, CORP)
        at = self.random.randrange(1, len(sealed) - 4)
        odd = [
            sealed[:at] + self.random.choice(" \n-_*=密") + sealed[at:],
            sealed[:-4],
            sealed + "A",
            "=",
            "A" * 43,
            "密文",
        ]
        return self.properly(self.random.choice(odd))

    def another_app(self):
        odd = [{"AgentID": AGENT + 1}, {"AgentID": "x"}, {"AgentID": f"0{AGENT}"}, {"ToUserName": "wwother"}, {"ToUserName": ""},
               {"ToUserName": "WWCORP"}]  # fmt: skip
        head = self.random.choice(odd)
        plain = message(("MsgType", "text"), ("Content", "A"), ("MsgId", self.random.randrange(10**9)), **head)
        return self.properly(theirs.seal(plain, AES_KEY, CORP))

    def bomb_inside(self):
        return self.properly(self.sealed(self.random.choice([*map(str.encode, BOMBS.values()), *BROKEN.values()])))

    def bomb_around(self):
        """A bomb whose encrypted text would be genuine."""
        _, query, body = self.one()
        name = self.random.choice([name for name in BOMBS if name != "an entity nobody declared"])
        head, mark, _ = BOMBS[name].rpartition("<xml>")
        return query, (head + (mark and "")).encode() + body

    def bomb_outside(self):
        _, query, _ = self.one()
        return query, self.random.choice([*map(str.encode, BOMBS.values()), *BROKEN.values()])

    def inner_not_utf8(self):
        content = bytearray(self.plain())
        content[content.index(b"CDATA[ZhangSan") + 6] = self.random.choice([0xFF, 0xC0, 0x80, 0x00])
        return self.properly(self.sealed(bytes(content)))

    def truncated(self):
        _, query, body = self.one()
        cut = body[: self.random.randrange(len(body))]
        return query, self.random.choice([cut, [cut, None]])

    def oversize(self):
        _, query, body = self.one()
        return query, [body, *[b" " * self.random.randrange(16_000, MOST_BODY)] * 5]

    def empty(self):
        _, query, _ = self.one()
        return query, self.random.choice([b"", [None], b"<xml/>", b"<xml><Encrypt></Encrypt></xml>"])

    def noise(self):
        _, query, _ = self.one()
        return query, self.random.randbytes(self.random.randrange(400))

    def noisy_query(self):
        _, _, body = self.one()
        raw = self.random.randbytes(self.random.randrange(60)).decode("latin-1")
        return f"msg_signature={raw}&timestamp={NOW}&nonce=%ED%A0%80&{raw}", body

    def elsewhere(self):
        """The encrypted text where it does not belong."""
        _, query, body = self.one()
        odd = [body.replace(b"Encrypt>", b"encrypt>"), b"<xml>" + body + b"</xml>", b"<html>" + body[5:-6] + b"</html>",
               body.replace(b"<Encrypt>", b"<Encrypt><b>").replace(b"</Encrypt>", b"</b></Encrypt>"),
               body.replace(b"<Encrypt>", b"<Encrypt>x</Encrypt><Encrypt>")]  # fmt: skip
        return query, self.random.choice(odd)

    # And these are WeCom's own, come again.

    def replayed(self):
        _, query, body = self.one()
        return query, body

    def sealed_again(self):
        return self.properly(
            theirs.seal(self.one()[0], AES_KEY, CORP), timestamp=NOW + self.random.randrange(-MOST_SKEW, MOST_SKEW)
        )


REPLAYS = ("replayed", "sealed_again")
TRICKS = [
    name
    for name, each in vars(Forger).items()
    if callable(each) and name not in ("__init__", "one", "sealed", "properly", "plain")
]


def genuine_ones():
    """Forty callbacks of every kind: (plain, query, body)."""
    plains = [text(f"第{number}条 📚", number) for number in range(10)]
    plains += [press(f"=tok{number}:A", f"RC-{number}") for number in range(10)]
    plains += [press(f"今日答题 {number}", f"RC-{number}") for number in range(10)]
    plains += [
        message(("MsgType", "event"), ("Event", event), CreateTime=NOW + 1) for event in ("subscribe", "unsubscribe")
    ]
    plains += [message(("MsgType", kind), ("MediaId", "m"), ("MsgId", kind)) for kind in ("voice", "video", "image")]
    plains += [message(("MsgType", "event"), ("Event", "click"), ("EventKey", f"帮助{number}")) for number in range(5)]
    return [(plain, *posted(plain, nonce=f"n{number}")) for number, plain in enumerate(plains)]


@told
async def test_ten_thousand_mutated_callbacks_none_is_accepted_and_none_breaks_anything():
    at, broken = Address(), []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: broken.append(context))
    genuine = genuine_ones()
    assert [(await at.call(query, body))[0] for _, query, body in genuine] == [200] * 40
    accepted = list(at.house.came)
    assert len(accepted) == 40
    forger, found = Forger(genuine, seed=20261204), Counter()
    with capture_logs() as logs:
        for number in range(10_000):
            trick = TRICKS[number % len(TRICKS)]
            query, body = getattr(forger, trick)()
            status, _, answer = await at.call(query, body)
            found[trick, status] += 1
            assert trick in REPLAYS or (400 <= status < 500 and answer == b""), (trick, status, query, body)
    assert at.house.came == accepted
    assert broken == []
    refused = {key: times for key, times in found.items() if key[0] not in REPLAYS}
    assert {status for _, status in refused} == {403, 413}
    assert {key for key in refused if key[1] == 413} == {("oversize", 413)}
    assert {status for trick, status in found if trick in REPLAYS} == {200}
    assert sum(found.values()) == 10_000
    assert min(found.values()) > 250
    reasons = Counter(entry["why"] for entry in logs if entry["event"] == "callback_refused")
    assert set(reasons) == {
        "signature", "timestamp", "old", "padding", "length", "receiveid", "base64", "xml", "nothing encrypted", "somebody else's",
    }  # fmt: skip
    assert sum(reasons.values()) == sum(times for (_, status), times in refused.items() if status == 403)
    assert TOKEN not in str(logs)


@told
async def test_a_flood_of_forged_callbacks_leaves_a_genuine_one_its_place():
    at = Address()
    forged = [at.call({**posted(text(number=number))[0], "nonce": "x"}, os.urandom(300)) for number in range(500)]
    found = await asyncio.gather(*forged, at.post(press()))
    assert {each[0] for each in found[:-1]} == {403}
    assert found[-1] == (200, "✓ A")
