"""The district on both sides of the wire: the real engine, Telegram's fake behind phones, the real web pages behind browsers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
from starlette.applications import Starlette

from channels.base import House
from channels.telegram.reading import read
from channels.telegram.showing import Call, calls
from channels.web.channel import Web
from handlers import delivering, dispatch
from handlers.console import simulating
from handlers.messages import Incoming, Outcome, Reply, Viewer, answer_action
from handlers.sitting import cards
from handlers.views import chat, pages
from handlers.words import words
from quizzes.people import Person, Posting, PostingKind, Role, RoleName
from storage import accounts, answers, people
from storage.answers import Sitting
from tests.engine import Engine
from tests.fakes.botapi.methods import METHODS
from tests.fakes.botapi.spec import problems
from tests.fakes.botapi.world import Refused, World

TOKEN = "123456:" + "S" * 35
FIRST_CHAT = 700_000_000
SINCE = date(2020, 1, 1)


@dataclass
class Inhabitant:
    """Somebody of the district: where, on what, and how able. `telegram` is the chat, 0 without; `secret` the browser's, "" without."""

    id: int
    name: str
    bureau: str
    telegram: int = 0
    secret: str = ""
    knows: float = 0.85


@dataclass
class Town:
    """An engine with phones and browsers around it. `now` is the engine's."""

    engine: Engine
    people: dict[int, Inhabitant] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[datetime, int, str, str]] = field(default_factory=list)
    newest: dict[int, int] = field(default_factory=dict)
    numbers: int = 0

    def __post_init__(self) -> None:
        self.world = World(TOKEN)
        self.world.now = self._seconds  # type: ignore[method-assign]
        self.loop = asyncio.new_event_loop()
        house = House(submit=self._submit, view=self._view, who=self._who, claim=self._nothing, settle=self._settle, owed=self._nothing,
                      shown=self._nothing, keep=self._nothing, stirred=self._nothing, words=words, spent=self._nothing,
                      greyed=self._nothing, directory=self._nothing, alarm=self._nothing)  # fmt: skip
        web = Web(house, public_url="http://town.example", secure=False, now=self._tick, secret=self._secret)
        self.app = Starlette(routes=list(web.routes))
        self.paced = self.engine.now

    def _seconds(self) -> float:
        return self.engine.now.timestamp()

    def close(self) -> None:
        self.loop.close()

    # People. -----------------------------------------------------------------------------------------------------------

    def settle_people(self, bureaux: int, count: int, channels: Sequence[str]) -> None:
        """`count` people over bureaux in 机构序列, on channels in turn ("telegram", "web", "both", "")."""
        names = [f"第{number + 1}局" for number in range(bureaux)]

        def write(store: Any) -> None:
            people.district(store, "模拟区")
            self.units = {name: people.add_unit(store, name, None, place) for place, name in enumerate(names)}
            drafts = [Person(0, f"干部{n:04d}", f"S{n:05d}", f"139{n:08d}", "公务员", "科员") for n in range(count)]
            ids = people.add_people(store, drafts, self.engine.now)
            homes = [names[n % bureaux] for n in range(count)]
            posted = [
                Posting(0, i, self.units[home], PostingKind.STAFF, SINCE) for i, home in zip(ids, homes, strict=True)
            ]
            people.add_postings(store, posted, None, self.engine.now)
            for n, (number, home) in enumerate(zip(ids, homes, strict=True)):
                self.people[number] = Inhabitant(number, drafts[n].name, home)
                self._bind(store, self.people[number], channels[n % len(channels)])

        self.engine.write(write)

    def joins(self, name: str, bureau: str, channel: str, role: str = "", on: str = "") -> Inhabitant:
        """One more person, posted from today; an officer or a liaison by `role`."""

        def write(store: Any) -> int:
            [number] = people.add_people(
                store, [Person(0, name, f"J{len(self.people):05d}", "13900009999", "公务员", "科员")], self.engine.now
            )
            today = self.engine.house.today(self.engine.now)
            people.add_postings(
                store, [Posting(0, number, self.units[bureau], PostingKind.STAFF, today)], None, self.engine.now
            )
            self.people[number] = Inhabitant(number, name, bureau)
            self._bind(store, self.people[number], channel)
            if role:
                people.grant(store, number, Role(RoleName(role), self.units[on] if on else None), None, self.engine.now)
            return number

        return self.people[self.engine.write(write)]

    def leaves(self, who: Inhabitant) -> None:
        """The posting ends today, as a roster import would write it."""
        today = self.engine.house.today(self.engine.now)
        held = self.engine.read(lambda s: [p.id for p in people.postings(s, today) if p.person_id == who.id])
        self.engine.write(lambda s: people.end_postings(s, held, today))

    def _bind(self, store: Any, who: Inhabitant, channel: str) -> None:
        if channel in ("telegram", "both"):
            who.telegram = FIRST_CHAT + who.id
            self.world.people[who.telegram] = {"name": who.name, "blocked": False, "deactivated": False}
            accounts.bind(store, who.id, "telegram", str(who.telegram), self.engine.now)
        if channel in ("web", "both"):
            who.secret = sha256(f"secret {who.id}".encode()).hexdigest()
            digest = sha256(who.secret.encode()).hexdigest()
            accounts.open_session(store, who.id, digest, self.engine.now, self.engine.now.replace(year=2027))

    # Telegram. ---------------------------------------------------------------------------------------------------------

    def presses(self, who: Inhabitant, data: str) -> tuple[Reply, ...]:
        """A button of the newest message, as Telegram reports it."""
        update = {"callback_query": {"id": str(self._number()), "from": self._user(who), "data": data,
                                     "message": {"message_id": self.newest.get(who.telegram, 1), "chat": self._chat(who)}}}  # fmt: skip
        return self._update(who, update)

    def says(self, who: Inhabitant, text: str) -> tuple[Reply, ...]:
        message = {
            "message_id": self._number(),
            "from": self._user(who),
            "chat": self._chat(who),
            "text": text,
            "date": int(self.world.now()),
        }
        return self._update(who, {"message": message})

    def blocks(self, who: Inhabitant, *, told: bool) -> None:
        """The person blocks the bot; Telegram says so at once, or only when something is sent."""
        self.world.people[who.telegram]["blocked"] = True
        if told:
            change = {"chat": self._chat(who), "from": self._user(who), "new_chat_member": {"status": "kicked"}}
            self._update(who, {"my_chat_member": change})

    def _update(self, who: Inhabitant, body: dict[str, Any]) -> tuple[Reply, ...]:
        event = read({"update_id": self._number(), **body}, self.engine.now)
        assert event is not None
        assert event.incoming is not None
        replies = self._take(event.incoming)
        for reply in replies:
            for call in calls(reply, event.incoming.origin):
                self._call(who.telegram, call)
        return replies

    def _call(self, chat_id: int, call: Call) -> None:
        """One call of the Bot API on the fake; what it may not take fails the season."""
        params = {"chat_id": str(chat_id), **call.arguments}
        kind = call.method.removeprefix("send").lower()
        files = {kind: (call.file.name, call.file.content)} if call.file else {}
        wrong = problems(
            call.method, {k: json.dumps(v) if isinstance(v, dict) else v for k, v in params.items()}, files
        )
        assert not wrong, wrong
        with self.world.lock:
            try:
                self._note(chat_id, METHODS[call.method.lower()](self.world, params, files))
            except Refused as refused:
                if refused.code != 400 or not call.edits:
                    raise
                if "not modified" not in refused.description:
                    again = {"chat_id": str(chat_id), **call.anew().arguments}
                    self._note(chat_id, METHODS["sendmessage"](self.world, again, {}))

    def _note(self, chat_id: int, shown: Any) -> None:
        self.newest[chat_id] = max(self.newest.get(chat_id, 1), int(shown["message_id"]))

    def deliver(self) -> None:
        """What the sender would do: claim, send, settle, until nothing is due."""
        while True:
            parcels = self.engine.write(
                lambda s: delivering.claim(s, "telegram", 500, self.engine.house, self.engine.now)
            )
            if not parcels:
                return
            self.engine.write(
                lambda s, some=parcels: delivering.settle(s, [self._push(parcel) for parcel in some], self.engine.now)
            )

    def _push(self, parcel: Any) -> Outcome:
        try:
            for call in calls(parcel.reply):
                self._call(int(parcel.address.id), call)
        except Refused as refused:
            reason = (
                "deactivated"
                if "deactivated" in refused.description
                else "blocked"
                if refused.code == 403
                else "rejected"
            )
            return Outcome(parcel.id, "failed", reason=reason)
        self.sent.append((self.engine.now, int(parcel.address.id) - FIRST_CHAT, parcel.kind, "telegram"))
        return Outcome(parcel.id, "sent", "1")

    def _user(self, who: Inhabitant) -> dict[str, Any]:
        return {"id": who.telegram, "is_bot": False, "first_name": who.name}

    def _chat(self, who: Inhabitant) -> dict[str, Any]:
        return {"id": who.telegram, "type": "private", "first_name": who.name}

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    # The web. ----------------------------------------------------------------------------------------------------------

    def visits(self, who: Inhabitant, story: Any) -> Any:
        """Run a story in this person's browser: `story(browser)`, a coroutine function."""

        async def go() -> Any:
            transport = httpx.ASGITransport(self.app)
            headers, cookies = {"origin": "http://town.example"}, {"xuefa": who.secret}
            async with httpx.AsyncClient(transport=transport, base_url="http://town.example", headers=headers, cookies=cookies,
                                         follow_redirects=True) as browser:  # fmt: skip
                return await story(browser)

        return self.loop.run_until_complete(go())

    async def _submit(self, incoming: Incoming) -> Any:
        return self._taken(replace(incoming, arrived_at=self.engine.now))

    async def _view(self, name: str, viewer: Viewer | None, query: Mapping[str, str]) -> Any:
        return self.engine.read(
            lambda s: pages.view(s, name, pages.Look(viewer, query, self.engine.house, self.engine.now))
        )

    async def _who(self, secret: str) -> Viewer | None:
        return self.engine.read(lambda s: chat.viewer_of(s, sha256(secret.encode()).hexdigest(), self.engine.now))

    async def _settle(self, outcomes: Sequence[Outcome]) -> None:
        self.engine.write(lambda s: delivering.settle(s, list(outcomes), self.engine.now))

    async def _nothing(self, *args: Any) -> Any:
        return []

    def _tick(self) -> datetime:
        """The pages' own clock, always a little further: the pace of a browser is measured by it."""
        self.paced = max(self.engine.now, self.paced) + timedelta(milliseconds=300)
        return self.paced

    def _secret(self) -> str:
        return f"fresh{self._number():038d}"

    # Both. -------------------------------------------------------------------------------------------------------------

    def _take(self, incoming: Incoming) -> tuple[Reply, ...]:
        return self._taken(incoming).replies

    def _taken(self, incoming: Incoming) -> Any:
        """A bug in a conversation fails the season instead of going to quarantine."""
        return self.engine.write(lambda s: dispatch.take(s, incoming, self.engine.house))

    def sittings(self, who: Inhabitant) -> list[Sitting]:
        return self.engine.read(lambda s: answers.open_sittings(s, who.id, self.engine.now))

    def letters(self, sat: Sitting, slot: int, right: bool) -> tuple[str, str]:
        """(the action that answers one slot, the letters in it)."""
        question = self.engine.read(lambda s: answers.shown(s, sat.slots[slot]))
        said = simulating.pick(question, sat.slots[slot].order, right, self.engine.rng)
        return answer_action(cards.sign(self.engine.house.secret, sat.paper_id, slot), said), said


def papers_on(html: str) -> list[int]:
    """The papers that a page offers to begin."""
    return [int(number) for number in re.findall(r'action="/exam/(\d+)"', html)]
