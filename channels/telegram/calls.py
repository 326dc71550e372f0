"""The Bot API as this bot uses it: a method's name and its arguments, in plain JSON, under a token nobody gets to see."""

from __future__ import annotations

from typing import Any

from telegram import InputFile
from telegram.error import BadRequest, TelegramError
from telegram.request import RequestData

# The one private name: RequestData is made of these, and telegram.Bot, which makes them too, would parse every answer into
# objects (strict about newer fields, after the message is out), show the token in its repr and log every argument.
from telegram.request._requestparameter import RequestParameter

from channels.telegram.request import AiohttpRequest

UPDATES = ["message", "callback_query", "my_chat_member"]
"""The kinds of update that mean something here."""


class Api:
    """Calls under one token. `base` is the server's root; a private deployment or a fake has its own.

    Every error is a `telegram.error.TelegramError` whose text holds no token.
    """

    def __init__(self, token: str, base: str, *, sends: AiohttpRequest, polls: AiohttpRequest) -> None:
        root = base.rstrip("/").removesuffix("/bot")
        self._methods, self._files = f"{root}/bot{token}/", f"{root}/file/bot{token}/"
        self._sends, self._polls = sends, polls
        self.bot_id = token.partition(":")[0]

    def __repr__(self) -> str:
        return f"Api(bot {self.bot_id})"

    async def open(self) -> None:
        """Opens both pools."""
        await self._sends.initialize()
        await self._polls.initialize()

    async def close(self) -> None:
        """Closes both pools."""
        await self._sends.shutdown()
        await self._polls.shutdown()

    async def renew_polls(self) -> None:
        """Throws the polls' connections away: some proxies let them rot silently."""
        await self._polls.shutdown()
        await self._polls.initialize()

    async def call(self, method: str, /, **arguments: Any) -> Any:
        """One call on the sending pool; None arguments are left out. The result is Telegram's JSON."""
        return await self._post(self._sends, method, arguments)

    async def updates(self, offset: int, wait: int) -> list[Any]:
        """A long poll of at most `wait` seconds: the updates from `offset` on, confirming all before it."""
        arguments = {"offset": offset or None, "timeout": wait, "allowed_updates": UPDATES}
        found = await self._post(self._polls, "getUpdates", arguments, read_timeout=wait + 15.0)
        if not isinstance(found, list):
            raise TelegramError("getUpdates brought no list")
        return found

    async def file(self, file_id: str, most: int) -> bytes | None:
        """The content of a file somebody sent, or None if Telegram will not give it or it is larger than `most` bytes."""
        try:
            path = (await self.call("getFile", file_id=file_id))["file_path"]
        except (BadRequest, KeyError, TypeError):
            return None
        return await self._sends.download(f"{self._files}{path}", most)

    async def _post(
        self, request: AiohttpRequest, method: str, arguments: dict[str, Any], read_timeout: float | None = None
    ) -> Any:
        data = RequestData([_parameter(name, value) for name, value in arguments.items() if value is not None])
        timeouts = {} if read_timeout is None else {"read_timeout": read_timeout}
        try:
            return await request.post(self._methods + method, data, **timeouts)
        except KeyError:
            raise TelegramError("an answer without a result") from None


def _parameter(name: str, value: Any) -> RequestParameter:
    """Plain JSON goes as it is; only files need telegram's hand."""
    return (
        RequestParameter.from_input(name, value)
        if isinstance(value, InputFile)
        else RequestParameter(name, value, None)
    )
