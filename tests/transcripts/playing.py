"""Plays a transcript on the real engine. One conversation a file, in Chinese or English, line by line:

    # 文字                                   a remark; the first says what the conversation shows
    日期：2026-11-23   时间：09:00             the clock goes there, and everything due on the way happens (时间：18:00:11 too)
    单位：住建局 > 质安站                       units from above to below; unknown ones are made when somebody is in them
    人员：张三 住建局 telegram 13800001234      somebody on the roster; further words in any order: channels (telegram, 企业微信,
                                            智能机器人, 网页), a role (联络员@住建局, 领导, 代办, 审计, 管理员), 班子成员, English, 工号T001,
                                            退休2026-12-31, 未绑定
    外人：李四 telegram                        somebody on no roster, or not bound yet
    题库：填空                                a bank (常用: one of each 单选, 多选, 判断; 填空: one blank)
    安排：每日一题 09:00-18:00 单选1 多选1      what recurs; further words: 提醒16:30, 汇报, 手动 (never by itself), 可考2次, and
                                            限时60分钟, 集中, 交卷后公布 (a formal exam), 考核：城南普法〔2026〕3号
    资料：xianfa 宪法学习要点                   a study material; lines that begin with | are its text
    机器人：xuefa_bot                         invitations lead to Telegram too
    应用：学法   智能机器人：学法助手            and to WeCom's app and bot of these names
    通讯录：城南区                             WeCom's directory is read; the lines that begin with | are names and departments
    数据库：PostgreSQL                        play on PostgreSQL instead of SQLite

    张三 > 今日答题                            types a text; {正确答案} and {错误答案} stand for what is right or wrong on the card
    张三 按 学习资料                           presses the button of that name, on the newest message that has it
    张三 按 A / 按 正确答案 / 勾 AC            answers the card, or ticks boxes on it (勾 正确答案 too)
    张三 再按 A / 张三 按 李四 的 A             the card answered before; somebody else's card
    张三 发文件 名册.csv 说明                   drops a file; the lines that begin with | are its rows (.csv, .xlsx) or its text
    张三 打开 王敏 的链接                       follows the last link that 王敏 was shown
    张三 转发 王敏 的邀请码                     types the code at the end of that link
    张三 屏蔽 / 张三 退出                       blocks the bot; signs this browser out
    张三（网页） > 今日答题                     the same on another channel

    张三 < 第 1/3 题 …                        what 张三 has been shown since the last thing 张三 did holds this text, after what was
                                            found last; … is anything, a space is any space, 「[今日答题]」 is a button
    张三 不见 李四                             and nowhere there is this text

Whoever spoke or was shown something last may be left out: `> 帮助`, `< 您可以这样做`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path

from handlers import dispatch
from handlers.messages import BLOCKED, Address, Incoming, Member, QuestionCard, Reply, answer_action, tick_action
from handlers.people import directory
from handlers.rights import scope_of
from handlers.views import joining
from quizzes.materials import Material
from storage import accounts, materials, people
from storage.database import Database
from tests.engine import BLANK, HOUSE, QUESTIONS, START, Engine
from tests.transcripts import limits
from tests.transcripts.screens import Screen, as_text, pattern
from tests.transcripts.setting import CHANNELS, Somebody, document, door_text, plan, prose, somebody

DIRECTIVES = {"date": "日期", "time": "时间", "unit": "单位", "person": "人员", "stranger": "外人", "bank": "题库", "plan": "安排",
              "material": "资料", "bot": "机器人", "app": "应用", "wecom-bot": "智能机器人", "directory": "通讯录", "database": "数据库"}  # fmt: skip
VERBS = {">": "says", "<": "sees", "不见": "sees_not", "does not see": "sees_not", "按": "presses", "presses": "presses", "勾": "ticks",
         "ticks": "ticks", "发文件": "sends", "sends": "sends", "打开": "opens", "opens": "opens", "转发": "pastes", "pastes": "pastes", "屏蔽": "blocks",
         "blocks the bot": "blocks", "再按": "presses_again", "presses again": "presses_again", "退出": "leaves", "signs out": "leaves"}  # fmt: skip
BANKS = {"常用": QUESTIONS, "usual": QUESTIONS, "填空": (BLANK,), "blank": (BLANK,)}
RIGHT, WRONG = ("正确答案", "the right answer"), ("错误答案", "a wrong answer")
SECOND = timedelta(seconds=1)
_URL = re.compile(r"https://[^\s）」]+")
_DIRECTIVE = re.compile(r"([^\s：:<>]+)[：:]\s*(.+)")


class Mismatch(AssertionError):
    """A line of a transcript that did not happen, with what happened instead."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What a transcript went through: ("today", "zh") for a command, ("topic:push", "zh") for a conversation."""

    key: str
    language: str


