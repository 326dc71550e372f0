"""新考试: an officer copies a notice into a form, reads in plain words what it comes to, and puts the exam on the books."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import timedelta

from handlers import interjecting
from handlers.commands import choice
from handlers.messages import Choice, File, Reply
from handlers.people import retiring
from handlers.rounds import managing, opening, rule_words
from handlers.rounds.managing import YES
from handlers.turns import Turn
from quizzes import notice_form, presets
from quizzes.content.plan_writing import to_yaml
from quizzes.notice_form import LABELS, Read, Trouble
from quizzes.notice_values import Known
from quizzes.plans import Audience, Plan
from quizzes.presets import Preset
from quizzes.rounds import Occurrence, State, instant
from storage import accounts, audit, form_plans, people, rounds
from storage.database import Store

TOPIC = "new_exam"
LANGUAGE_OF_LABELS = {"zh": 0, "en": -1}
"""Which of the labels of a field stands in the form of a language."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom an exam would mean if it opened with today's roster."""

    people: int
    units: int


# The form. -------------------------------------------------------------------------------------------------------------


def new_exam(turn: Turn, store: Store) -> list[Reply]:
    """「新考试」, 「新考试 济宁2023」: the form, and what stands for whatever is left empty in it."""
    words = turn.arguments
    if words[:1] == [YES]:
        return _confirmed(turn, store, words[1:])
    if notice_form.reads_like_one(turn.said):
        return filled(turn, store)
    preset = presets.named(" ".join(words)) if words else presets.get(presets.DEFAULT)
    if preset is None or not preset.rules.exam:
        return [Reply(turn.say("notice.no_preset", written=" ".join(words)[:30]), choices=_presets(turn))]
    accounts.set_topic(store, _where(turn), TOPIC, {"text": ""}, turn.now)
    return [
        Reply(_about(turn, preset), choices=_presets(turn)),
        Reply(turn.say("notice.form", preset=_title(turn, preset)), choices=(choice(turn.language, "cancel"),)),
    ]


def _about(turn: Turn, preset: Preset) -> str:
    lines = [
        turn.say("notice.how"),
        turn.say("notice.stands_on", title=_title(turn, preset), label=preset.labels[turn.language]),
    ]
    lines += [turn.say("notice.source", source=preset.source), *rule_words.rules_in_words(turn.language, preset.rules)]
    if preset.draw:
        paper = rule_words.paper_in_words(turn.language, preset.draw, preset.rules)
        lines.append(rule_words.named(turn.language, "paper", paper))
    return "\n".join([*lines, *(turn.say("notice.note", note=note) for note in preset.notes[turn.language])])


def _presets(turn: Turn) -> tuple[Choice, ...]:
    found = [preset for preset in map(presets.get, presets.names()) if preset.rules.exam]
    return tuple(choice(turn.language, "new_exam", preset.key, label=_title(turn, preset)) for preset in found)


def _title(turn: Turn, preset: Preset) -> str:
    return preset.titles[turn.language]


# Filled in. ------------------------------------------------------------------------------------------------------------


def filled(turn: Turn, store: Store) -> list[Reply]:
    """A form that came back: all its mistakes by line, or what it comes to and the one button that puts it on the books."""
    if turn.rest is None and (answer := interjecting.answered(turn, store)) is not None:
        return answer
    text = turn.said if turn.rest is None else "\n" + "\n".join(turn.said.splitlines()[1:])
    if not notice_form.reads_like_one(text):
        return [Reply(turn.say("notice.no_form"), choices=(choice(turn.language, "new_exam"), choice(turn.language, "cancel")))]  # fmt: skip
    accounts.set_topic(store, _where(turn), TOPIC, {"text": text}, turn.now)
    return [_answer(turn, store, _read(turn, store, text))]


def _read(turn: Turn, store: Store, text: str) -> Read:
    everybody = people.people(store)
    known = Known(
        tuple(dict.fromkeys(unit.name for unit in people.units(store))),
        tuple(sorted({each.category for each in everybody} - {""})),
        tuple(sorted({each.rank for each in everybody} - {""})),
    )
    now = turn.now.astimezone(turn.house.zone).replace(tzinfo=None)
    found = notice_form.read(text, known, now, "")
    if found.plan is None or not isinstance(found.plan.days, tuple):
        return found
    key = form_plans.free_key(store, occurrence_of(turn, found.plan).due_on)
    return notice_form.read(text, known, now, key)


def _answer(turn: Turn, store: Store, found: Read, first: str = "") -> Reply:
    if found.plan is None:
        lines = [
            turn.say("notice.troubles", count=len(found.troubles)),
            *(_trouble(turn, each) for each in found.troubles),
        ]
        return Reply("\n".join(lines), choices=(choice(turn.language, "cancel"),))
    meant = _meant(turn, store, found.plan)
    lines = [*([first] if first else []), *_summary(turn, found.plan, found.preset)]
    lines += [turn.say("notice.people", people=meant.people, units=meant.units), _supply(turn, store, found.plan), turn.say("notice.not_yet")]  # fmt: skip
    confirm = choice(turn.language, "new_exam", YES, meant.people, label=turn.say("notice.confirm"))
    return Reply("\n".join(lines), choices=(confirm, choice(turn.language, "cancel")))


def _trouble(turn: Turn, each: Trouble) -> str:
    what = turn.say(f"notice.bad_{each.code}", **each.values)
    if not each.name:
        return turn.say("notice.at_line", line=each.line, what=what)
    label = LABELS[each.name][LANGUAGE_OF_LABELS.get(turn.language, 0)]
    if not each.line:
        return turn.say("notice.at_label", label=label, what=what)
    return turn.say("notice.at", line=each.line, label=label, what=what)


