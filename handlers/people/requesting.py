"""申请免考, 缓考, 请假: asked for by the person, or by the liaison for somebody of their units, in a few guided messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from handlers import dates, interjecting
from handlers.commands import as_number, choice
from handlers.messages import Choice, Reply
from handlers.people import changing, draft, routing
from handlers.people.draft import OTHER, REASONS, Draft
from handlers.rights import scope_of
from handlers.turns import Turn
from handlers.words import LANGUAGES, say
from quizzes.spans import read_span
from storage import accounts, files, people, requests
from storage.database import Store
from storage.exemptions import DEFER, EXEMPT, LEAVE
from storage.people import Placed
from storage.requests import AGREE, JOIN

LONGEST, LABEL = 300, 40


def ask_exempt(turn: Turn, store: Store) -> list[Reply]:
    """「申请免考」."""
    return [_begin(turn, store, Draft(EXEMPT, turn.me.id))]


def ask_defer(turn: Turn, store: Store) -> list[Reply]:
    """「申请缓考」."""
    return [_begin(turn, store, Draft(DEFER, turn.me.id))]


def ask_leave(turn: Turn, store: Store) -> list[Reply]:
    """「申请请假」."""
    return [_begin(turn, store, Draft(LEAVE, turn.me.id))]


def ask_for(turn: Turn, store: Store) -> list[Reply]:
    """「代申请 免考 张三」: for somebody of the liaison's units; also 补录 (a joiner) and 调出 (a leaver)."""
    words = turn.arguments
    kind = draft.kind_named(words[0]) if words else None
    if kind is None or len(words) < 2:
        return [Reply(turn.say("requests.how_for"), choices=(choice(turn.language, "unit_requests"),))]
    found = _of_my_units(turn, store, words[1])
    if not found:
        return [Reply(turn.say("requests.nobody"), choices=(choice(turn.language, "unit_requests"),))]
    if len(found) > 1:
        shown = tuple(choice(turn.language, "ask_for", words[0], each.id, label=changing.who(turn, each)) for each in found[:8])  # fmt: skip
        return [Reply(turn.say("requests.several"), choices=shown)]
    return [_begin(turn, store, Draft(kind, found[0].id))]


def _of_my_units(turn: Turn, store: Store, word: str) -> list[Placed]:
    scope, today = scope_of(turn.roles, "request.unit"), turn.house.today(turn.now)
    within = None if scope.everything else people.units_below(store, scope.units)
    number = word.lstrip("#")
    if number.isascii() and number.isdigit():
        return people.placed(store, today, within=within, ids=[as_number(number)])
    return people.placed(store, today, within=within, name=word)


def _begin(turn: Turn, store: Store, begun: Draft) -> Reply:
    draft.keep(turn, store, begun)
    said = turn.rest or "" if begun.person_id == turn.me.id else ""
    read = _read_scope(turn, store, begun, said) if said else None
    return _next(turn, store, read or begun)


# The parts, one after another. -----------------------------------------------------------------------------------------


def request(turn: Turn, store: Store) -> list[Reply]:
    """「申请」: what can be asked for. 「申请 12」, 「申请 长期病假」, 「申请 提交」: the next part of the request in hand."""
    found = draft.kept(turn, store)
    if found is None or not turn.arguments:
        return [_next(turn, store, found) if found else _menu(turn, bool(turn.arguments))]
    return [_answered(turn, store, found, turn.rest or "")]


def said(turn: Turn, store: Store) -> list[Reply]:
    """The same, typed without the word in front. An answer to an open card ("B", 对) is still an answer."""
    if (answer := interjecting.answered(turn, store)) is not None:
        return answer
    found = draft.kept(turn, store)
    return [_menu(turn, True) if found is None else _answered(turn, store, found, turn.said)]


def _menu(turn: Turn, lost: bool) -> Reply:
    keys = ("ask_exempt", "ask_defer", "ask_leave", "my_requests")
    return Reply(turn.say("requests.none_in_hand" if lost else "requests.menu"), choices=tuple(choice(turn.language, key) for key in keys))  # fmt: skip


