"""A small house in memory: real rules, no disk. It knows one quiz, one invitation and one login link."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from channels.base import House
from channels.web.sessions import address
from handlers.messages import (
    Answered,
    BotError,
    Choice,
    File,
    Incoming,
    Link,
    Outcome,
    QuestionCard,
    Reply,
    Viewer,
    read_card_action,
)
from handlers.words import words

AT = "2026-12-04T01:05:00+00:00"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
SINGLE = QuestionCard(
    "第 1/3 题 · 单选题",
    "违法行为轻微并及时改正，没有造成危害后果的，应当如何处理？",
    ("不予行政处罚", "从轻处罚", "减轻处罚", "警告"),
    multiple=False,
    token="q1",
)
MULTIPLE = QuestionCard(
    "第 2/3 题 · 多选题",
    "下列哪些属于行政处罚的种类？",
    ("警告", "记过", "罚款", "行政拘留"),
    multiple=True,
    token="q2",
    submit_label="选好了，提交",
)
BLANK = QuestionCard("第 3/3 题 · 填空题", "国家宪法日是每年的几月几日？", (), multiple=False, token="q3")
CARDS = {card.token: card for card in (SINGLE, MULTIPLE, BLANK)}
RIGHT = {"q1": "A", "q2": "ACD", "q3": "12月4日"}
FILES = {
    1: File("各单位参考率.png", "image/png", PNG, 1),
    2: File('成绩"汇总\n表.xlsx', "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"xlsx", 2),
    3: File("page.html", "text/html", b"<script>alert(1)</script>", 3),
}
MATERIAL = {
    "key": "xianfa",
    "title": "宪法宣传周学习要点",
    "at": AT,
    "body": "# 宪法\n\n国家的**根本法**。<script>alert(1)</script>\n\n[坏](javascript:alert(1)) ![图](https://x.example/a.png)\n\n| 项 | 数 |\n|--|--|\n| 一 | 1 |\n",
    "cites": ["宪法 第五条"],
    "links": [Link("全文", "https://flk.npc.gov.cn/"), Link("坏", "javascript:alert(1)")],
}


def web_words(language: str) -> Mapping[str, str]:
    """The real sentences of the web room, without those of other rooms."""
    return {key: sentence for key, sentence in words(language).items() if key.startswith("web.")}


@dataclass
class Memory:
    """Everything the house knows. `broken` submissions fail before anything is recorded; `forgetful` ones after."""

    people: dict[str, Viewer] = field(default_factory=dict)
    heard: list[Incoming] = field(default_factory=list)
    inbox: dict[str, tuple[Reply, ...]] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    settled: list[Outcome] = field(default_factory=list)
    shown_keys: list[str] = field(default_factory=list)
    answered: dict[str, str] = field(default_factory=dict)
    waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = field(default_factory=list)
    tries_left: int = 3
    used: bool = False
    digits: bool = True
    by: str = "phone"
    broken: int = 0

    @property
    def house(self) -> House:
        return House(
            submit=self.submit,
            view=self.view,
            who=self.who,
            claim=self.nothing,
            settle=self.settle,
            owed=self.nothing,
            shown=self.shown,
            keep=self.nothing,
            stirred=self.stirred,
            words=web_words,
            spent=self.nothing,
            greyed=self.nothing,
            directory=self.nothing,
            alarm=self.nothing,
        )

    def sign_in(self, secret: str, language: str = "zh", name: str = "张三") -> Viewer:
        viewer = Viewer(1, 1, name, language, ("cadre",))
        self.people[address(secret).id] = viewer
        return viewer

    def deliver(self, reply: Reply) -> None:
        """From any thread: a delivery, and everyone who waits is woken."""
        self.deliveries.append({"id": len(self.deliveries) + 1, "at": AT, "reply": reply})
        for loop, future in self.waiting:
            loop.call_soon_threadsafe(lambda f=future: f.done() or f.set_result(None))
        self.waiting.clear()

    async def submit(self, incoming: Incoming) -> Answered:
        if self.broken:
            self.broken -= 1
            raise OSError("disk full")
        if incoming.key in self.inbox:
            return Answered(incoming.key, self.inbox[incoming.key], again=True)
        self.heard.append(incoming)
        replies = tuple(self._replies(incoming))
        self.inbox[incoming.key] = replies
        if not (incoming.origin and any(reply.edits for reply in replies)):
            mine = incoming.text or incoming.action or (incoming.file.name if incoming.file else "")
            self.log.append({"id": f"{incoming.key}-q", "mine": True, "at": AT, "text": mine, "reply": None})
        for number, reply in enumerate(replies):
            self.log.append({"id": f"{incoming.key}-{number}", "mine": False, "at": AT, "text": "", "reply": reply})
        return Answered(incoming.key, replies)

    def _replies(self, incoming: Incoming) -> list[Reply]:
        action, account = incoming.action or incoming.text, incoming.account.id
        if incoming.file:
            return [Reply(f"收到文件 {incoming.file.name}，{len(incoming.file.content)} 字节")]
        if action.startswith("/join "):
            return [self._join(action, account)]
        if action == "/enter code-1":
            self.people[account] = Viewer(1, 1, "张三", "zh", ("cadre",))
            return [Reply("欢迎")]
        if action == "/leave":
            self.people.pop(account, None)
            return [Reply("已退出")]
        if action.startswith("/language "):
            self.people[account] = replace(self.people[account], language=action.split()[1])
            return [Reply("好的")]
        return self._quiz(incoming, action)

    def _quiz(self, incoming: Incoming, action: str) -> list[Reply]:
        pressed = read_card_action(action)
        todo = next((token for token in CARDS if token not in self.answered), None)
        if pressed and pressed[2]:
            return self._grade(pressed[0], pressed[1])
        if action == "今日答题" and todo:
            return [Reply("今日答题", card=CARDS[todo])]
        if todo and (action.strip().upper() in ("A", "B", "C", "D", "AC", "ACD") or todo == "q3"):
            return self._grade(todo, action.strip().upper())
        return [Reply(f"没有听懂「{action}」", choices=(Choice("今日答题", "今日答题"),))]

    def _grade(self, token: str, letters: str) -> list[Reply]:
        if token in self.answered:
            return [Reply("这道题已经答过", edits=True)]
        self.answered[token] = letters
        verdict = "正确" if letters == RIGHT[token] else f"不对，答案是 {RIGHT[token]}"
        result = Reply(f"{CARDS[token].stem}\n您的答案：{letters}\n{verdict}", edits=True)
        todo = next((other for other in CARDS if other not in self.answered), None)
        if todo is None:
            return [result, Reply("今天的题做完了。", choices=(Choice("错题重练", "错题重练"),))]
        return [result, Reply("", card=CARDS[todo])]

    def _join(self, action: str, account: str) -> Reply:
        if not self.used and action == ("/join token-1 1234" if self.digits else "/join token-1"):
            self.used = True
            self.people[account] = Viewer(1, 1, "张三", "zh", ("cadre",))
            return Reply("欢迎")
        self.tries_left -= 1
        return Reply("号码不对。")

    async def view(self, name: str, viewer: Viewer | None, query: Mapping[str, str]) -> Any:
        if name in ("invitation", "entry"):
            return self._door(query)
        if name == "entrant":
            return {"mine": query["code"] == "code-1" and viewer is not None and viewer.person_id == 1}
        if viewer is None:
            raise BotError("not_allowed")
        if name == "chat":
            return self._chat()
        if name == "deliveries":
            return [row for row in self.deliveries if row["id"] > int(query["after"])]
        if name == "materials":
            return [MATERIAL]
        if name == "material" and query["key"] == "xianfa":
            return MATERIAL
        if name == "material" and query["key"] == "secret":
            raise BotError("not_allowed")
        if name == "material" and query["key"] == "bug":
            raise RuntimeError("a bug")
        if name == "file" and int(query["id"]) in FILES:
            return FILES[int(query["id"])]
        raise BotError("not_found")

    def _door(self, query: Mapping[str, str]) -> dict[str, Any]:
        if "code" in query:
            return {"state": "open" if query["code"] == "code-1" else "expired", "name": "张三"}
        if query["token"] != "token-1":
            return {"state": "unknown", "name": "", "unit": "", "tries_left": 0}
        state = "used" if self.used else "open" if self.tries_left else "locked"
        return {
            "state": state,
            "name": "张三",
            "unit": "住建局",
            "tries_left": self.tries_left,
            "digits": self.digits,
            "by": self.by,
        }

    def _chat(self) -> dict[str, Any]:
        sent = {outcome.id for outcome in self.settled}
        arrived = [
            {
                "id": f"d{row['id']}",
                "mine": False,
                "at": row["at"],
                "text": "",
                "reply": row["reply"],
                "unsettled": row["id"] not in sent,
            }
            for row in self.deliveries
        ]
        messages = [*self.log, *arrived]
        for message in messages:
            card = message["reply"] and message["reply"].card
            message["open"] = not (card and card.token in self.answered)
        menu = [Choice(label, label) for label in ("今日答题", "考试", "错题重练", "我的档案")]
        return {
            "messages": messages,
            "last": len(self.deliveries),
            "menu": menu,
            "placeholder": "输入文字，或直接答 A、B",
        }

    async def who(self, secret: str) -> Viewer | None:
        return self.people.get(address(secret).id)

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        self.settled.extend(outcomes)

    async def shown(self, keys: Sequence[str]) -> None:
        self.shown_keys.extend(keys)

    async def stirred(self) -> None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self.waiting.append((loop, future))
        await future

    async def nothing(self, *args: str) -> Any:
        return []
