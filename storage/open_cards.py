"""Question cards that stand open on a platform which can grey them: kept until they are, or until the platform's code has expired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, exists, or_, select

from storage.answers import HELD_BACK
from storage.columns import micros
from storage.database import Hot, Store
from storage.deliveries import CARD_CODE
from storage.tables import account, attempt, delivery, enrolment, open_card, paper, person, response, round_

CODE_LASTS = timedelta(hours=72)
"""How long WeCom's response_code works (developer.work.weixin.qq.com, document 94888)."""

_FORGET = Hot(
    delete(open_card).where(
        open_card.c.account_id.in_(
            select(account.c.id).where(
                account.c.channel == bindparam("channel"),
                account.c.address == bindparam("address"),
                account.c.ended_at.is_(None),
            )
        ),
        open_card.c.paper_id == bindparam("paper"),
        open_card.c.slot == bindparam("place"),
    )
)
_KEEP = Hot(
    open_card.insert().from_select(
        ["account_id", "paper_id", "slot", "code", "at"],
        select(account.c.id, paper.c.id, bindparam("place"), bindparam("code"), bindparam("now")).where(
            account.c.channel == bindparam("channel"),
            account.c.address == bindparam("address"),
            account.c.ended_at.is_(None),
            paper.c.id == bindparam("paper"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Spent:
    """One card that nobody can answer any more: the platform's code, whose it is, their language, and whether the round is over."""

    code: str
    address: str
    language: str
    closed: bool


def forget(store: Store, channel: str, address: str, paper_id: int, slot: int) -> None:
    """The card of this question is greyed, or another takes its place."""
    store.hot(_FORGET, channel=channel, address=address, paper=paper_id, place=slot)


def keep(store: Store, channel: str, address: str, paper_id: int, slot: int, code: str, now: datetime) -> None:
    """The card of this question stands open, and this code greys it; the last one shown counts."""
    forget(store, channel, address, paper_id, slot)
    store.hot(_KEEP, channel=channel, address=address, paper=paper_id, place=slot, code=code, now=micros(now))


def spent(store: Store, channel: str, now: datetime, most: int = 1000) -> list[Spent]:
    """Question cards that were answered elsewhere or whose round is over, and announcements of rounds that are over. An answer in a
    formal exam may be changed until it is handed in: its card is not spent before."""
    alive = now - CODE_LASTS
    over = or_(round_.c.state == "closed", attempt.c.state == "handed_in")
    given = exists().where(response.c.attempt_id == open_card.c.paper_id, response.c.slot == open_card.c.slot)
    answered = and_(given, ~HELD_BACK)
    questions = (
        select(open_card.c.code, account.c.address, person.c.language, round_.c.state)
        .join_from(open_card, account, account.c.id == open_card.c.account_id)
        .join(person, person.c.id == account.c.person_id)
        .join(paper, paper.c.id == open_card.c.paper_id)
        .join(enrolment, enrolment.c.id == paper.c.enrolment_id)
        .join(round_, round_.c.id == enrolment.c.round_id)
        .outerjoin(attempt, attempt.c.id == open_card.c.paper_id)
        .where(account.c.channel == channel, open_card.c.at > alive, or_(over, answered))
        .limit(most)
    )
    announced = (
        select(delivery.c.platform_id.label("code"), account.c.address, person.c.language, round_.c.state)
        .join_from(delivery, round_, round_.c.id == delivery.c.round_id)
        .join(account, account.c.id == delivery.c.account_id)
        .join(person, person.c.id == account.c.person_id)
        .where(
            and_(round_.c.state == "closed", round_.c.closed_at > alive, delivery.c.channel == channel),
            and_(delivery.c.state == "sent", delivery.c.platform_id.startswith(CARD_CODE)),
        )
    )
    found = [*store.rows(questions), *store.rows(announced)]
    return [Spent(r.code.removeprefix(CARD_CODE), r.address, r.language, r.state == "closed") for r in found]


def greyed(store: Store, channel: str, codes: Sequence[str], now: datetime) -> None:
    """These codes have been used, or work no longer; with them goes what has expired."""
    store.run(delete(open_card).where(or_(open_card.c.code.in_(codes), open_card.c.at < now - CODE_LASTS)))
    named = [f"{CARD_CODE}{code}" for code in codes]
    recent = delivery.c.round_id.in_(select(round_.c.id).where(round_.c.closed_at > now - CODE_LASTS))
    which = (recent, delivery.c.channel == channel, delivery.c.platform_id.in_(named))
    store.run(delivery.update().where(*which).values(platform_id=""))
