"""Headers, sizes, origins and pace."""

from __future__ import annotations

import socket

import httpx
import pytest

from channels.web.guards import BODY_LIMIT
from tests.channels.web.conftest import SECRET, Clock, serving

PAGES = ["/", "/materials", "/materials/xianfa", "/join/token-1", "/nothing", "/leave", "/healthz", "/files/2"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_headers_and_no_cache_keeps_it(client, path):
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_no_page_has_inline_script_or_style(client):
    client.post("/say", data={"action": "今日答题"})
    for path in PAGES:
        html = client.get(path).text.lower()
        assert "style=" not in html
        assert "<style" not in html
        assert html.count("<script") == html.count("<script src=")
        assert " onclick" not in html


def test_who_may_embed_the_chat_is_a_setting(memory):
    with serving(memory, frame_ancestors="https://oa.example.gov.cn") as site, site.client() as client:
        assert client.get("/").headers["content-security-policy"].endswith("frame-ancestors https://oa.example.gov.cn")


def test_sheets_and_scripts_are_kept_for_good_under_an_address_of_their_content(client):
    import re

    for address in re.findall(r'(?:href|src)="(/static/[^"]+\?v=[0-9a-f]{10})"', client.get("/").text):
        assert client.get(address).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/nothing.css").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 303),
        ({"sec-fetch-site": "cross-site", "origin": "null"}, 403),
        ({}, 303),
    ],
)
def test_a_post_from_elsewhere_is_not_carried_out(client, memory, headers, status):
    assert client.post("/say", data={"text": "你好"}, headers=headers).status_code == status
    assert len(memory.heard) == (status == 303)


def test_our_own_origin_is_recognized(client, site, memory):
    assert client.post("/say", data={"text": "你好"}, headers={"origin": site.url}).status_code == 303
    assert len(memory.heard) == 1


def test_without_a_cookie_and_without_an_origin_nothing_is_posted(site, memory):
    with site.client(secret=None) as client:
        assert client.post("/join/token-1", data={"digits": "1234"}).status_code == 403
    assert memory.heard == []


def test_a_whole_office_may_open_its_invitations_from_one_address(memory):
    with serving(memory, Clock(step=0)) as site, site.client(secret=None) as client:
        for number in range(201):
            assert client.get("/join/token-1").status_code == (200 if number < 200 else 429)
            client.cookies.clear()


def raw(site, headers: str, body: bytes) -> socket.socket:
    host, port = site.url[7:].split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(f"POST /say HTTP/1.1\r\nHost: x\r\nCookie: xuefa={SECRET}\r\n{headers}\r\n\r\n".encode() + body)
    return connection


def test_a_declared_body_that_is_too_large_is_refused_before_it_comes(site, memory):
    with raw(site, f"X-Fragment: 1\r\nContent-Length: {BODY_LIMIT + 1}", b"x") as connection:
        answer = connection.makefile("rb").readline()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert memory.heard == []


def test_a_body_is_counted_while_it_streams(client, memory):
    def endless():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
        for _ in range(BODY_LIMIT // 65536 + 2):
            yield b"x" * 65536

    response = client.post(
        "/say", headers={"content-type": "multipart/form-data; boundary=b", "x-fragment": "1"}, content=endless()
    )
    assert (response.status_code, response.text) == (413, "文件太大，请发送 20 MB 以内的文件。")
    assert memory.heard == []


def test_a_file_between_our_limit_and_the_bodys_is_refused_too(client, memory):
    big = b"x" * (20 * 1024 * 1024 + 1)
    response = client.post("/say", files={"file": ("a.bin", big)}, headers={"x-fragment": "1"})
    assert (response.status_code, response.text) == (413, "文件太大，请发送 20 MB 以内的文件。")
    assert memory.heard == []


def test_too_fast_is_answered_with_a_sentence_and_only_for_that_session(memory):
    memory.sign_in("t" * 43)
    with serving(memory, Clock(step=0)) as site, site.client() as client, site.client("t" * 43) as other:
        assert [client.get("/materials").status_code for _ in range(20)] == [200] * 20
        refused = client.get("/materials")
        assert refused.status_code == 429
        assert "操作太快" in refused.text
        assert client.get("/healthz").status_code == 200
        assert other.get("/materials").status_code == 200
        site.clock.step = 0.21  # one token comes back
        client.get("/healthz")
        assert client.get("/materials").status_code == 200


def test_a_browser_that_goes_away_in_the_middle_leaves_nothing(site, memory):
    raw(site, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10", b"text=A").close()
    with site.client() as client:
        assert client.get("/healthz").text == "ok"
    assert memory.heard == []


def test_a_broken_form_is_refused(client):
    response = client.post("/say", headers={"content-type": "multipart/form-data; boundary=b"}, content=b"nonsense")
    assert response.status_code in (400, 422)
    many = httpx.post(
        str(client.base_url) + "/say",
        data={f"f{n}": "x" for n in range(100)},
        cookies={"xuefa": SECRET},
        trust_env=False,
    )
    assert many.status_code == 400
