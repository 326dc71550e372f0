"""What the words of a transcript's setting mean: people, plans, files, the door of the web."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any

import xlsxwriter

from handlers.messages import File
from handlers.words import say
from quizzes.plans import Draw, Plan, Report
from quizzes.questions import Kind

CHANNELS = {"telegram": "telegram", "企业微信": "wecom", "wecom": "wecom", "智能机器人": "wecom_bot", "wecom-bot": "wecom_bot", "网页": "web",
            "web": "web"}  # fmt: skip
ROLES = {"联络员": "liaison", "领导": "leader", "代办": "aide", "审计": "auditor", "管理员": "admin"}
ROLES |= {role: role for role in ROLES.values()}
KINDS = {"单选": Kind.SINGLE, "多选": Kind.MULTIPLE, "判断": Kind.JUDGE, "填空": Kind.BLANK}
KINDS |= {kind.value: kind for kind in KINDS.values()}
LONG_AGO = date(2026, 1, 1)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(slots=True)
class Somebody:
    """A line 「人员」 without the name."""

    unit: str
    channels: list[str] = field(default_factory=list)
    role: str = ""
    on: str = ""
    language: str = "zh"
    details: dict[str, Any] = field(default_factory=dict)


def somebody(words: list[str]) -> Somebody:
    """住建局 telegram 13800001234 联络员@住建局 班子成员 English 工号T001 未绑定"""
    found = Somebody(words[0])
    for word in words[1:]:
        role, _, on = word.partition("@")
        if word.lower() in CHANNELS:
            found.channels.append(CHANNELS[word.lower()])
        elif word.isdigit():
            found.details["phone"] = word
        elif word.startswith("工号"):
            found.details |= {"staff_no": word[2:], "phone": ""}
        elif word.startswith("退休"):
            found.details["retires_on"] = date.fromisoformat(word[2:])
        elif word in ("班子成员", "leadership"):
            found.details["leadership"] = True
        elif word == "English":
            found.language = "en"
        elif role in ROLES:
            found.role, found.on = ROLES[role], on
        else:
            assert word in ("未绑定", "unbound"), f"看不懂「{word}」"
    return found


def plan(title: str, words: list[str]) -> Plan:
    """每日一题 09:00-18:00 单选1 多选1 提醒16:30 汇报 手动 可考2次 限时60分钟 集中 交卷后公布 考核：文号"""
    opens, closes = words[0].split("-")
    made = Plan("daily", title, time.fromisoformat(opens), time.fromisoformat(closes))
    for word in words[1:]:
        kind = KINDS.get(word[:-1])
        if kind:
            made = replace(made, draw=(*made.draw, Draw(int(word[-1]), kind)))
        elif word.startswith(("提醒", "remind")):
            made = replace(made, remind_at=(*made.remind_at, time.fromisoformat(word[-5:])))
        elif word in ("汇报", "report"):
            made = replace(made, report=Report(every="close"))
        elif word in ("手动", "by-hand"):
            made = replace(made, key="exam", days=(LONG_AGO,))
        elif word.startswith(("限时", "minutes")):
            minutes = int("".join(filter(str.isdigit, word)))
            made = replace(made, rules=replace(made.rules, minutes=minutes, release="closed"))
        elif word in ("集中", "together"):
            made = replace(made, rules=replace(made.rules, hall=True, release="closed"))
        elif word in ("交卷后公布", "released-after-handing-in"):
            made = replace(made, rules=replace(made.rules, release="handed_in"))
        elif word.startswith(("可考", "attempts")):
            made = replace(made, rules=replace(made.rules, attempts=int("".join(filter(str.isdigit, word)))))
        else:
            assert word.startswith(("考核：", "assessed:")), f"看不懂「{word}」"
            made = replace(made, counts="assessed", notice=word.partition("：")[2] or word.partition(":")[2])
    return made


def prose(rows: list[str]) -> str:
    """Lines that begin with | as text."""
    return "\n".join(row.removeprefix("|").strip() for row in rows)


def document(name: str, rows: list[str]) -> File:
    """A file with a table or a text."""
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    if name.endswith(".xlsx"):
        return File(name, XLSX, _workbook(cells))
    text = "\n".join(map(",".join, cells)) if name.endswith(".csv") else prose(rows)
    return File(name, "text/csv" if name.endswith(".csv") else "text/plain", text.encode())


def _workbook(cells: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(cells):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def door_text(door: dict[str, Any]) -> str:
    """The web's page of a link, before anybody is signed in, in the words that it shows."""
    if door["state"] != "open":
        return say("zh", f"web.door_{door['state']}")
    lines = [say("zh", "web.question", unit=door["unit"], name=door["name"])]
    if door["digits"]:
        suffix = "_staff_no" if door["by"] == "staff_no" else ""
        lines += [say("zh", f"web.digits_label{suffix}"), say("zh", "web.tries_left", n=door["tries_left"])]
    return "\n".join(lines)
