"""题目纠错 and 投诉建议: what people say gets a number, reaches the admin at once, and is answered to the person."""

from __future__ import annotations

from handlers import codec, interjecting
from handlers.commands import as_number, choice
from handlers.messages import Reply
from handlers.reports import reporting
from handlers.turns import Turn
from handlers.words import say
from storage import accounts, audit, deliveries, feedback
from storage.database import Store
from storage.feedback import COMPLAINT, QUESTION, Report

QUESTION_TOPIC, COMPLAINT_TOPIC = "report_question", "complaint"
LONGEST, LISTED, MINE, SHORT = 1000, 20, 10, 120


def report_question(turn: Turn, store: Store) -> list[Reply]:
    """「题目纠错」 about the question answered last, 「题目纠错 <编号>」 about that one; with text behind the number, at once."""
    words = turn.arguments
    named = bool(words) and bool(feedback.stem(store, words[0]))
    key = words[0] if named else feedback.last_question(store, turn.me.id)
    if not key:
        return [Reply(turn.say("feedback.ask_which"), choices=(choice(turn.language, "cancel"),))]
    text = " ".join(words[1:] if named else words)
    if text:
        return [_record(turn, store, QUESTION, key, text)]
    accounts.set_topic(store, _where(turn), QUESTION_TOPIC, {"key": key}, turn.now)
    stem = feedback.stem(store, key) if feedback.was_shown(store, turn.me.id, key) else key
    asked = turn.say("feedback.ask_question", stem=stem, key=key)
    return [Reply(asked, choices=(choice(turn.language, "cancel"),))]


def complaint(turn: Turn, store: Store) -> list[Reply]:
    """「投诉建议」, and what is to be said, in the same message or the next."""
    if turn.arguments:
        return [_record(turn, store, COMPLAINT, "", " ".join(turn.arguments))]
    accounts.set_topic(store, _where(turn), COMPLAINT_TOPIC, {}, turn.now)
    return [Reply(turn.say("feedback.ask_complaint"), choices=(choice(turn.language, "cancel"),))]


def said(turn: Turn, store: Store) -> list[Reply]:
    """The message after the question or the invitation to complain. An answer to an open card ("B", 对) is still an answer."""
    if (answer := interjecting.answered(turn, store)) is not None:
        return answer
    assert turn.topic is not None
    kind = QUESTION if turn.topic.name == QUESTION_TOPIC else COMPLAINT
    return [_record(turn, store, kind, turn.topic.data.get("key", ""), turn.said)]


def _where(turn: Turn) -> str:
    return f"{turn.incoming.account.channel}:{turn.incoming.account.id}"


def _record(turn: Turn, store: Store, kind: str, key: str, text: str) -> Reply:
    if len(text) > LONGEST:
        return Reply(turn.say("feedback.too_long"), choices=(choice(turn.language, "cancel"),))
    number = feedback.add(store, turn.me.id, kind, text, turn.now, about=key)
    accounts.clear_topic(store, _where(turn))
    values = {"stem": feedback.stem(store, key), "about": key} if kind == QUESTION else {}
    reporting.tell_admins(
        store, f"feedback:{number}", f"feedback.tell_{kind}", turn.now, number=number, text=text, **values
    )
    return Reply(
        turn.say("feedback.recorded", number=number),
        choices=(choice(turn.language, "my_feedback"), choice(turn.language, "today")),
    )


def mine(turn: Turn, store: Store) -> list[Reply]:
    """「我的反馈」: what I reported or suggested, newest first, each with its reference and the answer once there is one."""
    found = feedback.of_person(store, turn.me.id, MINE)
    lines = [turn.say("feedback.mine" if found else "feedback.mine_none"), *(_my_line(turn, each) for each in found)]
    return [
        Reply(
            "\n\n".join(lines), choices=(choice(turn.language, "complaint"), choice(turn.language, "report_question"))
        )
    ]


def _my_line(turn: Turn, each: Report) -> str:
    date = turn.house.day(turn.language, turn.house.today(each.created_at))
    kind = turn.say(f"feedback.kind_{each.kind}", key=each.about)
    said = each.text if len(each.text) <= SHORT else each.text[:SHORT] + "…"
    state = turn.say("feedback.mine_answered", answer=each.answer) if each.answer else turn.say("feedback.mine_waiting")
    return turn.say("feedback.mine_line", number=each.id, kind=kind, date=date, text=said, state=state)


# For the admin. --------------------------------------------------------------------------------------------------------


def waiting(turn: Turn, store: Store) -> list[Reply]:
    """「意见箱」: what waits for an answer, oldest first; without the names of those who wrote."""
    found = feedback.waiting(store, LISTED)
    if not found:
        return [Reply(turn.say("feedback.open_none"), choices=(choice(turn.language, "help"),))]
    lines = [turn.say("feedback.open_head", total=len(found)), *(_line(turn, each) for each in found)]
    keys = dict.fromkeys(each.about for each in found if each.kind == QUESTION and each.about)
    buttons = [choice(turn.language, "rekey", key, label=turn.say("feedback.rekey", key=key)) for key in keys]
    return [Reply("\n".join([*lines, turn.say("feedback.how", number=found[0].id)]), choices=tuple(buttons[:8]))]


def _line(turn: Turn, each: Report) -> str:
    date = turn.house.day(turn.language, turn.house.today(each.created_at))
    return turn.say(f"feedback.open_{each.kind}", number=each.id, key=each.about, date=date, text=each.text)


def answer(turn: Turn, store: Store) -> list[Reply]:
    """「答复 12 …」: record the answer and send it to the person who wrote."""
    words = turn.arguments
    if len(words) < 2 or not words[0].isdecimal():
        return [Reply(turn.say("feedback.how", number=words[0] if words else 12))]
    number, text = as_number(words[0]), " ".join(words[1:])
    found = feedback.get(store, number)
    if found is None:
        return [Reply(turn.say("feedback.unknown", number=number), choices=(choice(turn.language, "feedback"),))]
    feedback.answer(store, number, text, turn.me.id, turn.now)
    audit.record(store, turn.me.id, "feedback.answer", f"feedback:{number}", {}, turn.now)
    reached = _send(turn, store, found, text)
    return [
        Reply(
            turn.say("feedback.answered" if reached else "feedback.unreachable", number=number),
            choices=(choice(turn.language, "feedback"),),
        )
    ]


def _send(turn: Turn, store: Store, found: Report, text: str) -> bool:
    account = accounts.reachable_accounts(store, [found.person_id]).get(found.person_id)
    if account is None:
        return False
    language = accounts.language_of(store, found.person_id)
    reply = Reply(
        say(language, f"feedback.reply_{found.kind}", number=found.id, key=found.about, answer=text, text=found.text)
    )
    key = f"feedback:{found.id}:answer:{turn.now.isoformat()}"
    deliveries.plan(store, key, account[0], "answer", codec.to_json(store, reply, found.person_id, turn.now), turn.now)
    return True
