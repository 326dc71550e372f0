"""待批申请: one at a time, with what it does to 应考 of which round now; approved or refused once, and the person is told."""

from __future__ import annotations

from handlers import interjecting
from handlers.commands import as_number, choice
from handlers.messages import Choice, File, Reply
from handlers.people import changing, draft, opinions, routing
from handlers.people.changing import Wish
from handlers.turns import Turn
from handlers.words import LANGUAGES, say
from quizzes.people import RoleName
from quizzes.rounds import State
from storage import accounts, audit, corrections, files, people, requests, rounds
from storage.corrections import Effect
from storage.database import Store
from storage.exemptions import EXEMPT
from storage.requests import DEPART, JOIN, Request

TOPIC = "refusal"
LONGEST = 200


def waiting(turn: Turn, store: Store) -> list[Reply]:
    """「待批申请」: the oldest that waits. 「待批申请 7」: that one."""
    every = requests.waiting(store)
    if not every:
        return [Reply(turn.say("requests.none_waiting"), choices=(choice(turn.language, "retiring"),))]
    named = [each for each in every if turn.arguments[:1] == [str(each.id)]]
    return [_one(turn, store, (named or every)[0])]


def _one(turn: Turn, store: Store, found: Request, before: str = "") -> Reply:
    """Who, unit, what, reason, opinion, attachment, and what approving does now."""
    numbers = [each.id for each in requests.waiting(store)]
    place = numbers.index(found.id)
    lines = [before] if before else []
    lines += [turn.say("requests.place", place=place + 1, total=len(numbers)), *opinions.described(turn, store, found)]
    shown = _attachment(store, found)
    lines += [turn.say("requests.attached", name=shown[0].name)] if shown else []
    refused = choice(turn.language, "refuse_request", found.id, label=turn.say("requests.refuse_button"))
    following = numbers[(place + 1) % len(numbers)]
    onward = [choice(turn.language, "requests", following, label=turn.say("requests.following"))] if following != found.id else []  # fmt: skip
    if problem := _problem(turn, store, found):
        return Reply("\n".join([*lines, problem]), choices=(refused, *onward), files=shown)
    effects = changing.effects(store, _wish(found), turn.now)
    lines.append(_meaning(turn, store, found, effects))
    return Reply("\n".join(lines), choices=(_approval(turn, found, effects), refused, *onward), files=shown)


def _approval(turn: Turn, found: Request, effects: list[Effect], *, explicit: bool = False) -> Choice:
    said = [found.id, changing.token(effects), *([turn.say("requests.as_correction")] if explicit else [])]
    key = "approve_correction" if explicit else "approve_button"
    return choice(turn.language, "approve_request", *said, label=turn.say(f"requests.{key}"))


def _attachment(store: Store, found: Request) -> tuple[File, ...]:
    if found.file_id is None:
        return ()
    name, media_type, content = files.get(store, found.file_id)
    return (File(name, media_type, content, found.file_id),)


def _wish(found: Request) -> Wish:
    return Wish(found.kind, found.person_id, found.round_id, found.starts_on, found.ends_on)


def _problem(turn: Turn, store: Store, found: Request) -> str:
    """Why it cannot be approved as it stands: one's own request with another admin at hand, a leaver who only moved."""
    admins = {row.person_id for row in people.holders(store, RoleName.ADMIN)}
    if found.person_id == turn.me.id and admins - {turn.me.id}:
        return turn.say("requests.own")
    if found.kind == DEPART:
        return moved(turn, store, found.person_id, found.round_id)
    return ""


def moved(turn: Turn, store: Store, person_id: int, round_id: int | None) -> str:
    """That somebody was transferred within the district and so stays where they were at opening; "" if they were not."""
    concerned = [rounds.get(store, round_id)] if round_id else rounds.in_state(store, *corrections.UNDER_WAY)
    found = (changing.moved_to(store, person_id, each, turn.house, turn.now) for each in concerned)
    unit = next((each for each in found if each), "")
    return turn.say("corrections.transferred", unit=unit) if unit else ""


def _meaning(turn: Turn, store: Store, found: Request, effects: list[Effect]) -> str:
    if effects:
        return turn.say("requests.would", effects=turn.say("requests.comma").join(changing.lines(turn, effects)))
    if found.kind == EXEMPT and found.round_id is not None:
        what = rounds.get(store, found.round_id)
        return turn.say("requests.would_at_opening" if what.state is State.PLANNED else "requests.would_nothing")
    return turn.say(f"requests.means_{draft.KEYS[found.kind]}")


# Approved. -------------------------------------------------------------------------------------------------------------


