"""Materials, files, and whether the server is up."""

from __future__ import annotations

import pytest

from channels.web.reading import file_headers
from handlers.messages import File
from tests.channels.web.house import PNG


def test_materials_are_listed_with_their_day(client):
    html = client.get("/materials").text
    assert 'href="/materials/xianfa"' in html
    assert "12月4日" in html


def test_a_material_shows_its_article_what_it_stands_on_and_its_links(client):
    html = client.get("/materials/xianfa").text
    assert "<strong>根本法</strong>" in html
    assert "宪法 第五条" in html
    assert 'href="https://flk.npc.gov.cn/"' in html
    assert 'javascript:alert(1)"' not in html
    assert "<script>alert" not in html


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/materials/secret", 403, "您没有权限看这一页"),
        ("/materials/none", 404, "没有找到这一页"),
        ("/files/99", 404, "没有找到这一页"),
        ("/nothing/at/all", 404, "没有找到这一页"),
        ("/files/abc", 404, "没有找到这一页"),
    ],
)
def test_what_one_may_not_see_or_is_not_there_says_so(client, path, status, sentence):
    page = client.get(path)
    assert (page.status_code, sentence in page.text) == (status, True)


def test_a_bug_is_told_under_a_number_one_can_quote(client, caplog):
    page = client.get("/materials/bug")
    assert page.status_code == 500
    assert "出错了，编号 " in page.text
    assert "a bug" not in page.text
    number = page.text.split("编号 ")[1][:8]
    assert f"reference {number}" in caplog.text


def test_errors_are_in_the_persons_language(client, memory):
    memory.sign_in("e" * 43, language="en")
    client.cookies.set("xuefa", "e" * 43)
    assert "You may not see this page." in client.get("/materials/secret").text


def test_who_is_not_in_reads_how_to_get_in(site):
    with site.client(secret=None) as client:
        for path in ("/materials", "/materials/xianfa", "/files/1", "/leave"):
            page = client.get(path)
            assert (page.status_code, "请打开单位联络员发给您的邀请链接" in page.text) == (401, True)


def test_a_picture_is_shown_in_place(client):
    response = client.get("/files/1")
    assert response.content == PNG
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-disposition"].startswith("inline;")


def test_other_files_are_saved_under_their_own_name(client):
    headers = client.get("/files/2").headers
    assert headers["content-disposition"].startswith("attachment;")
    assert "%E6%88%90%E7%BB%A9%22%E6%B1%87%E6%80%BB%0A%E8%A1%A8.xlsx" in headers["content-disposition"]
    assert "spreadsheetml" in headers["content-type"]


@pytest.mark.parametrize(
    "media_type", ["text/html", "image/svg+xml", "text/xml", "application/xhtml+xml", "text/plain\r\nX: y", "nonsense"]
)
def test_what_could_run_in_a_browser_loses_its_type(media_type):
    headers = file_headers(File("a.html", media_type, b""))
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in headers["Content-Security-Policy"]


def test_the_server_says_that_it_is_up(site):
    with site.client(secret=None) as client:
        assert client.get("/healthz").text == "ok"
