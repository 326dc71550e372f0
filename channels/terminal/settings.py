"""Settings: the environment over xuefa.toml of the workspace."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from handlers.messages import BotError

SECRETS = (
    "database_url", "secret", "telegram_token", "telegram_webhook_secret", "wecom_secret", "wecom_token", "wecom_aes_key",
    "wecom_bot_secret",
)  # fmt: skip


_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


def _listed(value: object) -> object:
    """「web, wecom」 of the environment, or a JSON list, as the list it means."""
    if not isinstance(value, str):
        return value
    return [name.strip(" \"'") for name in value.strip("[] ").split(",") if name.strip(" \"'")]


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        raise ValueError("no such time zone") from None
    return value


def _hours(value: object) -> object:
    """「08:30-18:00」 as the working hours it means."""
    if isinstance(value, tuple):
        return value
    try:
        start, end = (time.fromisoformat(part.strip()) for part in str(value).split("-"))
    except ValueError:
        raise ValueError('expected "08:30-18:00"') from None
    if start >= end:
        raise ValueError('the first time must come before the second: "08:30-18:00"')
    return start, end


def _from(environment: str, key: str, default: Any = ..., **bounds: Any) -> Any:
    return Field(default, validation_alias=AliasChoices(environment, key), **bounds)


def _secret(environment: str, key: str) -> Any:
    return _from(environment, key, SecretStr(""))


class Settings(BaseSettings):
    """Each setting by its name in the environment or in xuefa.toml; a secret also by *_FILE, the path of a file that holds it."""

    folder: ClassVar[Path] = Path()
    model_config = SettingsConfigDict(extra="forbid", populate_by_name=True)

    workspace: Path = _from("XUEFA_WORKSPACE", "workspace", Path())
    database_url: SecretStr = _secret("XUEFA_DATABASE_URL", "database_url")
    database_url_file: Path | None = _from("XUEFA_DATABASE_URL_FILE", "database_url_file", None)
    web_host: str = _from("XUEFA_WEB_HOST", "web_host", "127.0.0.1")
    web_port: int = _from("XUEFA_WEB_PORT", "web_port", 8000, ge=1, le=65535)
    public_url: str = _from("XUEFA_PUBLIC_URL", "public_url", "")
    secret: SecretStr = _secret("XUEFA_SECRET", "secret")
    secret_file: Path | None = _from("XUEFA_SECRET_FILE", "secret_file", None)
    zone: Annotated[str, AfterValidator(_zone)] = _from("XUEFA_ZONE", "zone", "Asia/Shanghai")
    names: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = _from(
        "XUEFA_NAMES", "names", ("wecom", "wecom_bot", "web")
    )
    weekly_touches: int = _from("XUEFA_WEEKLY_TOUCHES", "weekly_touches", 7, ge=0)
    hours: Annotated[tuple[time, time], NoDecode, BeforeValidator(_hours)] = _from(
        "XUEFA_HOURS", "hours", (time(8, 30), time(18))
    )
    target: int = _from("XUEFA_TARGET", "target", 100, ge=1, le=100)
    telegram_token: SecretStr = _secret("TELEGRAM_TOKEN", "telegram_token")
    telegram_token_file: Path | None = _from("TELEGRAM_TOKEN_FILE", "telegram_token_file", None)
    telegram_api_base: str = _from("TELEGRAM_API_BASE", "telegram_api_base", "https://api.telegram.org")
    telegram_mode: Literal["poll", "webhook"] = _from("TELEGRAM_MODE", "telegram_mode", "poll")
    telegram_webhook_secret: SecretStr = _secret("TELEGRAM_WEBHOOK_SECRET", "telegram_webhook_secret")
    telegram_webhook_secret_file: Path | None = _from(
        "TELEGRAM_WEBHOOK_SECRET_FILE", "telegram_webhook_secret_file", None
    )

    wecom_corp_id: str = _from("WECOM_CORP_ID", "wecom_corp_id", "")
    wecom_agent_id: int = _from("WECOM_AGENT_ID", "wecom_agent_id", 0, ge=0)
    wecom_secret: SecretStr = _secret("WECOM_SECRET", "wecom_secret")
    wecom_secret_file: Path | None = _from("WECOM_SECRET_FILE", "wecom_secret_file", None)
    wecom_token: SecretStr = _secret("WECOM_TOKEN", "wecom_token")
    wecom_token_file: Path | None = _from("WECOM_TOKEN_FILE", "wecom_token_file", None)
    wecom_aes_key: SecretStr = _secret("WECOM_AES_KEY", "wecom_aes_key")
    wecom_aes_key_file: Path | None = _from("WECOM_AES_KEY_FILE", "wecom_aes_key_file", None)
    wecom_api_base: str = _from("WECOM_API_BASE", "wecom_api_base", "https://qyapi.weixin.qq.com")
    wecom_oauth_base: str = _from("WECOM_OAUTH_BASE", "wecom_oauth_base", "https://open.weixin.qq.com")
    wecom_ca_bundle: Path | None = _from("WECOM_CA_BUNDLE", "wecom_ca_bundle", None)
    wecom_cards: bool = _from("WECOM_CARDS", "wecom_cards", True)
    wecom_markdown: bool = _from("WECOM_MARKDOWN", "wecom_markdown", False)
    wecom_bot_id: str = _from("WECOM_BOT_ID", "wecom_bot_id", "")
    wecom_bot_name: str = _from("WECOM_BOT_NAME", "wecom_bot_name", "学法")
    wecom_bot_secret: SecretStr = _secret("WECOM_BOT_SECRET", "wecom_bot_secret")
    wecom_bot_secret_file: Path | None = _from("WECOM_BOT_SECRET_FILE", "wecom_bot_secret_file", None)
    wecom_ws_url: str = _from("WECOM_WS_URL", "wecom_ws_url", "wss://openws.work.weixin.qq.com")

    @classmethod
    def settings_customise_sources(cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
                                   env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
                                   file_secret_settings: PydanticBaseSettingsSource) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """Arguments, then the environment, then xuefa.toml of the workspace."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, cls.folder / "xuefa.toml")

    def hidden(self, name: str) -> str:
        """A secret's value, from the setting itself or from its file."""
        path = getattr(self, f"{name}_file")
        value: SecretStr = getattr(self, name)
        return (
            path.read_text(encoding="utf-8").strip()
            if path and not value.get_secret_value()
            else value.get_secret_value()
        )

    @property
    def secrets(self) -> list[str]:
        """Every secret value, to be kept out of logs."""
        return [value for name in SECRETS if (value := self.hidden(name))]

    @property
    def rhythm(self) -> tuple[int, tuple[time, time], int]:
        """How often and when people may be asked for something, and how far it is to get."""
        return self.weekly_touches, self.hours, self.target

    @property
    def url(self) -> str:
        """The address people's browsers use, without a slash at the end."""
        return (self.public_url or f"http://{self.web_host}:{self.web_port}").rstrip("/")

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.hidden("database_url") or f"sqlite:///{(self.workspace / 'xuefa.sqlite3').absolute()}"

    @property
    def sqlite_path(self) -> Path | None:
        """The database's file, or None for PostgreSQL."""
        return Path(self.database.removeprefix("sqlite:///")) if self.database.startswith("sqlite") else None


