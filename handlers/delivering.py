"""What a sender gets: a claimed delivery turned into the reply to show, as of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import codec
from handlers.commands import choice
from handlers.messages import ALIKE, Address, File, Outcome, Owed, Parcel, Reply, ShownCard, SpentCards
from handlers.reach import fallback, reminding
from handlers.reach.refusals import UNREACHABLE
from handlers.sitting import cards, exam
from handlers.turns import Deployment
from handlers.words import say
from quizzes.rounds import State
from storage import accounts, answers, deliveries, inbox, open_cards, reminders, rounds
from storage.answers import Sitting
from storage.database import Store


def is_due(store: Store, channel: str, now: datetime) -> bool:
    """Whether a channel has anything to send: a cheap look before a claim."""
    return deliveries.is_due(store, channel, now)


HELD_BACK = ("reminder", "handover")
"""What asks something of a person: never outside working hours, or against their wish."""


NOT_YET = timedelta(seconds=2)
"""How long a card waits again while its round is still being opened, chunk by chunk."""


def claim(store: Store, channel: str, most: int, house: Deployment, now: datetime) -> list[Parcel]:
    """At most `most` parcels of a channel. What has become pointless (answered, closed) is cancelled instead of sent; what is not due
    before its round is open waits."""
    parcels: list[Parcel] = []
    known: dict[int, File] = {}
    for each in deliveries.claim(store, channel, most, now):
        if is_early(store, each.body):
            deliveries.settle(store, each.id, "retry", now, not_before=now + NOT_YET)
            continue
        lapsed = each.kind in HELD_BACK and not reminding.may_go(store, each, house, now)
        reply = None if lapsed else render(store, each.body, each.copy, house, now, channel, known)
        if reply is not None and each.copy and reply.card is None:
            mark = say(accounts.language_of(store, each.person_id), "quiz.sent_again")
            reply = replace(reply, text=f"{mark}\n{reply.text}")
        if reply is None:
            deliveries.settle(store, each.id, "cancelled", now, reason="lapsed" if lapsed else "done")
        else:
            parcels.append(Parcel(each.id, Address(channel, each.address), each.kind, reply, each.copy))
    return parcels


def is_early(store: Store, body: dict[str, object]) -> bool:
    """Whether a delivery is the card of a round that is still being opened, chunk by chunk: pointless now, but not for good."""
    sat = answers.sitting(store, int(str(body["paper"]))) if "paper" in body else None
    return sat is not None and sat.state in (State.PLANNED, State.OPENING)


def render(
    store: Store,
    body: dict[str, object],
    copy: bool,
    house: Deployment,
    now: datetime,
    channel: str = "",
    known: dict[int, File] | None = None,
) -> Reply | None:
    """The reply of a delivery's body: a stored reply, the card of a paper ({"paper"}), or a reminder ({"enrolment"}). `known`: files that
    were read already, for what goes to many."""
    if "paper" in body:
        return _card(store, int(str(body["paper"])), copy, house, now, channel)
    if "enrolment" in body:
        return _reminder(store, int(str(body["enrolment"])), house, now, channel)
    return codec.from_json(store, body, known=known)


def _card(store: Store, paper_id: int, copy: bool, house: Deployment, now: datetime, channel: str) -> Reply | None:
    sat = answers.sitting(store, paper_id)
    if sat is None or sat.state != State.OPEN or sat.attempt_state == "handed_in" or now >= sat.closes_at:
        return None
    language = accounts.language_of(store, sat.person_id)
    lines = invitation(language, sat, house)
    if rounds.get(store, sat.round_id).late:
        lines.append(say(language, "quiz.card_late"))
    if copy:
        lines.append(say(language, "quiz.card_copy"))
    if sat.rules.exam:
        return Reply(
            "\n".join(lines),
            (choice(language, "exam"), choice(language, "why")),
            links=exam.page(language, house, channel),
        )
    if channel in ALIKE:
        return Reply(
            "\n".join(lines), (choice(language, "today", label=say(language, "quiz.begin")), choice(language, "why"))
        )
    slot = next((n for n in range(len(sat.slots)) if n not in answers.answered(store, paper_id)), 0)
    question = answers.shown(store, sat.slots[slot])
    return Reply("\n".join(lines), card=cards.card(house.secret, language, sat, slot, question))


def invitation(language: str, sat: Sitting, house: Deployment) -> list[str]:
    """What the card of a round says when it opens."""
    closes = house.moment(language, sat.closes_at)
    if not sat.rules.exam:
        return [say(language, "quiz.card_intro", title=sat.title, total=len(sat.slots), closes=closes)]
    minutes = [say(language, "exam.card_minutes", minutes=sat.rules.minutes)] if sat.rules.minutes else []
    return [say(language, "exam.card", title=sat.title, closes=closes), *minutes]


def _reminder(store: Store, enrolment_id: int, house: Deployment, now: datetime, channel: str) -> Reply | None:
    paper_id = reminders.newest_paper(store, enrolment_id)
    sat = answers.sitting(store, paper_id) if paper_id else None
    if sat is None or sat.state != State.OPEN or now >= sat.closes_at:
        return None
    if sat.attempt_state == "handed_in" and (sat.score is not None or not sat.attempts_left):
        return None
    given = len(answers.answered(store, sat.paper_id))
    left = len(sat.slots) - given if given else 0
    language = accounts.language_of(store, sat.person_id)
    said = reminding.reminder(language, sat.title, house.moment(language, sat.until), left)
    if not sat.rules.exam:
        return said
    begun = sat.attempt_state == "open"
    closes = house.moment(language, sat.until if begun else sat.closes_at)
    text = say(language, "exam.reminder_started" if begun else "exam.reminder", title=sat.title, closes=closes)
    return Reply(text, (choice(language, "exam"), choice(language, "why")), links=exam.page(language, house, channel))


def _as_kept(outcome: Outcome) -> str:
    return f"{deliveries.CARD_CODE}{outcome.code}" if outcome.code else outcome.platform_id


def settle(store: Store, outcomes: list[Outcome], now: datetime, house: Deployment | None = None) -> None:
    """Write what became of parcels; a permanent refusal marks the account unreachable, which is shown, never swallowed, and the message
    goes to another account of the person (of `house`: whether names may go there)."""
    for outcome in outcomes:
        news = deliveries.settle(store, outcome.id, outcome.state, now, platform_id=_as_kept(outcome), reason=outcome.reason,
                          not_before=outcome.not_before)  # fmt: skip
        if outcome.state == "failed" and outcome.reason in UNREACHABLE:
            accounts.set_reachable(store, deliveries.account_of(store, outcome.id), outcome.reason, now)
            if news:
                fallback.owe_elsewhere(store, outcome.id, house, now)


def owed(store: Store, channel: str, now: datetime) -> list[Owed]:
    """Replies that were committed and that nobody is known to have shown."""
    return [
        Owed(
            r.key,
            Address(channel, r.address),
            r.origin or None,
            tuple(codec.from_json(store, reply) for reply in r.replies),
        )
        for r in inbox.owed(store, channel, now)
    ]


def shown(store: Store, keys: Sequence[str], some: Sequence[ShownCard], house: Deployment, now: datetime) -> None:
    """The replies to these keys have reached their platform; of some of their cards it gave the code that greys them."""
    inbox.mark_shown(store, keys)
    for each in some:
        asked = cards.read_token(house.secret, each.token)
        if asked is None:
            continue
        if each.code:
            open_cards.keep(store, each.account.channel, each.account.id, *asked, each.code, now)
        else:
            open_cards.forget(store, each.account.channel, each.account.id, *asked)


def spent(store: Store, channel: str, now: datetime) -> list[SpentCards]:
    """Cards that nobody can answer any more, by code: one code greys the cards of all who got them in one sending."""
    found: dict[str, list[open_cards.Spent]] = {}
    for each in open_cards.spent(store, channel, now):
        found.setdefault(each.code, []).append(each)
    return [
        SpentCards(
            code,
            tuple(each.address for each in some),
            say(some[0].language, "quiz.card_closed" if some[0].closed else "quiz.card_answered"),
        )
        for code, some in found.items()
    ]


def greyed(store: Store, channel: str, codes: Sequence[str], now: datetime) -> None:
    """These codes have been used, or work no longer."""
    open_cards.greyed(store, channel, codes, now)
