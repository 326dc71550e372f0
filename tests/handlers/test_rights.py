"""Rights: every command and page has its line, and who has no right reads so and changes nothing; nobody sees names that are not theirs to see."""

from __future__ import annotations

import pytest
import structlog
from sqlalchemy import select

from handlers.commands import spoken
from handlers.messages import File
from handlers.registry import COMMANDS
from handlers.rights import ALL, OWN, RIGHTS, UNITS, Scope, scope_of
from handlers.views.pages import VIEWS
from handlers.words import say, words
from quizzes.people import Role, RoleName
from storage import accounts
from storage.tables import inbox, metadata
from tests.engine import DAILY, QUESTIONS, Engine

ROLES = ("cadre", *(name for name in RoleName if name is not RoleName.CADRE))
STRANGER, REFUSED = words("zh")["binding.stranger"], words("zh")["errors.not_allowed"]
NAMES = ("赵一山", "钱二水", "孙三木", "李四火", "周五土", "吴六金", "郑七星", "王八月")
ARGUMENTS = ("", "1", "{name}", "{name} yes", "1 yes", "daily", "daily yes", "{name} 2026-11-23 - 病假", "yes {id} 2026-11-23 - 病假", "住建局", "财政局",
             "1 财政局", "{name} leader", "{id} leader - yes", "全部", "all", "通知 请查收", "zh", "1 已更正", "https://law.example 新法")  # fmt: skip


def district(engine: Engine) -> Engine:
    """Somebody of every role on Telegram and the web, and people in two bureaux of whom some answered."""
    engine.with_bank(*QUESTIONS)
    for name, unit in zip(NAMES, ("住建局", "财政局") * 4, strict=True):
        engine.person(name, unit, channel="" if name in NAMES[-2:] else "telegram")
    for role in ROLES:
        engine.person(
            f"我是{role}", "住建局", role="" if role == "cadre" else role, on="住建局" if role == "liaison" else ""
        )
    for name, number in engine.people.items():
        if name not in NAMES[-2:]:
            engine.write(lambda store, n=name, p=number: accounts.bind(store, p, "web", f"web-{n}", engine.now))
    engine.with_plan(DAILY).at("09:00")
    for name in NAMES[:3]:
        engine.says(name, "今日答题")
        for _ in range(3):
            engine.answers(name, engine.right(name) if name != NAMES[0] else engine.wrong(name))
    engine.says(NAMES[1], "题目纠错 请核对")
    engine.says(NAMES[2], "投诉建议 发得太早")
    return engine


@pytest.fixture
def engine(sqlite):
    return district(Engine(sqlite))


def everything(engine):
    """All rows of all tables but the inbox, which keeps what was said."""
    tables = [table for table in metadata.sorted_tables if table is not inbox]
    return engine.read(lambda store: {t.name: sorted(map(repr, map(tuple, store.rows(select(t))))) for t in tables})


def words_of(reply):
    """All that a reply shows or leads to."""
    return "\n".join([reply.text, reply.article, *(f"{c.label} {c.says}" for c in reply.choices), *(f"{link.label} {link.url}" for link in reply.links),
                      *(file.name for file in reply.files)])  # fmt: skip


def test_every_command_has_a_line_in_the_table():
    assert [command.key for command in COMMANDS if command.right not in RIGHTS] == []


def test_every_page_has_a_line_in_the_table_but_the_doors():
    assert {name for name, view in VIEWS.items() if view.right is None} == {
        "invitation",
        "entry",
        "seat",
        "hall",
        "verify",
        "privacy",
    }
    assert [name for name, view in VIEWS.items() if view.right is not None and view.right not in RIGHTS] == []


def test_an_action_without_a_line_does_not_exist():
    with pytest.raises(KeyError):
        scope_of((Role(RoleName.ADMIN),), "everything.delete")


def test_nobody_but_the_administrator_may_change_who_is_due_or_who_may_what():
    for action in (
        "exemption.decide",
        "enrolment.correct",
        "role.grant",
        "roster.import",
        "round.manage",
        "material.push",
        "missing.nudge",
    ):
        assert set(RIGHTS[action]) == {RoleName.ADMIN}, action


def test_reasons_never_reach_leaders():
    for action in ("missing.reasons", "footnote.read", "request.unit", "exemption.decide"):
        assert not RIGHTS[action].keys() & {RoleName.LEADER, RoleName.AIDE}


def test_the_widest_of_several_roles_counts():
    liaison, of_another = Role(RoleName.LIAISON, 7), Role(RoleName.LIAISON, 9)
    assert scope_of((), "quiz.answer") == Scope(OWN)
    assert scope_of((), "figures.read") == Scope()
    assert scope_of((liaison, of_another), "figures.read") == Scope(UNITS, frozenset({7, 9}))
    assert scope_of((liaison, Role(RoleName.ADMIN)), "figures.read") == Scope(ALL)
    assert scope_of((Role(RoleName.LEADER),), "figures.read").everything
    assert not scope_of((Role(RoleName.AUDITOR),), "missing.names")


