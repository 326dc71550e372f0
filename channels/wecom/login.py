"""Pages that open signed in: WeCom says who looks (OAuth, snsapi_base, without a question), the house gives an entry, the web takes it.

developer.work.weixin.qq.com, documents 91022 and 91023.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, unquote, urlencode

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from channels.base import Door, House
from channels.sending import utc_now
from channels.wecom.api import Api
from channels.wecom.reading import CHANNEL
from channels.wecom.refusals import NO_SUCH_PATH, Refused, Trouble
from channels.wecom.showing import LOGIN
from handlers.messages import PAGE, Address, Incoming

log = structlog.get_logger()

ENTERED = "/wecom/entered"
COOKIE = "xuefa-wecom"
WECOMS_BROWSER = "wxwork"
"""In the User-Agent of every WeCom, that of private deployments too."""
_LASTS = 600
_WAYS = ("/cgi-bin/auth/getuserinfo", "/cgi-bin/user/getuserinfo")
"""The path of today, and the one that older and private servers have."""


class Login:
    """`site` is our public address, `says` what asks the house for an entry (the words of 「网页登录」), `fresh` makes 32 random bytes as
    text. The state that WeCom brings back must be this browser's own."""

    def __init__(
        self,
        house: House,
        api: Api,
        door: Door,
        *,
        oauth_base: str,
        site: str,
        fresh: Callable[[], str],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._house, self._api, self._door = house, api, door
        self._oauth, self._site, self._fresh, self._now = oauth_base.rstrip("/"), site, fresh, now
        self._says = house.words("zh")["commands.web_login"].partition("|")[0]
        self._secure = site.startswith("https:")
        self._cookie = f"__Host-{COOKIE}" if self._secure else COOKIE
        self._room = asyncio.Semaphore(8)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Where our links lead, and where WeCom leads back."""
        return [Route(LOGIN, self.begin), Route(ENTERED, self.end)]

    async def begin(self, request: Request) -> Response:
        """On to the page where the browser is somebody's; else to WeCom. WeCom's own browser is always asked who looks: on a computer that
        several people use it may still hold the session of whoever was there before."""
        to = _path(request.query_params.get("to", "/"))
        if WECOMS_BROWSER not in request.headers.get("User-Agent", "").lower() and await self._door.knows(request):
            return RedirectResponse(to, 303)
        state = sha256(self._fresh().encode()).hexdigest()[:32]
        response = RedirectResponse(self._authorize(state), 303)
        kept = f"{state}{quote(to, safe='')}"
        response.set_cookie(self._cookie, kept, max_age=_LASTS, secure=self._secure, httponly=True, samesite="lax")
        return response

    async def end(self, request: Request) -> Response:
        """Whom WeCom names is signed in; whoever is no member, or nobody's account, reads what to do."""
        kept = request.cookies.get(self._cookie, "")
        state, to = kept[:32], _path(unquote(kept[32:]))
        told = request.query_params.get("state", "")
        if len(state) < 32 or not hmac.compare_digest(state.encode(), told.encode("utf-8", "replace")):
            return self._door.refuse(request, 403, "wecom_again")
        try:
            async with self._room:
                user = await self._who(request.query_params.get("code", "")[:512])
        except Trouble as trouble:
            log.warning("login_failed", error=str(trouble))
            spent = isinstance(trouble, Refused) and trouble.kind == "oauth"
            return self._door.refuse(request, 403 if spent else 503, "wecom_again")
        token = await self._entry(user, state) if user else ""
        if not token:
            return self._door.refuse(request, 403, "wecom_stranger")
        response = await self._door.admit(request, token, to)
        response.delete_cookie(self._cookie, secure=self._secure, httponly=True, samesite="lax")
        return response

    async def _who(self, code: str) -> str:
        """The member behind a code, in lower case; "" for somebody who is no member of the corp."""
        for way in _WAYS:
            try:
                found = await self._api.get(way, code=code)
            except Refused as refused:
                if refused.code != NO_SUCH_PATH or way == _WAYS[-1]:
                    raise
                continue
            return str(found.get("userid") or found.get("UserId") or "").lower()
        return ""

    async def _entry(self, user: str, state: str) -> str:
        """A one-time entry of the house for this account, "" where it knows nobody there; the chat does not repeat it."""
        key = f"{CHANNEL}:login:{state}"
        incoming = Incoming(key, Address(CHANNEL, user), self._now(), action=self._says, origin=PAGE)
        recorded = await self._house.submit(incoming)
        await self._house.shown([recorded.key])
        links = [link.url for reply in recorded.replies for link in reply.links]
        return next((url.rpartition("/enter/")[2] for url in links if "/enter/" in url), "")

    def _authorize(self, state: str) -> str:
        """The address that says who looks, in the order in which WeCom documents its parameters."""
        credentials = self._api.credentials
        asked = {"appid": credentials.corp_id, "redirect_uri": f"{self._site}{ENTERED}", "response_type": "code",
                 "scope": "snsapi_base", "state": state, "agentid": credentials.agent_id}  # fmt: skip
        return f"{self._oauth}/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"


def _path(to: str) -> str:
    """A path of ours, whatever was asked for: never an address elsewhere."""
    plain = to.startswith("/") and not to.startswith(("//", "/\\")) and "\\" not in to
    return to if plain and to.isprintable() else "/"