class District(Engine):
    """The engine, where browsers are sessions, and a bug in a conversation fails the transcript instead of going to quarantine."""

    def address(self, name: str, channel: str) -> str:
        if channel == "web":
            return "s:" + sha256(name.encode()).hexdigest()
        return f"wecom-{name}" if channel == "wecom_bot" else f"{channel}-{name}"


class Play:
    """One transcript being played. `reached` is what it went through."""

    def __init__(self, database: Database) -> None:
        self.engine = District(database)
        self.home: dict[str, str] = {}
        self.screens: dict[str, Screen] = {}
        self.links: dict[str, str] = {}
        self.doors: dict[str, str] = {}
        self.before: dict[str, str] = {}
        self.reached: set[Reached] = set()
        self.last = ""
        self.day = HOUSE.today(START)

    def perform(self, path: Path) -> set[Reached]:
        """Play a file to its end; the first line that does not happen raises Mismatch."""
        lines = path.read_text(encoding="utf-8").splitlines()
        at = 0
        while at < len(lines):
            line, number = lines[at].strip(), at + 1
            at += 1
            rows = []
            while at < len(lines) and lines[at].lstrip().startswith("|"):
                rows.append(lines[at].strip())
                at += 1
            try:
                self._line(line, rows)
            except Exception as error:
                raise Mismatch(f"{path.name}:{number}: {line}\n{type(error).__name__}: {error}") from error
        return self.reached

    def _line(self, line: str, rows: list[str]) -> None:
        if not line or line.startswith("#"):
            return
        found = _DIRECTIVE.fullmatch(line)
        name = DIRECTIVES.get(found[1].lower(), found[1]) if found else ""
        if found and name in DIRECTIVES.values():
            self._set(name, found[2], rows)
            return
        who = max((name for name in self.home if line.startswith(name)), key=len, default="")
        rest = line.removeprefix(who).strip()
        channel = re.match(r"[（(](\S+?)[）)]\s*", rest)
        rest = rest[channel.end() :] if channel else rest
        verb = next((verb for verb in sorted(VERBS, key=len, reverse=True) if rest.startswith(verb)), None)
        assert verb is not None, "这一行看不懂"
        self.last = who or self.last
        where = CHANNELS[channel[1].lower()] if channel else self.home[self.last]
        getattr(self, f"_{VERBS[verb]}")(self.last, where, rest.removeprefix(verb).strip(), rows)

    # The setting. ------------------------------------------------------------------------------------------------------

    def _set(self, what: str, value: str, rows: list[str]) -> None:
        first, *words = value.split()
        match what:
            case "日期":
                self.day = date.fromisoformat(first)
            case "时间":
                at = time.fromisoformat(first)
                self.engine.now = datetime.combine(self.day, at, HOUSE.zone).astimezone(UTC)
                self._happen()
            case "单位":
                self._units([part.strip() for part in value.split(">")])
            case "人员":
                self._person(first, words)
            case "外人":
                self.home[first] = CHANNELS[(words or ["telegram"])[0].lower()]
                self.screens[first] = Screen()
            case "题库":
                self.engine.with_bank(*BANKS[first])
            case "安排":
                self.engine.with_plan(plan(first, words))
            case "资料":
                article = Material(first, " ".join(words), date(2026, 11, 1), ("宪法 第五条",), prose(rows))
                self.engine.write(lambda store: materials.apply(store, [article], self.engine.now))
            case "机器人":
                self.engine.house = replace(self.engine.house, telegram=first)
            case "应用":
                self.engine.house = replace(self.engine.house, wecom=first)
            case "智能机器人":
                self.engine.house = replace(self.engine.house, wecom_bot=first)
            case "通讯录":
                self._directory(first, rows)

    def _units(self, names: list[str]) -> None:
        parent = None
        for name in names:
            if name not in self.engine.units:
                above = parent
                made = self.engine.write(lambda store, n=name, a=above: people.add_unit(store, n, a))
                self.engine.units[name] = made
            parent = self.engine.units[name]

    def _person(self, name: str, words: list[str]) -> None:
        who: Somebody = somebody(words)
        number = self.engine.person(name, who.unit, channel="", role=who.role, on=who.on, **who.details)
        for channel in who.channels:
            self._bind(number, name, channel)
        self.engine.write(lambda store: accounts.set_language(store, number, who.language))
        self.home[name] = (who.channels or ["telegram"])[0]
        self.screens[name] = Screen()

    def _directory(self, top: str, rows: list[str]) -> None:
        cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
        members = [Member(f"wecom-{name}", name, (top, *units)) for name, *units in cells]
        self.engine.write(lambda store: directory.pulled(store, "wecom", members, self.engine.house, self.engine.now))
        self._happen()

    def _bind(self, number: int, name: str, channel: str) -> None:
        engine, address = self.engine, self.engine.address(name, channel)
        if channel == "web":
            until = engine.now.replace(year=engine.now.year + 1)
            engine.write(lambda store: accounts.open_session(store, number, address[2:], engine.now, until))
        else:
            engine.write(lambda store: accounts.bind(store, number, channel, address, engine.now))

    # What people do. ---------------------------------------------------------------------------------------------------

    def _says(self, who: str, where: str, text: str, rows: list[str]) -> None:
        for names, find in ((RIGHT, self._right), (WRONG, self._wrong)):
            for name in names:
                text = text.replace(f"{{{name}}}", find(who)) if f"{{{name}}}" in text else text
        text = "\n".join([text, *filter(None, [prose(rows)])])
        if where == "web" and who in self.doors:
            self._act(who, where, action=f"/join {self.doors.pop(who)} {text}")
        else:
            self._act(who, where, text=text)

    def _presses(self, who: str, where: str, label: str, rows: list[str]) -> None:
        for _, reply in reversed(self.screens[who].shown):
            for each in reply.choices:
                if each.label == label:
                    return self._act(who, where, action=each.says)
        if who in self.doors:
            return self._act(who, where, action=f"/{self.doors.pop(who)}")
        if (others := re.fullmatch(r"(\S+) 的 ([A-J]+)", label)) is not None:
            return self._act(who, where, action=answer_action(self._card(others[1]).token, others[2]))
        letters = self._letters(who, label)
        assert re.fullmatch("[A-Z]+", letters), f"没有「{label}」按钮，看到的是：\n{self.screens[who].text}"
        self.before[who] = self._card(who).token
        return self._act(who, where, action=answer_action(self.before[who], letters))

    def _presses_again(self, who: str, where: str, letters: str, rows: list[str]) -> None:
        self._act(who, where, action=answer_action(self.before[who], letters))

    def _ticks(self, who: str, where: str, letters: str, rows: list[str]) -> None:
        self._act(who, where, action=tick_action(self._card(who).token, self._letters(who, letters)))

    def _sends(self, who: str, where: str, what: str, rows: list[str]) -> None:
        name, _, caption = what.partition(" ")
        self._act(who, where, file=document(name, rows), text=caption)

    def _opens(self, who: str, where: str, whose: str, rows: list[str]) -> None:
        name = re.sub(r"(\s*的链接|'s link)$", "", whose).strip()
        kind, token = re.findall(r"(start|join|enter)[=/](\S+)", self.links[name])[0]
        if where != "web":
            return self._act(who, where, text=f"/start {token}")
        door = self.engine.read(
            lambda store: (joining.entry if kind == "enter" else joining.invitation)(store, token, self.engine.now)
        )
        self.screens[who] = Screen([("web", Reply(door_text(door)))])
        self.doors[who] = f"enter {token}" if kind == "enter" else token
        return None

    def _pastes(self, who: str, where: str, whose: str, rows: list[str]) -> None:
        link = self.links[re.sub(r"(\s*的邀请码|'s code)$", "", whose).strip()]
        self._act(who, where, text=re.findall(r"(?:start|join)[=/](\S+)", link)[0])

    def _blocks(self, who: str, where: str, text: str, rows: list[str]) -> None:
        self._act(who, where, action=BLOCKED)

    def _leaves(self, who: str, where: str, text: str, rows: list[str]) -> None:
        self._act(who, where, action="/leave")

    def _letters(self, who: str, label: str) -> str:
        return self._right(who) if label in RIGHT else self._wrong(who) if label in WRONG else label

    def _card(self, who: str) -> QuestionCard:
        self.engine.heard[who] = tuple(reply for _, reply in self.screens[who].shown)
        return self.engine.card(who)

    def _right(self, who: str) -> str:
        self._card(who)
        return self.engine.right(who)

    def _wrong(self, who: str) -> str:
        self._card(who)
        return self.engine.wrong(who)

    def _act(self, who: str, where: str, **what: object) -> None:
        """One thing a person does: the replies, and everything that follows within the second."""
        if "action" in what:
            what["origin"] = "1"
        incoming = self.engine.incoming(who, where, **what)
        self._note(incoming)
        with self.engine.database.writing() as store:
            replies = dispatch.take(store, incoming, self.engine.house).replies
        self.screens[who] = Screen()
        self._show(who, where, replies)
        self.engine.now = self.engine.now.replace(microsecond=0) + SECOND
        self._happen()

    def _note(self, incoming: Incoming) -> None:
        """Keep which command or conversation this will reach."""
        where = incoming.account
        with self.engine.database.reading() as store:
            found = accounts.behind(store, where.channel, where.id, self.engine.now)
            roles = accounts.roles_of(store, found[1].id) if found else ()
            topic = accounts.topic_of(store, f"{where.channel}:{where.id}")
        said = (incoming.action or incoming.text).strip()
        command = dispatch._command(said)[0]
        language = found[1].language if found else "zh"
        if said.split(" ")[0] in dispatch.ENTRANCES:
            self.reached.add(Reached(said.split(" ")[0], language))
        elif command and found and scope_of(roles, command.right):
            self.reached.add(Reached(command.key, language))
        elif topic and not incoming.action[:1] and not command:
            self.reached.add(Reached(f"topic:{topic[0]}", language))

    # What people are shown. --------------------------------------------------------------------------------------------

    def _happen(self) -> None:
        """Everything due happens, and every channel's sender delivers."""
        self.engine.settle()
        for channel in ("telegram", "wecom", "wecom_bot", "web"):
            for parcel in self.engine.delivered(channel):
                self._show(self._whose(parcel.address), channel, (parcel.reply,))

    def _whose(self, address: Address) -> str:
        for name in self.home:
            if self.engine.address(name, address.channel) == address.id:
                return name
        who = self.engine.read(lambda store: people.person_of(store, int(address.id.removeprefix("p"))))
        assert who is not None
        return who.name

    def _show(self, who: str, where: str, replies: tuple[Reply, ...]) -> None:
        for reply in replies:
            limits.check(reply, self._language(who), self.engine.now)
            self.screens[who].shown.append((where, reply))
            for url in _URL.findall(as_text(reply)):
                self.links[who] = url.rstrip("]。")

    def _language(self, who: str) -> str:
        number = self.engine.people.get(who)
        return self.engine.read(lambda store: accounts.language_of(store, number)) if number else "zh"

    def _sees(self, who: str, where: str, text: str, rows: list[str]) -> None:
        screen = self.screens[who]
        found = pattern(text).search(screen.text, screen.read)
        assert found, (
            f"{who} 看到的是：\n{screen.text}\n（已读到第 {screen.read} 个字：…{screen.text[max(0, screen.read - 12) : screen.read]}）"
        )
        screen.read = found.end()

    def _sees_not(self, who: str, where: str, text: str, rows: list[str]) -> None:
        screen = self.screens[who]
        assert not pattern(text).search(screen.text), f"{who} 看到的是：\n{screen.text}"
