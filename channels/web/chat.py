"""The chat page: what was said so far, saying something, and deliveries arriving while the page is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from channels.web.incoming import Press, Said, inbox_key, read
from channels.web.pages import Pages, wants_fragment
from channels.web.rendering import Bubble
from channels.web.sessions import address
from handlers.messages import Answered, Outcome, Reply, Viewer


@dataclass(frozen=True, slots=True)
class _Listener:
    secret: str
    viewer: Viewer
    language: str


class Chat:
    def __init__(self, pages: Pages, press: Press, *, now: Callable[[], datetime], closing: asyncio.Event) -> None:
        self.pages = pages
        self._house = pages.house
        self._press = press
        self._now = now
        self._closing = closing

    async def home(self, request: Request) -> Response:
        """The chat for those who are in, the way in for others."""
        viewer = await self.pages.viewer(request)
        if viewer is None:
            return self.pages.welcome(request)
        if viewer.shared:
            return RedirectResponse("/exam", 303)
        chat = await self._house.view("chat", viewer, {})
        page = self.pages.html(
            request,
            "chat.html",
            background=self._settling(request, chat["messages"]),
            bubbles=[_bubble(message) for message in chat["messages"]],
            last=chat["last"],
            menu=chat["menu"],
            placeholder=chat["placeholder"],
        )
        self.pages.sessions.remember(page, self.pages.sessions.secret(request) or "")  # who keeps coming stays in
        self.pages.sessions.mark(request, page)
        return page

    async def say(self, request: Request, viewer: Viewer) -> Response:
        """Submits what the form says and shows the replies: as a fragment to our script, else by showing the chat again."""
        async with request.form(max_files=1, max_fields=60, max_part_size=64 * 1024) as form:
            said = await read(form)
        if said.trouble:
            return self.pages.refusal(request, 413 if said.trouble == "too_large" else 422, said.trouble)
        secret = self.pages.sessions.secret(request) or ""
        account = address(secret)
        form_key = said.key or self.pages.sessions.fresh()
        content = sha256(said.file.content).hexdigest() if said.file else ""
        key = inbox_key(account, form_key, said.action, said.text, content)
        answered = await self._press.submit(
            account,
            key,
            text=said.text,
            action=said.action,
            file=said.file,
            origin=said.origin,
            device=self.pages.sessions.device(request),
        )
        if answered is None:
            return self._not_recorded(request, said, form_key)
        shown = BackgroundTask(self._house.shown, [answered.key])
        if not wants_fragment(request):
            return RedirectResponse("/#end", 303, background=shown)
        return HTMLResponse(
            self.pages.renderer.bubbles(viewer.language, self._answer(said, answered)), background=shown
        )

    async def stream(self, request: Request) -> Response:
        """Deliveries as server-sent events, from Last-Event-ID on; 204 tells a browser without a session to stop asking."""
        viewer, secret = await self.pages.viewer(request), self.pages.sessions.secret(request)
        if viewer is None or secret is None:
            return Response(status_code=204)
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        listener = _Listener(secret, viewer, viewer.language)
        return EventSourceResponse(
            self._events(listener, int(after) if after.isdecimal() and len(after) < 19 else 0), sep="\n"
        )

    async def _events(self, listener: _Listener, after: int) -> AsyncIterator[ServerSentEvent]:
        while not self._closing.is_set():
            stirred = asyncio.ensure_future(self._house.stirred())
            closing = asyncio.ensure_future(self._closing.wait())
            try:
                await asyncio.sleep(0)  # stirred counts from its call, which must come before the look
                rows = await self._house.view("deliveries", listener.viewer, {"after": str(after)})
                if rows and await self._house.who(listener.secret) is None:
                    return
                for row in rows:
                    yield self._event(listener.language, row)
                    after = row["id"]
                if rows:
                    await self._house.settle([Outcome(row["id"], "sent") for row in rows])
                await asyncio.wait({stirred, closing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _dismiss(stirred, closing)

    def _event(self, language: str, row: dict[str, Any]) -> ServerSentEvent:
        html = self.pages.renderer.bubbles(language, [Bubble(f"d{row['id']}", row["at"], row["reply"])])
        return ServerSentEvent(html, event="delivery", id=str(row["id"]), sep="\n")

    def _answer(self, said: Said, answered: Answered) -> list[Bubble]:
        """The replies as bubbles; before them what the person said, unless the reply takes the place of what they pressed."""
        at = self._now().isoformat()
        bubbles = [Bubble(f"{answered.key}-{number}", at, reply) for number, reply in enumerate(answered.replies)]
        in_place = said.origin is not None and any(reply.edits for reply in answered.replies)
        return bubbles if in_place else [Bubble(f"{answered.key}-q", at, Reply(said.shown), mine=True), *bubbles]

    def _not_recorded(self, request: Request, said: Said, key: str) -> Response:
        if wants_fragment(request):
            return self.pages.refusal(request, 503, "not_recorded")
        return self.pages.html(request, "again.html", status=503, said=said, key=key)

    def _settling(self, request: Request, messages: Sequence[dict[str, Any]]) -> BackgroundTask | None:
        """Marks the deliveries on the page as sent, once it has gone out to a person (not to a prefetch or our own script)."""
        headers = request.headers
        unseen = request.method == "HEAD" or wants_fragment(request) or "sec-purpose" in headers or "purpose" in headers
        shown = [int(m["id"][1:]) for m in messages if m.get("unsettled") and m["id"].startswith("d")]
        if unseen or not shown:
            return None
        return BackgroundTask(self._house.settle, [Outcome(delivery, "sent") for delivery in shown])


def _bubble(message: dict[str, Any]) -> Bubble:
    reply = message.get("reply") or Reply(message["text"])
    return Bubble(message["id"], message["at"], reply, message["mine"], message.get("open", True))


async def _dismiss(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
