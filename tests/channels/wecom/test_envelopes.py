"""The XML of callbacks: nothing in it is ever followed, expanded or guessed at, and what we answer can be read by WeCom."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.wecom import envelopes
from channels.wecom.envelopes import greyed, parsed, reply, sealed, text_of, texts_of
from channels.wecom.secrecy import Forged, Secrecy
from tests.fakes.wecom import secrecy as theirs
from tests.fakes.wecom.events import read_reply

TOKEN, AES_KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wwcorp"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "doctype": "<!DOCTYPE xml><xml><Encrypt>x</Encrypt></xml>",
    "a billion laughs": f'<!DOCTYPE xml [<!ENTITY l0 "ha">{LAUGHS}]><xml><Encrypt>&l9;</Encrypt></xml>',
    "one entity grown long": f'<!DOCTYPE xml [<!ENTITY a "{"a" * 9000}">]><xml><Encrypt>{"&a;" * 9000}</Encrypt></xml>',
    "a file of ours": '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Encrypt>&f;</Encrypt></xml>',
    "an address": '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml><Encrypt>x</Encrypt></xml>',
    "a parameter entity": '<!DOCTYPE xml [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]><xml><Encrypt>x</Encrypt></xml>',
    "a notation": '<!DOCTYPE xml [<!NOTATION n SYSTEM "n">]><xml><Encrypt>x</Encrypt></xml>',
    "an entity nobody declared": "<xml><Encrypt>&nobody;</Encrypt></xml>",
}
"""Documents that must be refused before anything in them is expanded or fetched."""
BROKEN = {
    "nothing": b"",
    "space": b" \n",
    "JSON": b'{"encrypt": "x"}',
    "half a tag": b"<xml><Encrypt>x",
    "two roots": b"<xml><Encrypt>x</Encrypt></xml><xml/>",
    "another root": b"<html><Encrypt>x</Encrypt></html>",
    "a root in capitals": b"<XML><Encrypt>x</Encrypt></XML>",
    "a root of a namespace": b'<xml xmlns="urn:x"><Encrypt>x</Encrypt></xml>',
    "not UTF-8": b"<xml><Encrypt>\xff\xfe\x80</Encrypt></xml>",
    "Latin-1 unannounced": "<xml><Encrypt>é</Encrypt></xml>".encode("latin-1"),
    "a NUL": b"<xml><Encrypt>x\x00</Encrypt></xml>",
    "a control character": b"<xml><Encrypt>x\x08</Encrypt></xml>",
}


def written(encoding):
    return f'<?xml version="1.0" encoding="{encoding}"?><xml><Encrypt>x</Encrypt></xml>'.encode()


@pytest.mark.parametrize("document", BOMBS.values(), ids=BOMBS)
def test_dtd_and_entities_are_refused_whatever_they_are_for(document):
    with pytest.raises(Forged, match=r"^xml$"):
        parsed(document.encode())
    with pytest.raises(Forged, match=r"^xml$"):
        sealed(document.encode())


@pytest.mark.parametrize("document", BROKEN.values(), ids=BROKEN)
def test_what_is_no_xml_of_wecom_is_refused(document):
    with pytest.raises(Forged, match=r"^xml$"):
        parsed(document)


@pytest.mark.parametrize(
    "encoding", ["utf-7", "utf-32", "hex", "rot13", "idna", "punycode", "gb18030", "undefined", "no such", "x" * 100]
)
def test_an_encoding_that_nobody_reads_is_refused(encoding):
    with pytest.raises(Forged, match=r"^xml$"):
        parsed(written(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "us-ascii"])
def test_an_encoding_that_is_plainly_meant_is_read(encoding):
    assert sealed(written(encoding)) == "x"


def test_depth_breaks_nothing():
    deep = b"<xml>" + b"<a>" * 9000 + b"</a>" * 9000 + b"<Encrypt>x</Encrypt></xml>"
    assert parsed(deep).findtext("Encrypt") == "x"


@pytest.mark.parametrize("many", [b"<a/>", b"<a>x</a>", b"<!--x-->", b"<?x?>"])
def test_an_envelope_with_more_in_it_than_any_has_is_not_even_parsed(many, monkeypatch):
    monkeypatch.setattr(envelopes, "parsed", lambda _: pytest.fail("parsed"))
    with pytest.raises(Forged, match=r"^xml$"):
        sealed(b"<xml>" + many * 5000 + b"<Encrypt>x</Encrypt></xml>")


@pytest.mark.parametrize(
    "body",
    [
        "<xml/>",
        "<xml><Encrypt/></xml>",
        "<xml><Encrypt></Encrypt></xml>",
        "<xml><encrypt>x</encrypt></xml>",
        "<xml><a><Encrypt>x</Encrypt></a></xml>",
        "<xml><Encrypt><b>x</b></Encrypt></xml>",
        '<xml Encrypt="x"/>',
    ],
)
def test_an_envelope_without_its_text_is_refused(body):
    with pytest.raises(Forged, match="nothing encrypted"):
        sealed(body.encode())


def test_an_envelope_gives_its_text_and_nothing_that_is_not_authentic():
    body = "<xml><ToUserName><![CDATA[somebody]]></ToUserName><AgentID>9</AgentID><Encrypt><![CDATA[a+/=]]></Encrypt></xml>"
    assert sealed(body.encode()) == "a+/="
    assert sealed(b"<xml><Encrypt>first</Encrypt><Encrypt>second</Encrypt></xml>") == "first"


def test_one_element_is_a_list_of_one():
    def picked(*letters):
        options = "".join(f"<OptionId><![CDATA[ {letter} ]]></OptionId>" for letter in letters)
        root = parsed(f"<xml><Item><OptionIds>{options}</OptionIds></Item><Empty/></xml>".encode())
        return texts_of(root, "Item", "OptionIds", "OptionId")

    assert [picked(), picked("A"), picked("A", "C")] == [[], ["A"], ["A", "C"]]


def test_a_text_is_read_without_the_spaces_around_it_and_is_empty_where_there_is_none():
    root = parsed("<xml><Content><![CDATA[ 今日 答题\n]]></Content><Empty/></xml>".encode())
    assert [text_of(root, "Content"), text_of(root, "Empty"), text_of(root, "Nothing")] == ["今日 答题", "", ""]


@pytest.mark.parametrize(
    "label", ["✓ AC", "已作答", "a]]>b", "]]>]]>", "<b>&amp;</b>", "📚", "]]", "&", "<![CDATA[x]]>"]
)
@pytest.mark.parametrize("user", ["zhangsan", "a]]><x>&"])
def test_a_label_cannot_end_its_own_section(label, user):
    inner = greyed(user, CORP, label, 1_800_000_000)
    assert read_reply(inner, user, CORP) == ("update_button", label)
    assert [child.tag for child in ET.fromstring(inner)] == [
        "ToUserName", "FromUserName", "CreateTime", "MsgType", "Button",
    ]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=40)
)
def test_any_label_comes_out_as_it_went_in(label):
    assert read_reply(greyed("u", CORP, label, 1), "u", CORP) == ("update_button", label)


@pytest.mark.parametrize("nonce", ["ab12", "a]]>b"])
def test_a_reply_is_sealed_for_wecom_under_a_signature_of_its_own(nonce):
    inner = greyed("zhangsan", CORP, "✓ A", 1_800_000_000)
    body = reply(Secrecy(TOKEN, AES_KEY, CORP), inner, 1_800_000_000, nonce, bytes(range(16)))
    parts = {child.tag: child.text for child in ET.fromstring(body)}
    assert (parts["TimeStamp"], parts["Nonce"]) == ("1800000000", nonce)
    assert parts["MsgSignature"] == theirs.signature(TOKEN, "1800000000", nonce, parts["Encrypt"])
    assert theirs.open_sealed(parts["Encrypt"], AES_KEY, CORP) == inner
    assert parts["Encrypt"] == theirs.seal(inner, AES_KEY, CORP, bytes(range(16)))
