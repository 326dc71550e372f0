"""Everything the tables hold about one person, for that person: never a row about somebody else, never what is not released to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from quizzes.papers import Slot
from quizzes.rounds import State
from quizzes.scoring import asked
from storage import answers, rounds
from storage.database import Store
from storage.tables import (
    account,
    attempt,
    audit,
    delivery,
    document,
    enrolment,
    enrolment_change,
    exemption,
    feedback,
    hall,
    inbox,
    invitation,
    paper,
    person,
    posting,
    response,
    role,
    round_,
    seat,
    session,
    unit,
)

Table = list[dict[str, Any]]


def of(store: Store, person_id: int) -> dict[str, Table]:
    """The person's data by area, each a list of flat rows; areas without rows are there and empty."""
    return {
        "person": _rows(store, _person(person_id)),
        "postings": _rows(store, _postings(person_id)),
        "accounts": [_masked(row) for row in _rows(store, _accounts(person_id))],
        "sessions": _rows(store, _sessions(person_id)),
        "invitations": _rows(store, _invitations(person_id)),
        "roles": _rows(store, _roles(person_id)),
        "enrolments": _rows(store, _enrolments(person_id)),
        "changes": _rows(store, _changes(person_id)),
        "seats": _rows(store, _seats(person_id)),
        "attempts": _attempts(store, person_id),
        "responses": _responses(store, person_id),
        "deliveries": _rows(store, _deliveries(person_id)),
        "messages": _messages(store, person_id),
        "requests": _rows(store, _requests(person_id)),
        "feedback": _rows(store, _feedback(person_id)),
        "documents": _rows(store, _documents(person_id)),
        "acts": [_impersonal(row) for row in _rows(store, _acts(person_id))],
    }


def _rows(store: Store, query: Select[Any]) -> Table:
    return [dict(row._mapping) for row in store.rows(query)]


def masked(address: str) -> str:
    """An address with its middle hidden: enough for its owner to know it again."""
    return f"{address[:2]}***{address[-2:]}" if len(address) > 5 else "***"


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"address": masked(row["address"])}


def _impersonal(row: dict[str, Any]) -> dict[str, Any]:
    """An act of one's own, with the kind of thing it was done to; the number of another person is theirs."""
    return row | {"object": row["object"].partition(":")[0]}


def _person(person_id: int) -> Select[Any]:
    names = ("name", "staff_no", "phone", "category", "rank", "leadership", "enforcement", "retires_on", "language", "quiet_from",
             "quiet_to", "created_at")  # fmt: skip
    return select(*(person.c[name] for name in names)).where(person.c.id == person_id)


def _postings(person_id: int) -> Select[Any]:
    query = select(
        unit.c.name.label("unit"), posting.c.kind, posting.c.starts_on, posting.c.ends_on, posting.c.recorded_at
    )
    return (
        query.join_from(posting, unit, unit.c.id == posting.c.unit_id)
        .where(posting.c.person_id == person_id)
        .order_by(posting.c.id)
    )


def _accounts(person_id: int) -> Select[Any]:
    names = ("channel", "address", "bound_at", "ended_at", "unreachable")
    return select(*(account.c[name] for name in names)).where(account.c.person_id == person_id).order_by(account.c.id)


def _sessions(person_id: int) -> Select[Any]:
    query = select(session.c.created_at, session.c.expires_at, session.c.revoked_at).join_from(
        session, account, account.c.id == session.c.account_id
    )
    return query.where(account.c.person_id == person_id).order_by(session.c.id)


def _invitations(person_id: int) -> Select[Any]:
    """Links and codes made for the person, without the secret in them."""
    names = ("purpose", "created_at", "expires_at", "used_at", "locked_at", "revoked_at")
    return (
        select(*(invitation.c[name] for name in names))
        .where(invitation.c.person_id == person_id)
        .order_by(invitation.c.id)
    )


def _seats(person_id: int) -> Select[Any]:
    query = select(hall.c.round_id, hall.c.place, seat.c.arrived_at, seat.c.channel).join_from(
        seat, hall, hall.c.id == seat.c.hall_id
    )
    return query.where(seat.c.person_id == person_id).order_by(seat.c.id)


def _roles(person_id: int) -> Select[Any]:
    query = select(role.c.name, unit.c.name.label("unit"), role.c.granted_at, role.c.revoked_at).join_from(
        role, unit, unit.c.id == role.c.unit_id, isouter=True
    )
    return query.where(role.c.person_id == person_id).order_by(role.c.id)


def _enrolments(person_id: int) -> Select[Any]:
    names = (
        "counted",
        "exempt",
        "started",
        "sat",
        "passed",
        "excellent",
        "score",
        "attempts",
        "granted",
        "handed_in_at",
        "enrolled_at",
    )
    query = select(
        enrolment.c.round_id,
        round_.c.title,
        round_.c.counts,
        round_.c.due_on,
        unit.c.name.label("unit"),
        *(enrolment.c[n] for n in names),
    )
    joined = query.join_from(enrolment, round_, round_.c.id == enrolment.c.round_id).join(
        unit, unit.c.id == enrolment.c.unit_id
    )
    return joined.where(enrolment.c.person_id == person_id).order_by(enrolment.c.id)


