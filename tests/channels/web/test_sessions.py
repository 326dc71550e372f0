"""A browser's secret stays in its cookie."""

from __future__ import annotations

from hashlib import sha256

import pytest
from starlette.requests import Request
from starlette.responses import Response

from channels.web.sessions import Sessions, address
from tests.channels.web.conftest import SECRET
from tests.channels.web.house import Memory


def request(cookie: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", cookie.encode())]})


def sessions(secure: bool) -> Sessions:
    return Sessions(Memory().house, secure=secure, secret=lambda: SECRET)


def test_the_store_learns_only_the_digest_of_the_secret():
    assert address(SECRET).id == "s:" + sha256(SECRET.encode()).hexdigest()
    assert address(SECRET).channel == "web"


@pytest.mark.parametrize(("secure", "name"), [(True, "__Host-xuefa"), (False, "xuefa")])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(secure, name):
    response = Response()
    sessions(secure).remember(response, SECRET)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{name}={SECRET};")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is secure


def test_who_keeps_coming_stays_in(client):
    assert f"xuefa={SECRET}; " in client.get("/").headers["set-cookie"]
    assert "set-cookie" not in client.get("/materials").headers


def test_over_https_a_cookie_without_the_host_prefix_is_not_believed():
    assert sessions(secure=True).secret(request(f"xuefa={SECRET}")) is None
    assert sessions(secure=True).secret(request(f"__Host-xuefa={SECRET}")) == SECRET


@pytest.mark.parametrize(("secure", "name"), [(True, "__Host-xuefa-device"), (False, "xuefa-device")])
def test_a_browser_is_marked_once_out_of_reach_of_scripts_and_known_by_a_digest_alone(secure, name):
    response, again = Response(), Response()
    assert sessions(secure).device(request("")) == ""
    sessions(secure).mark(request(""), response)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{name}={SECRET};")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert ("Secure" in cookie) is secure
    known = request(f"{name}={SECRET}")
    assert sessions(secure).device(known) == sha256(SECRET.encode()).hexdigest()[:16]
    sessions(secure).mark(known, again)
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize("cookie", ["", "xuefa=short", "xuefa=" + "a" * 500, 'xuefa="a b c d e f g h i j k l m n"'])
def test_what_cannot_be_our_secret_is_no_secret(cookie):
    assert sessions(secure=False).secret(request(cookie)) is None