def test_an_administrator_of_one_unit_is_none_narrower():
    assert scope_of((Role(RoleName.ADMIN, 7),), "role.grant").everything


@pytest.mark.parametrize("role", ROLES)
def test_who_has_no_right_reads_so_and_changes_nothing(engine, role):
    me = f"我是{role}"
    held = () if role == "cadre" else (Role(role, engine.units["住建局"] if role == "liaison" else None),)
    refused = [command for command in COMMANDS if not scope_of(held, command.right)]
    before = everything(engine)
    for command in refused:
        for arguments in ARGUMENTS:
            said = f"{spoken(command.key)[0]} {arguments.format(name=NAMES[0], id=engine.people[NAMES[0]])}".strip()
            for heard in (engine.says(me, said), engine.presses(me, said)):
                assert heard[0].text == REFUSED, said
    if not scope_of(held, "roster.import"):
        for name in ("名册.xlsx", "通知.pdf", "文章.md"):
            (reply,) = engine.sends(me, File(name, "application/octet-stream", b"x"))
            assert reply.text == REFUSED
    assert everything(engine) == before
    assert bool(refused) == (role != "admin")


def test_a_stranger_reaches_nothing_but_the_door(engine):
    before = everything(engine)
    for command in COMMANDS:
        for said in spoken(command.key):
            (reply,) = engine.says("路人", f"{said} 1")
            assert reply.text == STRANGER
    assert everything(engine) == before


@pytest.mark.parametrize("role", ROLES)
def test_telegram_shows_no_other_persons_name_to_anyone(sqlite, role):
    """What a person typed themselves is left out; everything else in every reply, and in what arrives later, is looked through."""
    engine, me = district(Engine(sqlite)), f"我是{role}"
    others = [name for name in engine.people if name != me]
    with structlog.testing.capture_logs() as logs:
        for command in COMMANDS:
            for arguments in ARGUMENTS:
                if command.key == "unbind" or (command.key in ("complaint", "report_question") and "name" in arguments):
                    continue
                said = f"{spoken(command.key)[0]} {arguments.format(name=NAMES[0], id=engine.people[NAMES[0]])}".strip()
                for reply in engine.says(me, said):
                    shown = (
                        words_of(reply)
                        .replace(said.partition(" ")[2], "")
                        .replace(NAMES[0] if NAMES[0] in said else "\0", "")
                    )
                    assert [name for name in others if name in shown] == [], said
    engine.settle()
    for parcel in engine.delivered():
        if parcel.address.id == f"telegram-{me}":
            shown = words_of(parcel.reply) + "".join(f.content.decode("utf-8", "ignore") for f in parcel.reply.files)
            assert [name for name in others if name in shown] == []
    assert [each for each in logs if each["event"] == "turn_failed"] == []


def test_names_are_shown_on_the_web_to_those_entitled(engine):
    assert NAMES[3] in words_of(engine.says("我是admin", "未参考", channel="web")[0])
    assert NAMES[3] not in words_of(engine.says("我是auditor", "未参考", channel="web")[0])


def test_a_liaison_of_one_unit_sees_no_name_of_another(sqlite):
    engine = district(Engine(sqlite))
    theirs = [name for name in engine.people if name in NAMES[1::2]]
    for command in COMMANDS:
        for arguments in ARGUMENTS:
            if command.key == "unbind":
                continue
            said = f"{spoken(command.key)[0]} {arguments.format(name=NAMES[0], id=engine.people[NAMES[1]])}".strip()
            for reply in engine.says("我是liaison", said, channel="web"):
                assert [name for name in theirs if name in words_of(reply)] == [], said
    engine.settle()
    engine.says("我是liaison", "导出名单", channel="web")
    engine.settle()
    sheets = [file for p in engine.delivered("web") if p.address.id == "web-我是liaison" for file in p.reply.files]
    assert sheets
    for file in sheets:
        assert not any(name in content for name in theirs for content in texts_of(file))


def texts_of(file):
    """Every part of a workbook as text; a PDF or picture has none."""
    import io
    import zipfile

    if not file.content.startswith(b"PK"):
        return [file.content.decode("utf-8", "ignore")]
    with zipfile.ZipFile(io.BytesIO(file.content)) as book:
        return [book.read(part).decode("utf-8", "ignore") for part in book.namelist()]


def test_a_liaison_asking_for_anothers_name_or_unit_learns_nothing(engine):
    for said in (f"邀请 {NAMES[1]}", f"邀请 {engine.people[NAMES[1]]}", "邀请单 财政局", "未参考 1 财政局"):
        replies = engine.says("我是liaison", said, channel="web")
        unknown = {
            say("zh", "missing.unit_unknown", unit="财政局"),
            say("zh", "invitations.not_found"),
            say("zh", "invitations.unit_not_found"),
        }
        assert len(replies) == 1, said
        assert replies[0].text in unknown, said


def test_a_role_taken_back_is_gone_at_once(engine):
    engine.says(
        "我是admin", f"撤销角色 {engine.people['我是liaison']} liaison {engine.units['住建局']} yes", channel="web"
    )
    assert engine.says("我是liaison", "未参考")[0].text == REFUSED