def _changes(person_id: int) -> Select[Any]:
    names = ("kind", "at", "reason")
    query = select(enrolment.c.round_id, *(enrolment_change.c[name] for name in names))
    joined = query.join_from(enrolment_change, enrolment, enrolment.c.id == enrolment_change.c.enrolment_id)
    return joined.where(enrolment.c.person_id == person_id).order_by(enrolment_change.c.id)


def _deliveries(person_id: int) -> Select[Any]:
    """What was sent, when and whether it arrived. Not its text: lists and reports to an officer or a leader name other people."""
    names = ("kind", "channel", "state", "created_at", "sent_at", "reason")
    query = select(delivery.c.round_id, *(delivery.c[name] for name in names))
    return query.where(delivery.c.person_id == person_id).order_by(delivery.c.id)


def _requests(person_id: int) -> Select[Any]:
    names = (
        "id",
        "kind",
        "round_id",
        "category",
        "reason",
        "starts_on",
        "ends_on",
        "state",
        "requested_at",
        "decided_at",
        "answer",
    )
    return (
        select(*(exemption.c[name] for name in names))
        .where(exemption.c.person_id == person_id)
        .order_by(exemption.c.id)
    )


def _feedback(person_id: int) -> Select[Any]:
    names = ("id", "kind", "about", "text", "state", "created_at", "answer", "answered_at")
    return (
        select(*(feedback.c[name] for name in names)).where(feedback.c.person_id == person_id).order_by(feedback.c.id)
    )


def _documents(person_id: int) -> Select[Any]:
    names = ("kind", "code", "round_id", "issued_at", "hash")
    return (
        select(*(document.c[name] for name in names)).where(document.c.person_id == person_id).order_by(document.c.id)
    )


def _acts(person_id: int) -> Select[Any]:
    return select(audit.c.at, audit.c.act, audit.c.object).where(audit.c.actor_id == person_id).order_by(audit.c.id)


def _messages(store: Store, person_id: int) -> Table:
    """When the person wrote or pressed something, and what. Of who has or had a role only when: they write about others."""
    known = store.value(select(role.c.id).where(role.c.person_id == person_id).limit(1)) is not None
    query = select(inbox.c.arrived_at, inbox.c.channel, *([] if known else [inbox.c.said]))
    joined = query.join_from(inbox, account, account.c.id == inbox.c.account_id).where(account.c.person_id == person_id)
    return _rows(store, joined.order_by(inbox.c.arrived_at, inbox.c.key))


# Papers. ---------------------------------------------------------------------------------------------------------------


def _attempts(store: Store, person_id: int) -> Table:
    """Each sitting. Of the mark of the browser only whether there is one: it is of no use to anybody outside."""
    names = ("state", "started_at", "declared_at", "ends_at", "handed_in_at", "score", "source", "automatic")
    query = (
        select(enrolment.c.round_id, attempt.c.id.label("paper"), paper.c.number, *(attempt.c[n] for n in names), attempt.c.device)
        .join_from(attempt, enrolment, enrolment.c.id == attempt.c.enrolment_id).join(paper, paper.c.id == attempt.c.id)
        .where(enrolment.c.person_id == person_id).order_by(attempt.c.id)
    )  # fmt: skip
    return [row | {"device": bool(row["device"])} for row in _rows(store, query)]


def _responses(store: Store, person_id: int) -> Table:
    """Each answer as it was given; the question, and whether it was right, only where the person may see them by now."""
    columns = (
        response.c.attempt_id,
        response.c.slot,
        response.c.serial,
        response.c.answer,
        response.c.correct,
        response.c.arrived_at,
        response.c.channel,
    )
    query = (
        select(*columns, enrolment.c.round_id)
        .join_from(response, attempt, attempt.c.id == response.c.attempt_id).join(enrolment, enrolment.c.id == attempt.c.enrolment_id)
        .where(enrolment.c.person_id == person_id).order_by(response.c.attempt_id, response.c.slot, response.c.serial)
    )  # fmt: skip
    stems: dict[int, list[str] | None] = {}
    found: Table = []
    for row in store.rows(query):
        if row.attempt_id not in stems:
            stems[row.attempt_id] = _stems(store, row.attempt_id, row.round_id)
        seen = stems[row.attempt_id]
        found.append({"paper": row.attempt_id, "number": row.slot + 1, "answer": "、".join(row.answer), "at": row.arrived_at, "channel": row.channel,
                      "question": seen[row.slot] if seen else "", "correct": bool(row.correct) if seen else ""})  # fmt: skip
    return found


def _stems(store: Store, paper_id: int, round_id: int) -> list[str] | None:
    """The questions of a paper in their order, or None while its key is not released to the person."""
    what = rounds.get(store, round_id)
    sat = store.row(
        select(attempt.c.state, paper.c.slots)
        .join_from(attempt, paper, paper.c.id == attempt.c.id)
        .where(attempt.c.id == paper_id)
    )
    if sat is None or not _released(what.rules.release, sat.state, closed=what.state is State.CLOSED):
        return None
    slots = [Slot.from_json(each) for each in sat.slots]
    known = {slot.revision_id: answers.question(store, slot.revision_id) for slot in slots}
    return [each.question.stem for each in asked(slots, known, what.rules)]


def _released(release: str, state: str, *, closed: bool) -> bool:
    """As the rules say: the quiz that explains at once, after handing in, after the close, or never."""
    return release == "answered" or (
        state == "handed_in" and (release == "handed_in" or (release == "closed" and closed))
    )
