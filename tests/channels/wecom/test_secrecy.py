"""Callbacks open only whole: the published vectors to the byte, and every byte of padding, length and receiveid that could be wrong."""

import base64
import hmac
import json
import os
from pathlib import Path
from string import ascii_letters, digits

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.wecom.secrecy import BLOCK, Forged, Secrecy
from tests.fakes.wecom import secrecy as theirs

ROOT = Path(__file__).resolve().parents[3]
VECTORS = Path(os.environ.get("XUEFA_FACTS") or ROOT.parent / "shared" / "facts") / "wecom-vectors.json"
TOKEN, AES_KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
CHECK = {
    "name": "official-verifyurl", "token": TOKEN, "encoding_aes_key": AES_KEY, "receive_id": CORP,
    "timestamp": "1409659589", "nonce": "263014780", "random16_ascii": "c41b64491c2468d0",
    "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "plaintext": "1616140317555161061",
    "encrypt": "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
}  # fmt: skip
MESSAGE = {
    "name": "official-message", "token": TOKEN, "encoding_aes_key": AES_KEY, "receive_id": CORP,
    "timestamp": "1409659813", "nonce": "1372623149", "random16_ascii": "0960688932c47ef1",
    "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6",
    "plaintext": "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<FromUserName><![CDATA[mycreate]]></FromUserName>\n"
    "<CreateTime>1409659813</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[hello]]></Content>\n"
    "<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>",
    "encrypt": "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUk"
    "SUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZi"
    "qATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Nc"
    "x4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==",
}  # fmt: skip
ZEROS = bytes(16)
SECRECY = Secrecy(TOKEN, AES_KEY, CORP)


def box(vector, **other):
    known = vector | other
    return Secrecy(known["token"], known["encoding_aes_key"], known["receive_id"])


def comes_out(vector):
    """A vector opens, and its text seals to the same bytes under the same signature."""
    ours = box(vector)
    signed = vector["msg_signature"], vector["timestamp"], vector["nonce"], vector["encrypt"]
    assert ours.open(*signed).decode() == vector["plaintext"]
    assert ours.encrypt(vector["plaintext"].encode(), vector["random16_ascii"].encode()) == vector["encrypt"]
    assert ours.sign(*signed[1:]) == vector["msg_signature"]


def enciphered(plain):
    """Any bytes at all under the key, as only WeCom and we could make them."""
    key = base64.b64decode(AES_KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def laid_out(message, receiver=b"wx5823bf96d3bd56c7", length=None):
    """(what stands before the padding, the padding) of a message."""
    plain = ZEROS + (len(message) if length is None else length).to_bytes(4, "big") + message + receiver
    size = BLOCK - len(plain) % BLOCK
    return plain, bytes([size]) * size


def why(encrypted):
    with pytest.raises(Forged) as forged:
        SECRECY.decrypt(encrypted)
    return str(forged.value)


# What WeCom published. --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", [CHECK, MESSAGE], ids=lambda each: each["name"])
def test_the_published_vectors_come_out_to_the_byte(vector):
    comes_out(vector)


@pytest.mark.skipif(not VECTORS.is_file(), reason="the file of vectors is not beside the checkout")
def test_every_vector_beside_the_checkout_comes_out_to_the_byte():
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert vectors["official"][0]["encrypt"] == MESSAGE["encrypt"]
    assert len(vectors["generated"]) == 5
    for vector in vectors["official"] + vectors["generated"]:
        comes_out(vector)


@pytest.mark.skipif(not VECTORS.is_file(), reason="the file of vectors is not beside the checkout")
def test_every_negative_vector_is_refused_for_its_own_reason():
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    base = {each["name"]: each for each in vectors["generated"]}
    reasons = {}
    for case in vectors["negative"]:
        vector = base[case["base"]] if "base" in case else base["text-message-utf8"]
        sealed = case.get("encrypt", vector["encrypt"])
        signed = case.get("msg_signature_valid_for_it", case.get("msg_signature", vector["msg_signature"]))
        ours = box(vector, receive_id=case.get("receive_id", vector["receive_id"]))
        with pytest.raises(Forged) as forged:
            ours.open(signed, vector["timestamp"], vector["nonce"], sealed)
        reasons[case["name"]] = str(forged.value)
    assert reasons == {
        "bad-signature": "signature",
        "wrong-receiveid": "receiveid",
        "tampered-ciphertext": "padding",
    }


# What is refused. -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        "",
        AES_KEY[:-1],
        AES_KEY + "=",
        AES_KEY + "A",
        " " + AES_KEY[1:],
        AES_KEY[:-1] + "\n",
        AES_KEY[:-1] + "+",
        "é" * 43,
    ],
)
def test_a_key_that_is_none_is_refused_at_once(key):
    with pytest.raises(ValueError, match="43 of"):
        Secrecy(TOKEN, key, CORP)


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": MESSAGE["msg_signature"][:-1]},
        {"signature": MESSAGE["msg_signature"].upper()},
        {"signature": MESSAGE["msg_signature"][:-1] + "7"},
        {"signature": ""},
        {"signature": "签名"},
        {"signature": "\udc80"},
        {"timestamp": "1409659814"},
        {"nonce": "1372623148"},
        {"nonce": ""},
        {"encrypted": CHECK["encrypt"]},
        {"encrypted": MESSAGE["encrypt"].replace("=", "")},
    ],
)
def test_a_signature_is_for_this_text_at_this_time_only(changed):
    known = {"signature": MESSAGE["msg_signature"], "timestamp": MESSAGE["timestamp"], "nonce": MESSAGE["nonce"]}
    with pytest.raises(Forged, match=r"^signature$"):
        SECRECY.open(**({**known, "encrypted": MESSAGE["encrypt"]} | changed))


