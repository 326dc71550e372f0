"""The plug of the long connection pulled at random instants while people press and write and are pushed to.

`python -m tests.channels.wecom.bot.plug --times 200 --seed 1` prints what came of it as JSON; the exit code is 1 if anything was wrong.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from handlers.messages import Address, Owed, QuestionCard, Reply
from tests.channels.wecom.bot.running import running, simulated
from tests.fakes.collecting import CollectingHouse

PEOPLE = [f"u{number}" for number in range(8)]
LEASE = 15.0


class LeasingHouse(CollectingHouse):
    """Commits take their time, and replies that nobody showed for 15 s are owed, as in the real house."""

    def __init__(self, rng):
        super().__init__(self._answered)
        self._rng, self._committed = rng, {}

    @staticmethod
    def _answered(incoming):
        said = incoming.action or incoming.text
        return (Reply(f"答{said}。", edits=True), Reply(f"再{said}。")) if incoming.action else (Reply(f"答{said}。"),)

    async def _submit(self, incoming):
        await self._sleep(self._rng.uniform(0.0, 0.3))
        answered = await super()._submit(incoming)
        if not answered.again:
            self._committed[incoming.key] = (incoming, self._now())
        await self._sleep(self._rng.uniform(0.0, 0.3))
        return answered

    async def _owed(self, channel):
        due = [
            incoming
            for incoming, at in self._committed.values()
            if incoming.key not in self.shown and (self._now() - at).total_seconds() >= LEASE
        ]
        return [Owed(each.key, each.account, each.origin, self.inbox[each.key]) for each in due]


@dataclass
class Outcome:
    """What came of so many pulls. The first four must be empty."""

    lost: list = field(default_factory=list)
    doubled: list = field(default_factory=list)
    unshown: list = field(default_factory=list)
    wrong: list = field(default_factory=list)
    pulls: int = 0
    presses: int = 0
    """Presses, delivered or not: one at the instant of the pull is lost before it reaches anybody, and is not acknowledged."""
    acknowledged: int = 0
    recorded: int = 0
    pushes: Counter = field(default_factory=Counter)
    shown_again: int = 0
    """Messages that arrived twice, since the ack of the first was lost: nobody could know."""
    connections: int = 0
    seconds: float = 0.0

    def bad(self):
        return bool(self.lost or self.doubled or self.unshown or self.wrong)

    def line(self):
        lists = {name: len(getattr(self, name)) for name in ("lost", "doubled", "unshown", "wrong")}
        figures = ("pulls", "presses", "acknowledged", "recorded", "shown_again", "connections")
        return {**lists, **{name: getattr(self, name) for name in figures}, "pushes": dict(self.pushes), "seconds": round(self.seconds, 1)}  # fmt: skip


class Story:
    """One house, one channel, and the plug."""

    def __init__(self, fake, hands, house, channel, rng):
        self.fake, self.hands, self.house, self.channel, self.rng = fake, hands, house, channel, rng
        self.pressed, self.acked, self.planned, self.texts = [], Counter(), 0, 0
        ask = channel._connection.ask

        async def noted(cmd, body, **known):
            answer = await ask(cmd, body, **known)
            self.acked[self._what(cmd, body)] += 1
            return answer

        channel._connection.ask = noted

    async def pull(self):
        """Something happens to everybody, and the plug is pulled in the middle of it."""
        way, how = self.rng.random(), self.rng.choice(["abort", "close"])
        if way < 0.6:
            when = self.rng.choice(["before", "unacked", "half", "acked"])
            cmds = ["aibot_send_msg", "aibot_respond_msg", "aibot_respond_update_msg"]
            self.fake.pull(self.rng.choice(cmds), when, how, after=self.rng.randint(0, 2))
        elif way < 0.8:
            when = self.rng.choice(["before", "half", "acked"])
            self.fake.pull(self.rng.choice(["aibot_event_callback", "aibot_msg_callback"]), when, how)
        before = self.fake.connections
        acting = asyncio.ensure_future(self._act())
        await self.hands.waits(acting.done)
        acting.result()
        await self.hands.passes(self.rng.uniform(0.0, 0.7))
        if self.fake.connections == before and self.fake.is_live:
            self.fake.abort() if how == "abort" else await self.fake.close_cleanly()
        self.fake.pulls.clear()
        await self.hands.waits(lambda: self.fake.is_live and self.channel.connected, step=0.2)

    async def _act(self):
        for person in self.rng.sample(PEOPLE, 4):
            if self.rng.random() < 0.8:
                self.planned += 1
                card = QuestionCard(
                    f"第{self.planned}题", "？", ("甲", "乙", "丙"), multiple=False, token=f"{self.planned}.0.t"
                )
                self.house.plan(self.planned, person, Reply(f"推{self.planned}。", card=card), channel="wecom_bot")
            await self._press(person)
            await self._press(person)
            if self.rng.random() < 0.3:
                self.texts += 1
                await self.fake.says(person, f"话{self.texts}")
            await asyncio.sleep(self.rng.uniform(0.0, 0.003))

    async def _press(self, person):
        """Presses one card that is open and was never pressed."""
        known = {(who, token) for who, token, _ in self.pressed}
        for sent in self.fake.inbox(person):
            keys = [key for _, key in sent.buttons if key.startswith("=")]
            if keys and (person, sent.task_id) not in known:
                await self.fake.clicks(person, sent, keys[0])
                self.pressed.append((person, sent.task_id, keys[0]))
                return

    @staticmethod
    def _what(cmd, body):
        card = body.get("template_card")
        return (cmd == "aibot_respond_update_msg", card["task_id"] if card else json.dumps([body.get(name, {}).get("content") for name in ("stream", "markdown", "text")]))  # fmt: skip


async def told(seed, times):
    """So many pulls, and peace after them until everything has come to its end."""
    began, rng, done = time.monotonic(), random.Random(seed), Outcome(pulls=times)
    async with simulated() as (fake, hands):
        house = LeasingHouse(rng)
        async with running(fake, hands, house, chance=rng.random) as channel:
            story = Story(fake, hands, house, channel, rng)
            for person in PEOPLE:
                await fake.says(person, f"在{person}")
            await hands.waits(lambda: len(house.shown) == len(PEOPLE))
            for _ in range(times):
                await story.pull()
            await hands.waits(lambda: len(house.outcomes) >= story.planned and not house.planned and not house.sending)
            await hands.waits(lambda: set(house.inbox) <= set(house.shown), step=0.2)
        judge(fake, house, story, done)
    done.seconds, done.connections = time.monotonic() - began, fake.connections
    return done


def judge(fake, house, story, done):
    """Acknowledged is a press whose card changed or to which an answer came; all that is recorded must have been answered."""
    inboxes = {person: Counter(sent.text.partition("\n")[0] for sent in fake.inbox(person)) for person in PEOPLE}
    recorded = Counter((incoming.account.id, incoming.action) for incoming in house.came if incoming.action)
    changed = {(person, sent.task_id) for person in PEOPLE for sent in fake.inbox(person) if sent.replaced}
    for person, task, key in story.pressed:
        done.presses += 1
        acknowledged = (person, task) in changed or inboxes[person][f"答{key}。"] > 0
        done.acknowledged += acknowledged
        done.recorded += recorded[person, key]
        if recorded[person, key] != 1 and (acknowledged or recorded[person, key] > 1):
            done.lost.append((person, key))
    for incoming in house.came:
        for reply in house.inbox[incoming.key]:
            if not inboxes[incoming.account.id][reply.text]:
                done.unshown.append((incoming.key, reply.text))
    done.doubled += [what for what, count in story.acked.items() if count > 1]
    done.doubled += [
        text for inbox in inboxes.values() for text, count in inbox.items() if text.startswith("推") and count > 1
    ]
    done.shown_again = sum(count - 1 for inbox in inboxes.values() for count in inbox.values())
    done.pushes = Counter(house.states.values())
    for number, state in house.states.items():
        arrived = sum(inbox[f"推{number}。"] for inbox in inboxes.values())
        if (state == "sent" and arrived != 1) or state not in ("sent", "uncertain"):
            done.wrong.append((number, state, arrived))
    assert all(incoming.account == Address("wecom_bot", incoming.account.id) for incoming in house.came)


def main():
    asked = argparse.ArgumentParser(prog="python -m tests.channels.wecom.bot.plug")
    asked.add_argument("--times", type=int, default=200)
    asked.add_argument("--seed", type=int, default=int(time.time()))
    given = asked.parse_args()
    done = asyncio.run(told(given.seed, given.times))
    print(json.dumps({"seed": given.seed, **done.line()}, ensure_ascii=False))
    for name in ("lost", "doubled", "unshown", "wrong"):
        for each in getattr(done, name)[:10]:
            print(name, each)
    return int(done.bad())


if __name__ == "__main__":
    sys.exit(main())
