"""What can be seen of the settings by looking at them: what is missing, what was copied wrongly, what WeCom could never reach."""

from dataclasses import replace

import pytest

from channels.terminal.settings import Settings
from channels.wecom.wellformed import (
    Finding,
    Setup,
    app_settings,
    bot_settings,
    domain_of,
    is_address,
    public_address,
    setup_of,
)
from tests.channels.wecom.sites import AES_KEY, TOKEN

WHOLE = Setup("wwcorp", 1000002, "app-secret", TOKEN, AES_KEY, bot_id="bot", bot_secret="bot-SECRET")


def codes(found):
    return [each.code for each in found if not each.fine]


def test_whole_settings_are_one_good_finding():
    assert app_settings(WHOLE) == [Finding("settings", fine=True)]
    assert bot_settings(WHOLE) == [Finding("bot_settings", fine=True)]


def test_what_is_missing_is_named_as_one_writes_it():
    [found] = app_settings(replace(WHOLE, agent_id=0, secret=""))
    assert (found.code, found.values) == ("missing", {"names": "WECOM_AGENT_ID, WECOM_SECRET"})
    [found] = bot_settings(replace(WHOLE, bot_secret=""))
    assert (found.code, found.values) == ("bot_missing", {"names": "WECOM_BOT_SECRET"})


@pytest.mark.parametrize(
    "value", ["app secret", " app-secret", "app-secret\n", "app-secret\u200b", "密钥", "app-secret\u3000"]
)
def test_what_was_copied_with_something_around_it_is_named_and_not_shown(value):
    [found] = app_settings(replace(WHOLE, secret=value))
    assert (found.code, found.values) == ("spaces", {"names": "WECOM_SECRET"})
    [found] = bot_settings(replace(WHOLE, bot_id=value))
    assert (found.code, found.values) == ("bot_spaces", {"names": "WECOM_BOT_ID"})


@pytest.mark.parametrize("token", ["a" * 33, "with-dash", "a_b", "a=b"])
def test_a_token_has_at_most_32_letters_and_digits(token):
    assert codes(app_settings(replace(WHOLE, token=token))) == ["token_form"]
    assert codes(app_settings(replace(WHOLE, token="a" * 32))) == []


@pytest.mark.parametrize("key", [AES_KEY[:-1], AES_KEY + "x", AES_KEY + "=", AES_KEY[:-1] + "-"])
def test_a_key_has_exactly_43_letters_and_digits(key):
    [found] = app_settings(replace(WHOLE, aes_key=key))
    assert (found.code, found.values) == ("aes_key_form", {"length": str(len(key))})


def test_several_mistakes_come_at_once():
    broken = replace(WHOLE, corp_id="", secret="a b", token="a-b", aes_key="short", api_base="qyapi")
    assert codes(app_settings(broken)) == ["missing", "spaces", "token_form", "aes_key_form", "api_base"]


def test_a_certificate_file_that_is_not_there_is_said(tmp_path):
    assert codes(app_settings(replace(WHOLE, ca_bundle=tmp_path / "none.pem"))) == ["ca_bundle"]
    assert codes(bot_settings(replace(WHOLE, ca_bundle=tmp_path / "none.pem"))) == ["ca_bundle"]
    (tmp_path / "ca.pem").touch()
    assert codes(app_settings(replace(WHOLE, ca_bundle=tmp_path / "ca.pem"))) == []


@pytest.mark.parametrize(
    "url", ["", "openws.work.weixin.qq.com", "https://openws.work.weixin.qq.com", "wss://", "wss://a:0"]
)
def test_a_long_connections_address_begins_with_wss(url):
    assert codes(bot_settings(replace(WHOLE, ws_url=url))) == ["ws_url"]


def test_an_address_with_port_and_prefix_is_one():
    assert is_address("https://wx.example.gov.cn:8443/prefix", "https")
    assert is_address("http://[::1]:8000", "http")
    assert not is_address("http://[::1", "http")
    assert not is_address("https://a:99999", "https")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://xuefa.example.gov.cn", None),
        ("https://xuefa.example.gov.cn:8443", None),
        ("https://8.8.8.8", None),
        ("http://xuefa.example.gov.cn", "public_http"),
        ("http://127.0.0.1:8000", "public_private"),
        ("https://10.1.2.3", "public_private"),
        ("https://192.168.1.9:8000", "public_private"),
        ("https://[fe80::1]", "public_private"),
        ("https://xuefa", "public_private"),
        ("https://xuefa.lan", "public_private"),
        ("xuefa.example.gov.cn", "public_private"),
    ],
)
def test_tencents_servers_reach_public_addresses_only(url, code):
    found = public_address(replace(WHOLE, public_url=url))
    assert (found.code if found else None) == code
    private = replace(WHOLE, public_url=url, api_base="https://wx.example.gov.cn")
    assert public_address(private) is None, "a private edition stands in the same network"


def test_the_trusted_domain_has_a_port_only_where_it_is_unusual():
    assert domain_of("https://Xuefa.Example.gov.cn/") == "xuefa.example.gov.cn"
    assert domain_of("https://xuefa.example.gov.cn:443") == "xuefa.example.gov.cn"
    assert domain_of("https://xuefa.example.gov.cn:8443/x") == "xuefa.example.gov.cn:8443"


def test_a_setup_is_gathered_from_the_settings_and_shows_no_secret(tmp_path, monkeypatch):
    monkeypatch.setattr(Settings, "folder", tmp_path)
    (tmp_path / "secret").write_text("from-a-file\n")
    said = {"wecom_corp_id": "wwcorp", "wecom_agent_id": 7, "wecom_secret_file": tmp_path / "secret", "wecom_cards": False,
            "wecom_bot_id": "bot", "wecom_bot_secret": "bot-SECRET", "wecom_api_base": "https://wx.example/", "public_url": "https://a.b/"}  # fmt: skip
    setup = setup_of(Settings(**said))
    assert (setup.corp_id, setup.agent_id, setup.secret, setup.cards) == ("wwcorp", 7, "from-a-file", False)
    assert (setup.bot_id, setup.bot_secret, setup.api_base, setup.public_url) == ("bot", "bot-SECRET", "https://wx.example", "https://a.b")  # fmt: skip
    assert (setup.has_app, setup.has_bot) == (True, True)
    assert "from-a-file" not in repr(setup) + str(setup)


def test_nothing_filled_in_is_neither_kind():
    assert (Setup().has_app, Setup().has_bot) == (False, False)