def test_a_signature_of_another_token_is_none():
    other = Secrecy("QDG6eX", AES_KEY, CORP)
    signed = other.sign(MESSAGE["timestamp"], MESSAGE["nonce"], MESSAGE["encrypt"])
    with pytest.raises(Forged, match=r"^signature$"):
        SECRECY.open(signed, MESSAGE["timestamp"], MESSAGE["nonce"], MESSAGE["encrypt"])


@pytest.mark.parametrize("verdict", [True, False])
def test_what_decides_over_signature_and_receiveid_is_the_comparison_in_constant_time(verdict, monkeypatch):
    compared = []

    def decides(ours, came):
        compared.append((ours, came))
        return verdict

    monkeypatch.setattr(hmac, "compare_digest", decides)
    sealed, signature = Secrecy(TOKEN, AES_KEY, "wwother").encrypt(b"x", ZEROS), "0" * 40
    if verdict:
        assert SECRECY.open(signature, "1", "n", sealed) == b"x"
        assert compared[1] == (b"wwother", CORP.encode())
    else:
        genuine = SECRECY.sign("1", "n", sealed)
        with pytest.raises(Forged, match=r"^signature$"):
            SECRECY.open(genuine, "1", "n", sealed)
        signature = genuine
    assert compared[0] == (SECRECY.sign("1", "n", sealed).encode(), signature.encode())


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 40])
def test_every_single_flipped_bit_of_length_receiveid_and_padding_is_refused(size):
    plain, padding = laid_out(b"m" * size)
    whole = plain + padding
    assert SECRECY.decrypt(enciphered(whole)) == b"m" * size
    places = [*range(16, 20), *range(20 + size, len(whole))]
    for place in places:
        for bit in range(8):
            touched = bytearray(whole)
            touched[place] ^= 1 << bit
            assert why(enciphered(bytes(touched))) in ("padding", "length", "receiveid"), (place, bit)


@pytest.mark.parametrize("size", range(32))
def test_every_other_last_byte_is_refused_whatever_the_padding_was(size):
    plain, padding = laid_out(b"m" * size)
    for last in set(range(256)) - {padding[0]}:
        assert why(enciphered(plain + padding[:-1] + bytes([last]))) in ("padding", "receiveid"), last


@pytest.mark.parametrize("size", [0, 33, 64, 255])
def test_padding_is_of_1_to_32_bytes(size):
    plain, _ = laid_out(b"m" * 100)
    padding = bytes([size]) * (-len(plain) % BLOCK)
    assert padding
    assert why(enciphered(plain + padding)) == "padding"