def settings_of(folder: Path, **given: Any) -> Settings:
    """The settings of a workspace, with what was `given` on the command line on top. Raises BotError with every mistake, a line
    each; values are not repeated, since some are secret."""
    Settings.folder = folder
    try:
        found = Settings(workspace=folder, **{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        mistakes = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise BotError("terminal.settings_wrong", problems="\n".join(mistakes)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BotError("terminal.settings_wrong", problems=f"  xuefa.toml: {error}") from None
    if unread := list(_unread(found)):
        raise BotError("terminal.settings_wrong", problems="\n".join(unread))
    return found


def _unread(found: Settings) -> Iterator[str]:
    """A line for each file of a secret that cannot be read; what it holds is not repeated."""
    for name in SECRETS:
        try:
            found.hidden(name)
        except OSError as error:
            yield f"  {name}_file: {error.strerror}"
        except UnicodeDecodeError:
            yield f"  {name}_file: not UTF-8"


def check_ready(found: Settings) -> None:
    """Raises BotError, a line each, for what is set half: a program that left out a channel without a word would be found out in December."""
    app = {"wecom_corp_id": found.wecom_corp_id, "wecom_agent_id": found.wecom_agent_id}
    app |= {name: found.hidden(name) for name in ("wecom_secret", "wecom_token", "wecom_aes_key")}
    bot = {"wecom_bot_id": found.wecom_bot_id, "wecom_bot_secret": found.hidden("wecom_bot_secret")}
    lines = [
        f"  {name}: empty (docs/wecom.md)"
        for some in (app, bot)
        if any(some.values())
        for name, value in some.items()
        if not value
    ]
    if app["wecom_aes_key"] and not _AES_KEY.fullmatch(str(app["wecom_aes_key"])):
        lines.append("  wecom_aes_key: 43 of A-Z, a-z, 0-9 (EncodingAESKey)")
    if found.wecom_ca_bundle and not found.wecom_ca_bundle.is_file():
        lines.append("  wecom_ca_bundle: no such file")
    if lines:
        raise BotError("terminal.settings_wrong", problems="\n".join(lines))
