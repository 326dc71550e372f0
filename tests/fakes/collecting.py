"""A House in memory: it keeps what channels hand it, answers by a function, and owes what a test lets it owe."""

import asyncio
from dataclasses import replace

from channels.base import House
from handlers.messages import Address, Answered, Outcome, Owed, Parcel, Reply
from handlers.words import words


class CollectingHouse:
    """`answer(incoming)` gives the replies. `came` are the Incomings in the order of their record; `outcomes` every settled
    Outcome; `on_change` is called at each; `failing` how many of the next calls of a name ("submit", "settle", ...) raise."""

    def __init__(self, answer=lambda _: (), *, now=None, sleep=asyncio.sleep):
        self._answer, self._now, self._sleep = answer, now, sleep
        self.inbox, self.came, self.again = {}, [], []
        self.planned, self.sending, self.not_before = [], {}, {}
        self.outcomes, self.settles, self.claims = [], [], []
        self.owing, self.shown, self.kept, self.failing = [], [], {}, {}
        self.cards, self.spending, self.grey, self.directories, self.alarms = [], [], [], [], []
        self.on_change = lambda: None

    @property
    def house(self):
        async def nothing(*_):
            raise NotImplementedError

        return House(
            submit=self._submit, view=nothing, who=nothing, claim=self._claim, settle=self._settle, owed=self._owed,
            shown=self._shown, keep=self._keep, stirred=self._stirred, words=self._words, spent=self._spent,
            greyed=self._greyed, directory=self._directory, alarm=self._alarm,
        )  # fmt: skip

    def plan(self, number, person, reply=None, kind="question", channel="telegram"):
        """Owes a delivery."""
        self.planned.append(Parcel(number, Address(channel, str(person)), kind, reply or Reply(f"第{number}条")))

    def owe(self, key, person, origin, *replies):
        """Owes replies whose process died."""
        self.owing.append(Owed(key, Address("telegram", str(person)), origin, replies))

    @property
    def states(self):
        """Delivery id -> its last state."""
        return {outcome.id: outcome.state for outcome in self.outcomes}

    async def _submit(self, incoming):
        self._maybe_fail("submit")
        await asyncio.sleep(0)
        if incoming.key in self.inbox:
            self.again.append(incoming.key)
            return Answered(incoming.key, self.inbox[incoming.key], again=True)
        self.came.append(incoming)
        self.inbox[incoming.key] = tuple(self._answer(incoming))
        self.on_change()
        return Answered(incoming.key, self.inbox[incoming.key])

    async def _claim(self, channel, most):
        self._maybe_fail("claim")
        now = self._now() if self._now else None
        due = [
            p
            for p in self.planned
            if p.address.channel == channel and (not now or self.not_before.get(p.id, now) <= now)
        ]
        for parcel in due[:most]:
            self.planned.remove(parcel)
            self.sending[parcel.id] = parcel
        self.claims.append(len(due[:most]))
        return due[:most]

    async def _settle(self, outcomes):
        self._maybe_fail("settle")
        self.settles.append(len(outcomes))
        for outcome in outcomes:
            assert isinstance(outcome, Outcome)
            parcel = self.sending.pop(outcome.id)
            self.outcomes.append(outcome)
            if outcome.state == "retry":
                self.planned.append(replace(parcel))
                if outcome.not_before:
                    self.not_before[outcome.id] = outcome.not_before
        self.on_change()

    async def _owed(self, channel):
        self._maybe_fail("owed")
        return [owed for owed in self.owing if owed.key not in self.shown]

    async def _shown(self, keys, cards=()):
        self._maybe_fail("shown")
        self.shown += keys
        self.cards += cards
        self.on_change()

    async def _spent(self, channel):
        return [each for each in self.spending if each.code not in self.grey]

    async def _greyed(self, channel, codes):
        self.grey += codes
        self.on_change()

    async def _directory(self, channel, members):
        self.directories.append((channel, tuple(members)))

    async def _keep(self, name, value=None):
        if value is not None:
            self.kept[name] = value
        return self.kept.get(name, "")

    async def _alarm(self, channel, code, values):
        self.alarms.append((channel, code, dict(values)))
        self.on_change()

    @staticmethod
    def _words(language):
        return words(language)

    async def _stirred(self):
        await self._sleep(1.0)

    def _maybe_fail(self, name):
        if self.failing.get(name, 0) > 0:
            self.failing[name] -= 1
            raise RuntimeError(f"{name} failed on purpose")