@pytest.mark.parametrize("size", [33, 48, 64, 96, 255])
def test_not_even_padding_that_is_whole_may_be_longer(size):
    plain, _ = laid_out(b"m" * ((-len(CORP) - 20 - size) % BLOCK))
    assert why(enciphered(plain + bytes([size]) * size)) == "padding"


def test_padding_to_blocks_of_16_as_libraries_do_it_is_refused():
    plain = ZEROS + (1).to_bytes(4, "big") + b"m" + CORP.encode()
    size = 16 - len(plain) % 16
    assert (len(plain) + size) % BLOCK
    assert why(enciphered(plain + bytes([size]) * size)) == "length"


@pytest.mark.parametrize(
    ("receiver", "length"),
    [(b"", None), (CORP[:-1].encode(), None), (CORP.encode() + b"x", None), (CORP.upper().encode(), None), (b"\xff", None),
     (CORP.encode(), 3), (CORP.encode(), 5), (CORP.encode(), 22), (CORP.encode(), 23), (CORP.encode(), 2**32 - 1)],
)  # fmt: skip
def test_a_length_that_leaves_anything_but_our_receiveid_is_refused(receiver, length):
    assert why(enciphered(b"".join(laid_out(b"four", receiver, length)))) in ("receiveid", "length")


@pytest.mark.parametrize("size", range(20))
def test_too_little_for_a_head_is_refused(size):
    assert why(enciphered(b"h" * size + bytes([BLOCK - size]) * (BLOCK - size))) == "length"


@pytest.mark.parametrize(
    ("encrypted", "reason"),
    [("", "length"), ("=", "base64"), ("!", "base64"), ("密文", "base64"), ("A" * 43, "base64"), (CHECK["encrypt"][:-4], "length"),
     (CHECK["encrypt"] + "\n", "base64"), (CHECK["encrypt"][:40] + " " + CHECK["encrypt"][40:], "base64"),
     (CHECK["encrypt"].replace("+", "-").replace("/", "_"), "base64"), (CHECK["encrypt"][24:] + CHECK["encrypt"], "base64")],
)  # fmt: skip
def test_what_is_no_whole_base64_of_whole_blocks_is_refused(encrypted, reason):
    assert why(encrypted) == reason


# Round trips. -----------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(
    message=st.binary(max_size=300),
    token=st.text(ascii_letters + digits, min_size=1, max_size=32),
    key=st.text(ascii_letters + digits, min_size=43, max_size=43),
    receiver=st.text(ascii_letters + digits, max_size=20),
    chance=st.binary(min_size=16, max_size=16),
)
def test_what_is_sealed_opens_again_for_the_same_receiver_only(message, token, key, receiver, chance):
    ours = Secrecy(token, key, receiver)
    sealed = ours.encrypt(message, chance)
    assert ours.open(ours.sign("1", "n", sealed), "1", "n", sealed) == message
    other = Secrecy(token, key, receiver + "x")
    with pytest.raises(Forged, match="receiveid"):
        other.decrypt(sealed)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=100), receiver=st.text(ascii_letters + digits, max_size=20))
def test_we_open_what_wecom_seals_and_wecom_what_we_seal(text, receiver):
    ours = Secrecy(TOKEN, AES_KEY, receiver)
    assert ours.decrypt(theirs.seal(text, AES_KEY, receiver)) == text.encode()
    assert theirs.open_sealed(ours.encrypt(text.encode(), ZEROS), AES_KEY, receiver) == text
    assert ours.sign("12", "ab", text) == theirs.signature(TOKEN, "12", "ab", text)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode())))
def test_whatever_comes_opens_or_is_forged_and_nothing_else(encrypted):
    with pytest.raises(Forged):
        SECRECY.decrypt(encrypted)


def test_no_secret_stands_in_a_repr_or_an_error():
    shown = repr(SECRECY) + str(SECRECY)
    with pytest.raises(Forged) as forged:
        SECRECY.open("0" * 40, "1", "n", MESSAGE["encrypt"])
    shown += repr(forged.value)
    with pytest.raises(ValueError, match="43 of") as refused:
        Secrecy(TOKEN, AES_KEY[:-1], CORP)
    shown += repr(refused.value)
    assert TOKEN not in shown
    assert AES_KEY[:-1] not in shown
    assert CORP not in shown
