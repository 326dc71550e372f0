"""The XML of callbacks, both ways: the sealed envelope, and the passive reply that greys the pressed card within the same answer."""

from __future__ import annotations

from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from channels.wecom.secrecy import Forged, Secrecy

MOST_BODY = 64 * 1024
"""Bytes of a callback: a message has at most 2 KB, a card's event a few more."""

_MOST_TAGS = 64
"""Of an envelope, which has four elements: what anybody may send is not parsed for longer than a moment."""


def parsed(content: bytes) -> Element:
    """The root of a document without DTD, entities or anything from outside. Raises Forged."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        raise Forged("xml") from None
    if root.tag != "xml":
        raise Forged("xml")
    return root


def sealed(body: bytes) -> str:
    """The encrypted text in the body of a callback. What else stands there is not authentic and not read. Raises Forged."""
    if body.count(b"<") > _MOST_TAGS:
        raise Forged("xml")
    found = parsed(body).findtext("Encrypt")
    if not found:
        raise Forged("nothing encrypted")
    return found


def text_of(root: Element, *path: str) -> str:
    """The text at the end of a path of tags, without spaces around it; "" where there is none."""
    return (root.findtext("/".join(path)) or "").strip()


def texts_of(root: Element, *path: str) -> list[str]:
    """The texts at the end of a path of tags: one element is a list of one."""
    return [(found.text or "").strip() for found in root.iterfind("/".join(path))]


def greyed(user: str, corp: str, label: str, now: int) -> str:
    """The passive reply that greys the buttons of the card that was pressed, for whoever pressed it (document 90241)."""
    return (
        f"<xml><ToUserName>{_cdata(user)}</ToUserName><FromUserName>{_cdata(corp)}</FromUserName><CreateTime>{now}</CreateTime>"
        f"<MsgType><![CDATA[update_button]]></MsgType><Button><ReplaceName>{_cdata(label)}</ReplaceName></Button></xml>"
    )


def reply(secrecy: Secrecy, inner: str, now: int, nonce: str, chance: bytes) -> str:
    """A passive reply in its envelope, under a signature of its own. `chance` are 16 random bytes."""
    encrypted = secrecy.encrypt(inner.encode(), chance)
    signature = secrecy.sign(str(now), nonce, encrypted)
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{now}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
    )


def _cdata(text: str) -> str:
    """Text that cannot end its own section."""
    return f"<![CDATA[{text}]]>" if "]]>" not in text else escape(text)