def approve(turn: Turn, store: Store) -> list[Reply]:
    """「批准申请 7 185 同意休养」: 185 is 应考 after, as it was shown; if that has changed since, it is shown again. In a round that has
    closed the word 「更正」 behind it says that the printed figures are to be corrected."""
    words = turn.arguments
    found = requests.get(store, as_number(words[0])) if words and words[0].isdecimal() else None
    if found is None or found.state != "requested":
        return [_decided(turn, found)]
    effects = changing.effects(store, _wish(found), turn.now)
    if words[1:2] != [str(changing.token(effects))] or _problem(turn, store, found):
        return [_one(turn, store, found, turn.say("requests.changed") if words[1:] else "")]
    explicit = len(words) > 2 and _is_correction(words[2])
    if any(each.closed for each in effects) and not explicit:
        said = turn.say("requests.closed_ask", effects=turn.say("requests.comma").join(changing.lines(turn, effects)))
        return [Reply(said, choices=(_approval(turn, found, effects, explicit=True), choice(turn.language, "cancel")))]
    sentence = " ".join(words[3 if explicit else 2 :])
    if len(sentence) > LONGEST:
        return [
            Reply(turn.say("requests.too_long", most=LONGEST), choices=(choice(turn.language, "requests", found.id),))
        ]
    return [_approve(turn, store, found, sentence)]


def _is_correction(word: str) -> bool:
    return word.casefold() in {say(language, "requests.as_correction").casefold() for language in LANGUAGES}


def _approve(turn: Turn, store: Store, found: Request, sentence: str) -> Reply:
    if changing.is_closing(store, found.round_id):
        return Reply(turn.say("corrections.closing"), choices=(choice(turn.language, "requests", found.id),))
    corrections.lock(store, found.person_id)
    if not requests.decide(store, found.id, "approved", sentence, turn.me.id, turn.now):
        return _decided(turn, requests.get(store, found.id))
    reason = found.reason or draft.kind(turn, found.kind)
    done = changing.carry_out(store, _wish(found), reason, turn.me.id, turn.house, turn.now)
    details = {"kind": found.kind, "person": found.person_id, "reason": reason, "rounds": changing.details(done)}
    told = routing.tell_decision(store, found, "approved", sentence, turn.house, turn.now)
    if found.kind == JOIN:
        told = routing.tell_due(store, done, reason, turn.house, turn.now)
    audit.record(store, turn.me.id, "request.approve", f"request:{found.id}", details, turn.now)
    lines = [turn.say("requests.approved", number=found.id), *changing.lines(turn, [each.effect for each in done])]
    return _after(turn, store, lines, told=told)


def _after(turn: Turn, store: Store, lines: list[str], *, told: bool | None) -> Reply:
    if told is not None:
        lines.append(turn.say("requests.person_told" if told else "requests.person_untold"))
    left = requests.waiting(store)
    if left:
        lines.append(turn.say("requests.left", number=len(left)))
    return Reply("\n".join(lines), choices=(choice(turn.language, "requests" if left else "footnotes"),))


def _decided(turn: Turn, found: Request | None) -> Reply:
    """Somebody was first, or the button was pressed twice: nothing is written again."""
    back = (choice(turn.language, "requests"),)
    if found is None:
        return Reply(turn.say("requests.unknown"), choices=back)
    state = turn.say(f"requests.state_{found.state}")
    return Reply(turn.say("requests.decided", number=found.id, state=state), choices=back)


# Refused. --------------------------------------------------------------------------------------------------------------


def refuse(turn: Turn, store: Store) -> list[Reply]:
    """「不批准申请 7 请先补单位证明」. Without the sentence it is asked for: the person reads it."""
    words = turn.arguments
    found = requests.get(store, as_number(words[0])) if words and words[0].isdecimal() else None
    if found is None or found.state != "requested":
        return [_decided(turn, found)]
    if len(words) == 1:
        accounts.set_topic(store, draft.where(turn), TOPIC, {"number": found.id}, turn.now)
        return [Reply(turn.say("requests.ask_refusal"), choices=(choice(turn.language, "cancel"),))]
    return [_refuse(turn, store, found, " ".join(words[1:]))]


def sentence(turn: Turn, store: Store) -> list[Reply]:
    """The sentence with which a request is refused."""
    if (answer := interjecting.answered(turn, store)) is not None:
        return answer
    assert turn.topic is not None
    accounts.clear_topic(store, draft.where(turn))
    found = requests.get(store, turn.topic.data["number"])
    return [_decided(turn, found) if found is None else _refuse(turn, store, found, turn.said)]


def _refuse(turn: Turn, store: Store, found: Request, sentence: str) -> Reply:
    if len(sentence) > LONGEST:
        return Reply(
            turn.say("requests.too_long", most=LONGEST), choices=(choice(turn.language, "requests", found.id),)
        )
    if not requests.decide(store, found.id, "refused", sentence, turn.me.id, turn.now):
        return _decided(turn, requests.get(store, found.id))
    told = routing.tell_decision(store, found, "refused", sentence, turn.house, turn.now)
    audit.record(store, turn.me.id, "request.refuse", f"request:{found.id}", {"answer": sentence}, turn.now)
    return _after(turn, store, [turn.say("requests.refused", number=found.id)], told=told)
