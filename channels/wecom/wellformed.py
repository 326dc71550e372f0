"""What a check of the set-up finds, and what can be said of the settings by looking at them alone. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

_TOKEN = re.compile(r"[A-Za-z0-9]{1,32}")
_LONGEST_KEY = 43
_WRITTEN = re.compile(r"[!-~]*")
_INSIDE = (".local", ".lan", ".internal", ".localhost")


class Settings(Protocol):
    """What of the settings is read here; `hidden` gives a secret by its name."""

    wecom_corp_id: str
    wecom_agent_id: int
    wecom_api_base: str
    wecom_ca_bundle: Path | None
    wecom_cards: bool
    wecom_bot_id: str
    wecom_ws_url: str

    @property
    def url(self) -> str: ...
    def hidden(self, name: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `code` and whether it is `fine` name its sentence, which `values` fill in. No value is a secret."""

    code: str
    fine: bool
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Setup:
    """The settings of both kinds, with their secrets open: never printed."""

    corp_id: str = ""
    agent_id: int = 0
    secret: str = ""
    token: str = ""
    aes_key: str = ""
    api_base: str = "https://qyapi.weixin.qq.com"
    ca_bundle: Path | None = None
    cards: bool = True
    public_url: str = ""
    bot_id: str = ""
    bot_secret: str = ""
    ws_url: str = "wss://openws.work.weixin.qq.com"

    @property
    def has_app(self) -> bool:
        """Whether anything of the 自建应用 was filled in."""
        return any((self.corp_id, self.agent_id, self.secret, self.token, self.aes_key))

    @property
    def has_bot(self) -> bool:
        """Whether anything of the 智能机器人 was filled in."""
        return bool(self.bot_id or self.bot_secret)

    @property
    def official(self) -> bool:
        """Whether this is Tencent's own WeCom, which reaches us from the internet, and no private edition."""
        return (urlsplit(self.api_base).hostname or "").endswith(".weixin.qq.com")


def setup_of(settings: Settings) -> Setup:
    """The settings, gathered."""
    return Setup(
        settings.wecom_corp_id,
        settings.wecom_agent_id,
        settings.hidden("wecom_secret"),
        settings.hidden("wecom_token"),
        settings.hidden("wecom_aes_key"),
        settings.wecom_api_base.rstrip("/"),
        settings.wecom_ca_bundle,
        settings.wecom_cards,
        settings.url,
        settings.wecom_bot_id,
        settings.hidden("wecom_bot_secret"),
        settings.wecom_ws_url,
    )


def app_settings(setup: Setup) -> list[Finding]:
    """Whether the settings of the 自建应用 are complete and of the right form; one fine finding if they are."""
    said = {
        "WECOM_CORP_ID": setup.corp_id,
        "WECOM_AGENT_ID": str(setup.agent_id or ""),
        "WECOM_SECRET": setup.secret,
        "WECOM_TOKEN": setup.token,
        "WECOM_AES_KEY": setup.aes_key,
    }
    found = [*_written(said, "missing", "spaces"), *_callback_forms(setup), *_ca_bundle(setup)]
    if not is_address(setup.api_base, "http", "https"):
        found.append(Finding("api_base", fine=False, values={"base": setup.api_base}))
    return found or [Finding("settings", fine=True)]


def bot_settings(setup: Setup) -> list[Finding]:
    """The same of the 智能机器人."""
    said = {"WECOM_BOT_ID": setup.bot_id, "WECOM_BOT_SECRET": setup.bot_secret}
    found = [*_written(said, "bot_missing", "bot_spaces"), *_ca_bundle(setup)]
    if not is_address(setup.ws_url, "ws", "wss"):
        found.append(Finding("ws_url", fine=False, values={"url": setup.ws_url}))
    return found or [Finding("bot_settings", fine=True)]


def _written(said: Mapping[str, str], missing: str, spaces: str) -> Iterator[Finding]:
    if absent := [name for name, value in said.items() if not value]:
        yield Finding(missing, fine=False, values={"names": ", ".join(absent)})
    if odd := [name for name, value in said.items() if not _WRITTEN.fullmatch(value)]:
        yield Finding(spaces, fine=False, values={"names": ", ".join(odd)})


def _callback_forms(setup: Setup) -> Iterator[Finding]:
    """developer.work.weixin.qq.com, document 90930: a token of at most 32 letters and digits, a key of exactly 43."""
    if setup.token and _WRITTEN.fullmatch(setup.token) and not _TOKEN.fullmatch(setup.token):
        yield Finding("token_form", fine=False)
    key = setup.aes_key
    if key and _WRITTEN.fullmatch(key) and (len(key) != _LONGEST_KEY or not key.isalnum()):
        yield Finding("aes_key_form", fine=False, values={"length": str(len(key))})


def _ca_bundle(setup: Setup) -> Iterator[Finding]:
    if setup.ca_bundle is not None and not setup.ca_bundle.is_file():
        yield Finding("ca_bundle", fine=False, values={"path": str(setup.ca_bundle)})


def is_address(text: str, *schemes: str) -> bool:
    """Whether this is an address with one of these schemes and a host."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def public_address(setup: Setup) -> Finding | None:
    """What is wrong with our own address for Tencent's servers: not on the internet, or not https. None for a private edition, which
    stands in the same network."""
    values = {"url": setup.public_url}
    if not setup.official:
        return None
    if not is_address(setup.public_url, "http", "https") or _is_inside(urlsplit(setup.public_url).hostname or ""):
        return Finding("public_private", fine=False, values=values)
    if not setup.public_url.startswith("https://"):
        return Finding("public_http", fine=False, values=values)
    return None


def _is_inside(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_INSIDE)


def domain_of(url: str) -> str:
    """The host of an address as the console's 可信域名 must have it: with the port unless it is the usual one."""
    parts = urlsplit(url.lower())
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.hostname}:{parts.port}" if parts.port and parts.port != usual else parts.hostname or ""