def _answered(turn: Turn, store: Store, found: Draft, text: str) -> Reply:
    if not found.scoped:
        read = _read_scope(turn, store, found, text)
        return _next(turn, store, read) if read else _next(turn, store, found, turn.say("requests.scope_unread"))
    if not found.category and found.kind in REASONS:
        category = draft.category_named(found.kind, text)
        return _next(turn, store, replace(found, category=category) if category else found)
    if found.text is not None and _means(text, "submit"):
        return _submit(turn, store, found)
    if len(text) > LONGEST:
        return _next(turn, store, found, turn.say("requests.too_long", most=LONGEST))
    if _means(text, "skip"):
        return _next(turn, store, found if _needs_words(found) else replace(found, text=found.text or ""))
    return _next(turn, store, replace(found, text=text))


def _means(text: str, key: str) -> bool:
    return text.casefold() in {say(language, f"requests.{key}").casefold() for language in LANGUAGES}


def _needs_words(found: Draft) -> bool:
    return found.category == OTHER or found.kind not in REASONS


def _read_scope(turn: Turn, store: Store, found: Draft, text: str) -> Draft | None:
    """A round by its number, or dates; 补录 needs a round."""
    if text.isdecimal():
        offered = {each.id for each in draft.open_to(store, found, turn.now)}
        return replace(found, round_id=as_number(text)) if as_number(text) in offered else None
    dated = read_span(text, turn.house.today(turn.now))
    if dated is None or found.kind == JOIN:
        return None
    return replace(found, starts_on=dated[0].isoformat(), ends_on=dated[1].isoformat() if dated[1] else "")


def _next(turn: Turn, store: Store, found: Draft, before: str = "") -> Reply:
    """Keep what is known and ask for what is not."""
    draft.keep(turn, store, found)
    if not found.scoped:
        asked = _ask_scope(turn, store, found)
    elif not found.category and found.kind in REASONS:
        asked = _ask(turn, store, found, "ask_reason", *(_word(turn, f"requests.category_{key}") for key in REASONS[found.kind]))  # fmt: skip
    elif found.text is None:
        skip = () if _needs_words(found) else (_word(turn, "requests.skip"),)
        asked = _ask(turn, store, found, "ask_words" if _needs_words(found) else "ask_more", *skip)
    else:
        asked = _summary(turn, store, found)
    text = f"{before}\n{asked.text}" if before else asked.text
    return replace(asked, text=text, choices=(*asked.choices, choice(turn.language, "cancel")))


def _word(turn: Turn, key: str) -> Choice:
    return choice(turn.language, "request", turn.say(key), label=turn.say(key))


def _ask(turn: Turn, store: Store, found: Draft, key: str, *buttons: Choice) -> Reply:
    return Reply(turn.say(f"requests.{key}", what=_headline(turn, store, found)), choices=buttons)


def _headline(turn: Turn, store: Store, found: Draft) -> str:
    """「免考（「宪法宣传周学法考试」，12月4日开考）」, with the person's name when it is somebody else's."""
    what = draft.kind(turn, found.kind)
    if found.person_id != turn.me.id:
        person = changing.placed(store, found.person_id, turn.house.today(turn.now))
        what = turn.say("requests.of", who=changing.who(turn, person), kind=what)
    return turn.say("requests.with_scope", what=what, scope=draft.scope(turn, store, found)) if found.scoped else what


def _ask_scope(turn: Turn, store: Store, found: Draft) -> Reply:
    if found.kind == LEAVE:
        return _ask(turn, store, found, "ask_dates", *_near(turn))
    offered = draft.open_to(store, found, turn.now)
    buttons = [choice(turn.language, "request", each.id, label=draft.of_round(turn, each)[:LABEL]) for each in offered]
    if found.kind == EXEMPT:
        year = turn.house.today(turn.now).year
        whole = turn.say("requests.whole_year", year=year)
        buttons.append(choice(turn.language, "request", date(year, 1, 1), date(year, 12, 31), label=whole))
    key = "ask_round_only" if found.kind == JOIN else "ask_round"
    return _ask(turn, store, found, key if offered else "ask_round_none" if found.kind == JOIN else "ask_dates_only", *buttons)  # fmt: skip