def _summary(turn: Turn, plan: Plan, preset: Preset) -> list[str]:
    """Every rule in words, and how it differs from the preset."""
    when, language = occurrence_of(turn, plan), turn.language
    lines = [
        turn.say("notice.head", title=plan.title, notice=plan.notice),
        turn.say("notice.when", opens=turn.house.moment(language, when.opens_at), closes=turn.house.moment(language, when.closes_at)),
        turn.say("notice.who", who=_audience(turn, plan.who)),
        rule_words.named(language, "paper", rule_words.paper_in_words(language, plan.draw, plan.rules)),
        *rule_words.rules_in_words(language, plan.rules),
        _reminders(turn, plan),
    ]  # fmt: skip
    changed = rule_words.differing(language, plan.rules, plan.draw, preset)
    silent = rule_words.unstated(language, plan.rules, preset) if preset.key != presets.DEFAULT else []
    title = _title(turn, preset)
    lines += (
        [turn.say("notice.changed", title=title), *changed] if changed else [turn.say("notice.unchanged", title=title)]
    )
    return [*lines, *([turn.say("notice.silent", what=turn.say("notice.semicolon").join(silent))] if silent else [])]


def _reminders(turn: Turn, plan: Plan) -> str:
    if not plan.remind_at:
        return turn.say("notice.no_reminders")
    at = turn.say("notice.comma").join(f"{each:%H:%M}" for each in plan.remind_at)
    said = turn.say("notice.reminders", at=at, most=plan.remind_most)
    return said + (turn.say("notice.hand_over", days=plan.hand_over_days) if plan.hand_over_days else "")


def _audience(turn: Turn, who: Audience) -> str:
    named = [*(who.units or ()), *(who.categories or ()), *(who.ranks or ())]
    named += [turn.say("notice.enforcement")] if who.enforcement else []
    return turn.say("notice.comma").join(named) or turn.say("notice.everybody")


def _meant(turn: Turn, store: Store, plan: Plan) -> Meant:
    when = occurrence_of(turn, plan)
    due = opening.due_people(store, managing.draft(plan, when), turn.house)
    exempt = rounds.exempt_people(store, 0, when.due_on)
    counted = [each for each in due if each.person_id not in exempt]
    return Meant(len(counted), len({each.bureau_id for each in counted}))


def _supply(turn: Turn, store: Store, plan: Plan) -> str:
    short = opening.shortfall(store, managing.draft(plan, occurrence_of(turn, plan)))
    if short is None:
        return turn.say("notice.enough")
    return turn.say("notice.short", wanted=short.want.count, found=short.found, line=short.line)


def occurrence_of(turn: Turn, plan: Plan) -> Occurrence:
    """The one date of a plan from a form."""
    day = next(day for day in plan.days if not isinstance(day, str))
    closes = instant(day + timedelta(days=plan.closes_after), plan.closes_at, turn.house.zone)
    return Occurrence(plan.key, day, instant(day, plan.opens_at, turn.house.zone), closes)


# On the books. ---------------------------------------------------------------------------------------------------------


def _confirmed(turn: Turn, store: Store, words: list[str]) -> list[Reply]:
    """「新考试 yes 186」: the form is read again, and holds only if it still means as many people as were shown."""
    kept = accounts.topic_of(store, _where(turn))
    text = json.loads(kept[1])["text"] if kept is not None and kept[0] == TOPIC else ""
    if not text:
        return [Reply(turn.say("notice.nothing_kept"), choices=(choice(turn.language, "new_exam"), choice(turn.language, "rounds")))]  # fmt: skip
    found = _read(turn, store, text)
    if found.plan is None or words != [str(_meant(turn, store, found.plan).people)]:
        return [_answer(turn, store, found, turn.say("notice.people_changed"))]
    number = put_on_the_books(turn, store, found.plan)
    form_plans.add(store, found.plan, turn.now)
    details = {"plan": found.plan.key, "preset": found.preset.key, "notice": found.plan.notice}
    audit.record(store, turn.me.id, "plan.add", f"round:{number}", details, turn.now)
    accounts.clear_topic(store, _where(turn))
    when = turn.house.moment(turn.language, occurrence_of(turn, found.plan).opens_at)
    undo = choice(turn.language, "cancel_exam", number, label=turn.say("notice.cancel_button", number=number))
    file = File(f"{found.plan.key}.yaml", "application/yaml", to_yaml(found.plan).encode())
    said = turn.say("notice.arranged", title=found.plan.title, number=number, opens=when)
    return [Reply(said, choices=(undo, choice(turn.language, "rounds")), files=(file,))]


def put_on_the_books(turn: Turn, store: Store, plan: Plan) -> int | None:
    """Its round, to be opened when its hour comes; in the place of one that was taken back."""
    when = occurrence_of(turn, plan)
    seed = int.from_bytes(
        hmac.digest(turn.house.secret, f"round:{plan.key}:{turn.now.isoformat()}".encode(), "sha256")[:7], "big"
    )
    number = rounds.add(
        store, plan, when, state=State.PLANNED, closes_at=when.closes_at, late=False, seed=seed, by_hand=True
    )
    if number is not None:
        retiring.propose(store, rounds.get(store, number), turn.house, turn.now)
    return number


def _where(turn: Turn) -> str:
    return f"{turn.incoming.account.channel}:{turn.incoming.account.id}"
