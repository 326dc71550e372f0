"""Plays a transcript through WeCom: every word and press goes by the simulator and an encrypted callback into the house, and every
reply goes by the API into the member's chat, where it must be found whole, each choice a button that can be pressed.

What the transcript says of Telegram or WeCom happens in the app; browsers stay browsers. Files come by the page (an app's chat takes
pictures only), and ticks stay in the client until they are submitted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from channels.wecom.words import literal
from handlers import dispatch
from handlers.messages import BLOCKED, Address, Answered, Incoming, Outcome, Parcel, Reply
from storage.database import Database
from tests.channels.wecom.running import running, simulated, until
from tests.fakes.collecting import CollectingHouse
from tests.transcripts.playing import SECOND, Play
from tests.transcripts.screens import Screen

CARRIED = ("telegram", "wecom", "wecom_bot")


class Carrying(CollectingHouse):
    """A house whose answers come from the engine; members are the transcript's people, by number."""

    def __init__(self, play: PlayOnWeCom) -> None:
        super().__init__(now=None)
        self.play = play

    async def _submit(self, incoming: Incoming) -> Answered:
        if incoming.key in self.inbox:
            return Answered(incoming.key, self.inbox[incoming.key], again=True)
        answered = self.play.takes(incoming)
        self.inbox[incoming.key] = answered.replies
        return answered


class PlayOnWeCom(Play):
    """One transcript on the simulator. Nothing runs between two lines but what they cause: the loop turns only while one waits."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.loop = asyncio.new_event_loop()
        self.members: dict[tuple[str, str], str] = {}
        self.heard: tuple[str, str, Answered] | None = None
        self.parcels = 0
        self.stack = AsyncExitStack()
        self.carry(self._opened())

    def carry(self, story: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(story, 20))

    async def _opened(self) -> None:
        self.sim = await self.stack.enter_async_context(simulated())
        self.sim._now = self.clock
        self.sim.limits.per_member = False
        self.house = Carrying(self)
        self.channel = await self.stack.enter_async_context(
            running(self.sim, self.house, now=lambda: self.engine.now, site="https://xuefa.example")
        )

    def clock(self) -> float:
        return self.engine.now.timestamp()

    def close(self) -> None:
        """Ends the channel and the simulator; neither may have met with anything out of order."""
        self.carry(self.stack.aclose())
        self.loop.close()
        assert not self.sim.problems
        assert not self.sim.dropped

    # What people do. ---------------------------------------------------------------------------------------------------

    def _member(self, who: str, where: str) -> str:
        """The userid of somebody, a member from the first time on."""
        if (who, where) not in self.members:
            self.members[who, where] = f"u{len(self.members)}"
            self.sim.user(self.members[who, where], who, [1])
        return self.members[who, where]

    def _act(self, who: str, where: str, **what: Any) -> None:
        ticks = str(what.get("action", "")).startswith("?")
        if where not in CARRIED or "file" in what or ticks:
            super()._act(who, where, **what)
            return
        user = self._member(who, where)
        self.sim.users[user].visible = True  # whoever left and speaks is back
        before = len(self.sim.inbox(user))
        self.heard = None
        self.carry(self._does(user, **what))
        assert self.heard is not None, "the callback brought nothing into the house"
        _, key, answered = self.heard
        self.screens[who] = Screen()
        if what.get("action") != BLOCKED:
            self.carry(until(lambda: key in self.house.shown))
            self._found(user, before, answered.replies)
        self._show(who, where, answered.replies)
        self.engine.now = self.engine.now.replace(microsecond=0) + SECOND
        self._happen()

    async def _does(self, user: str, text: str = "", action: str = "") -> None:
        if action == BLOCKED:
            delivery = await self.sim.unsubscribes(user)
        elif action:
            delivery = await self._press(user, action)
        else:
            delivery = await self.sim.says(user, text)
        assert delivery.accepted
        assert delivery.tries == 1

    async def _press(self, user: str, action: str) -> Any:
        """On the newest card that has this button and is not grey yet; what no card has, a hacked client sends."""
        token, colon, letters = action.partition(":")
        for card in reversed(
            [each for each in self.sim.inbox(user) if each.msgtype == "template_card" and not each.greyed]
        ):
            keys = {key for _, key in card.buttons}
            if action in keys:
                return await self.sim.clicks(user, card, action)
            if colon and f"{token}:" in keys:
                return await self.sim.clicks(user, card, f"{token}:", picked=tuple(letters))
        cards = [each for each in self.sim.inbox(user) if each.msgtype == "template_card"]
        if not cards:
            return await self.sim.menu_click(user, action, forged=True)
        return await self.sim.clicks(user, cards[-1], action, forged=True)

    def takes(self, incoming: Incoming) -> Answered:
        """The house's part, within the callback: the engine answers, under the transcript's name and channel."""
        who, where = next(pair for pair, user in self.members.items() if user == incoming.account.id)
        address = Address(where, self.engine.address(who, where))
        incoming = replace(
            incoming, account=address, arrived_at=self.engine.now, origin="1" if incoming.action else None
        )
        self._note(incoming)
        answered = self.engine.write(lambda store: dispatch.take(store, incoming, self.engine.house))
        self.heard = (who, incoming.key, answered)
        return answered

    # What people are shown. --------------------------------------------------------------------------------------------

    def _happen(self) -> None:
        self.engine.settle()
        for channel in ("telegram", "wecom", "wecom_bot", "web"):
            for parcel in self.engine.delivered(channel):
                who = self._whose(parcel.address)
                if channel in CARRIED:
                    self._push(self._member(who, channel), parcel.reply)
                self._show(who, channel, (parcel.reply,))

    def _push(self, user: str, reply: Reply) -> None:
        before = len(self.sim.inbox(user))
        self.parcels += 1
        number = self.parcels
        self.house.planned.append(Parcel(number, Address("wecom", user), "notice", reply))
        self.carry(until(lambda: number in self.house.states))
        outcome: Outcome = self.house.outcomes[-1]
        if self.sim.users[user].visible:
            assert outcome.state == "sent", outcome
            self._found(user, before, (reply,))
        else:
            assert (outcome.state, outcome.reason) == ("failed", "not_visible")

    def _found(self, user: str, before: int, replies: tuple[Reply, ...]) -> None:
        """Everything that the replies say is in the chat now."""
        new = self.sim.inbox(user)[before:]
        said = "\n".join(message.text for message in new)
        plain = "".join(said.split())
        keys = {key for message in new for _, key in message.buttons}
        labels = "".join("".join(label.split()) for message in new for label, _ in message.buttons)
        for reply in replies:
            for line in [*reply.text.splitlines(), *_asked(reply)]:
                assert "".join(literal(line).split()) in plain, f"not shown: {line}\n{said}"
            for choice in reply.choices:
                assert choice.says in keys, f"no button: {choice}"
                assert "".join(choice.label.split()) in plain + labels, choice
            for link in reply.links:
                assert "".join(link.label.split()) in plain + labels, link
            assert {file.name for file in reply.files} <= {message.file[0] for message in new if message.file}


def _asked(reply: Reply) -> list[str]:
    card = reply.card
    return [] if card is None else [card.heading, *card.stem.splitlines(), *card.options]