def _near(turn: Turn) -> tuple[Choice, ...]:
    today = turn.house.today(turn.now)
    spans = (today, today), (today + timedelta(days=1),) * 2, (today, today + timedelta(days=6))
    return tuple(choice(turn.language, "request", *span, label=dates.span(turn, *span)) for span in spans)


def _summary(turn: Turn, store: Store, found: Draft) -> Reply:
    asked = found.asked(turn.language, turn.me.id)
    lines = [turn.say("requests.summary", what=_headline(turn, store, found), reason=asked.reason)]
    lines.append(turn.say(f"requests.means_{draft.KEYS[found.kind]}"))
    if found.file_id is not None:
        lines.append(turn.say("requests.attached", name=files.label(store, found.file_id)[0]))
    elif found.kind in REASONS:
        lines.append(turn.say("requests.may_attach"))
    return Reply("\n".join(lines), choices=(_word(turn, "requests.submit"),))


def attach(turn: Turn, store: Store) -> list[Reply]:
    """A photo or file dropped while a request is filled in: only those who decide may read it. One more takes the place of the first."""
    file, found = turn.incoming.file, draft.kept(turn, store)
    assert file is not None
    if found is None or found.kind not in REASONS:
        return [_menu(turn, True)]
    number = files.add(store, file.name, file.media_type, file.content, turn.me.id, turn.now)
    return [_next(turn, store, replace(found, file_id=number))]


# Submitted, and afterwards. --------------------------------------------------------------------------------------------


def _submit(turn: Turn, store: Store, found: Draft) -> Reply:
    number, fresh = requests.add(store, found.asked(turn.language, turn.me.id), turn.now)
    accounts.clear_topic(store, draft.where(turn))
    button = (choice(turn.language, "my_requests"),)
    if not fresh:
        return Reply(turn.say("requests.same", number=number), choices=button)
    if found.file_id is not None:
        files.for_admins(store, found.file_id)
    if found.person_id != turn.me.id:
        requests.opine(store, number, AGREE, "", turn.me.id)
    told = routing.tell(store, number, turn.house, turn.now)
    return Reply(turn.say(f"requests.submitted_{told}", number=number), choices=button)


def mine(turn: Turn, store: Store) -> list[Reply]:
    """「我的申请」: what I asked for, and what I asked for others, with the state of each."""
    own, others = requests.of_person(store, turn.me.id)[:10], requests.asked_by(store, turn.me.id)[:10]
    lines = [_line(turn, store, each) for each in (*own, *others)]
    undo = [choice(turn.language, "withdraw_request", each.id, label=turn.say("requests.withdraw_button", number=each.id))
            for each in (*own, *others) if each.state == "requested"]  # fmt: skip
    if not lines:
        return [_menu(turn, False)]
    return [Reply("\n".join([turn.say("requests.mine"), *lines]), choices=(*undo, choice(turn.language, "request")))]


def _line(turn: Turn, store: Store, each: requests.Request) -> str:
    what = turn.say("requests.with_scope", what=draft.kind(turn, each.kind), scope=draft.scope(turn, store, each))
    if each.person_id != turn.me.id:
        person = changing.placed(store, each.person_id, turn.house.today(turn.now))
        what = turn.say("requests.of", who=changing.who(turn, person), kind=what)
    state = turn.say("requests.state_opined" if each.state == "requested" and each.verdict else f"requests.state_{each.state}")  # fmt: skip
    day = dates.day(turn, turn.house.today(each.requested_at))
    line = turn.say("requests.line", number=each.id, day=day, what=what, state=state)
    return line + turn.say("requests.line_answer", answer=each.answer) if each.answer else line


def withdraw(turn: Turn, store: Store) -> list[Reply]:
    """「撤回申请 7」, while nobody has decided it."""
    words = turn.arguments
    found = requests.get(store, as_number(words[0])) if words and words[0].isdecimal() else None
    back = (choice(turn.language, "my_requests"),)
    if found is None or turn.me.id not in (found.person_id, found.requested_by):
        return [Reply(turn.say("requests.unknown"), choices=back)]
    done = requests.decide(store, found.id, "withdrawn", "", turn.me.id, turn.now)
    key = "withdrawn" if done or found.state == "withdrawn" else "decided_already"
    return [Reply(turn.say(f"requests.{key}", number=found.id), choices=back)]
