"""单位意见: the liaison sees what people of their units ask for, and says 同意 or 不同意 and one sentence."""

from __future__ import annotations

from handlers import dates, interjecting
from handlers.commands import choice
from handlers.messages import Reply
from handlers.people import changing, draft, routing
from handlers.rights import scope_of
from handlers.turns import Turn
from handlers.words import LANGUAGES, say
from storage import accounts, audit, people, requests
from storage.database import Store
from storage.requests import AGREE, DISAGREE, Request

TOPIC = "opinion"
LONGEST = 200


def unit_requests(turn: Turn, store: Store) -> list[Reply]:
    """「本单位申请」: one at a time, those without an opinion first. 「本单位申请 7」: that one."""
    found = _mine(turn, store)
    if not found:
        return [Reply(turn.say("requests.unit_none"), choices=(choice(turn.language, "ask_for"),))]
    without = [each for each in found if not each.verdict]
    if not turn.names_allowed:
        said = turn.say("requests.unit_elsewhere", number=len(found), without=len(without))
        return [Reply(said, choices=(choice(turn.language, "web_login"),))]
    named = [each for each in found if turn.arguments[:1] == [str(each.id)]]
    return [_one(turn, store, (named or without or found)[0], [each.id for each in found])]


def _mine(turn: Turn, store: Store) -> list[Request]:
    """What waits in the liaison's units; on their own request somebody else gives the opinion."""
    scope = scope_of(turn.roles, "request.unit")
    within = None if scope.everything else people.units_below(store, scope.units)
    placed = people.placed(store, turn.house.today(turn.now), within=within)
    found = requests.waiting(store, (each.id for each in placed))
    return [each for each in found if each.person_id != turn.me.id]


def _one(turn: Turn, store: Store, each: Request, numbers: list[int]) -> Reply:
    place = numbers.index(each.id)
    lines = [turn.say("requests.place", place=place + 1, total=len(numbers)), *described(turn, store, each)]
    buttons = [choice(turn.language, "unit_opinion", each.id, turn.say(f"requests.{verdict}"), label=turn.say(f"requests.{verdict}"))
               for verdict in (AGREE, DISAGREE)]  # fmt: skip
    following = numbers[(place + 1) % len(numbers)]
    if following != each.id:
        buttons.append(choice(turn.language, "unit_requests", following, label=turn.say("requests.following")))
    return Reply("\n".join(lines), choices=tuple(buttons))


def described(turn: Turn, store: Store, each: Request) -> list[str]:
    """Who asks for what, why, and what the unit says: for those who give the opinion and those who decide."""
    person = changing.placed(store, each.person_id, turn.house.today(turn.now))
    what = turn.say("requests.with_scope", what=draft.kind(turn, each.kind), scope=draft.scope(turn, store, each))
    day = dates.day(turn, turn.house.today(each.requested_at))
    key = "one" if each.requested_by == each.person_id else "one_for"
    lines = [turn.say(f"requests.{key}", number=each.id, who=changing.who(turn, person), what=what, day=day)]
    lines.append(turn.say("requests.because", reason=each.reason))
    if not each.verdict:
        lines.append(turn.say("requests.no_opinion"))
    else:
        said = turn.say(f"requests.{each.verdict}")
        by = people.person_of(store, each.opinion_by) if each.opinion_by and turn.names_allowed else None
        lines.append(
            turn.say("requests.opinion_by" if by else "requests.opinion", verdict=said, by=by.name if by else "")
        )
        lines += [turn.say("requests.opinion_words", words=each.sentence)] if each.sentence else []
    return lines


# Given. ----------------------------------------------------------------------------------------------------------------


def opinion(turn: Turn, store: Store) -> list[Reply]:
    """「单位意见 7 同意 情况属实」. 不同意 needs a sentence; it is asked for."""
    words = turn.arguments
    found = next((each for each in _mine(turn, store) if words[:1] == [str(each.id)]), None)
    verdict = _verdict(words[1]) if len(words) > 1 else None
    if found is None or verdict is None:
        return [Reply(turn.say("requests.how_opinion" if found else "requests.not_waiting"), choices=(choice(turn.language, "unit_requests"),))]  # fmt: skip
    sentence = " ".join(words[2:])
    if verdict == DISAGREE and not sentence:
        accounts.set_topic(store, draft.where(turn), TOPIC, {"number": found.id}, turn.now)
        return [Reply(turn.say("requests.ask_sentence"), choices=(choice(turn.language, "cancel"),))]
    return [_record(turn, store, found, verdict, sentence)]


def sentence(turn: Turn, store: Store) -> list[Reply]:
    """The sentence with which a unit does not agree."""
    if (answer := interjecting.answered(turn, store)) is not None:
        return answer
    assert turn.topic is not None
    accounts.clear_topic(store, draft.where(turn))
    number = turn.topic.data["number"]
    found = next((each for each in _mine(turn, store) if each.id == number), None)
    if found is None:
        return [Reply(turn.say("requests.not_waiting"), choices=(choice(turn.language, "unit_requests"),))]
    return [_record(turn, store, found, DISAGREE, turn.said)]


def _verdict(word: str) -> str | None:
    for verdict in (AGREE, DISAGREE):
        if word.casefold() in {verdict, *(say(language, f"requests.{verdict}").casefold() for language in LANGUAGES)}:
            return verdict
    return None


def _record(turn: Turn, store: Store, found: Request, verdict: str, sentence: str) -> Reply:
    if len(sentence) > LONGEST:
        return Reply(
            turn.say("requests.too_long", most=LONGEST), choices=(choice(turn.language, "unit_requests", found.id),)
        )
    buttons = (choice(turn.language, "unit_requests"),)
    if not requests.opine(store, found.id, verdict, sentence, turn.me.id):
        return Reply(turn.say("requests.not_waiting"), choices=buttons)
    routing.tell_admins(store, found.id, turn.now)
    audit.record(store, turn.me.id, "request.opinion", f"request:{found.id}", {"verdict": verdict}, turn.now)
    return Reply(turn.say("requests.opinion_recorded", number=found.id), choices=buttons)
