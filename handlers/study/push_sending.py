"""A confirmed push becomes deliveries, in chunks; afterwards the officer reads how many, and can always ask what became of them."""

from __future__ import annotations

from collections.abc import Callable

from handlers import codec
from handlers.commands import as_number, choice
from handlers.jobs import Work
from handlers.messages import Reply
from handlers.reach import refusals
from handlers.study import pushing
from handlers.study.addressing import addressees
from handlers.turns import Turn
from handlers.words import LANGUAGES
from storage import deliveries, jobs, people, pushes
from storage.database import Store
from storage.deliveries import Addressed
from storage.pushes import Push

CHUNK = 500


def send(work: Work) -> list[Reply]:
    """The worker of a "push" job: {"push_id"}. Keys make it safe to run again: each person is owed a push once."""
    what = pushes.get(work.store, work.job.params["push_id"])
    assert what is not None
    reached = addressees(work.store, what.kind, what.audience, work.house, work.now)
    bodies = {language: _body(work, what, language) for language in LANGUAGES}
    languages = {each.id: each.language for each in people.people(work.store)}
    owed = [
        Addressed(
            pushes.key(what.id, person_id),
            person_id,
            account_id,
            channel,
            bodies.get(languages[person_id], bodies["zh"]),
            not_before,
        )
        for person_id, account_id, channel, not_before in reached.send
    ]
    for start in range(0, len(owed), CHUNK):
        work.write(_chunk(work, what.kind, owed, start))
    left = reached.people - reached.reachable
    title = pushing.title_of(work.store, what.material_id, what.text)
    said = work.say("pushing.planned", id=what.id, title=title, send=len(owed), left=left, over=reached.over)
    return [Reply(said, choices=(choice(work.language, "push_state", what.id),))]


def _body(work: Work, what: Push, language: str) -> dict[str, object]:
    return codec.to_json(work.store, pushing.message(work.store, language, what.material_id, what.text), None, work.now)


def _chunk(work: Work, kind: str, owed: list[Addressed], start: int) -> Callable[[Store], None]:
    def plan(store: Store) -> None:
        some = owed[start : start + CHUNK]
        deliveries.plan_many(store, kind, some, work.now)
        jobs.progress(store, work.job.id, start + len(some), len(owed), work.now)

    return plan


def state(turn: Turn, store: Store) -> list[Reply]:
    """「推送情况 3」: what became of a push (without a number, of the last one), in headcounts."""
    numbers = [as_number(word) for word in turn.arguments if word.isdecimal()]
    what = pushes.get(store, numbers[0]) if numbers else pushes.last(store)
    if what is None:
        return [
            Reply(
                turn.say("errors.not_found" if numbers else "pushing.state_none"),
                choices=(choice(turn.language, "help"),),
            )
        ]
    found = pushes.states(store, what.id)
    title = pushing.title_of(store, what.material_id, what.text)
    lines = [turn.say("pushing.state", id=what.id, title=title, sent=found.get("sent", 0), failed=found.get("failed", 0),
                      waiting=found.get("planned", 0) + found.get("sending", 0), uncertain=found.get("uncertain", 0),
                      cancelled=found.get("cancelled", 0))]  # fmt: skip
    refused = pushes.refusals(store, what.id)
    for reason, number in sorted(refused.items()):
        lines.append(turn.say("pushing.refusal", reason=refusals.detail(turn.language, reason), people=number))
    lines += refusals.helps(turn.language, refused)
    return [Reply("\n".join(lines))]
