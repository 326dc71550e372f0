"""One door is shut for good: the message is owed once more, to the next account of the person that can be reached."""

from __future__ import annotations

from datetime import datetime

from handlers.turns import Deployment
from storage import accounts, deliveries
from storage.database import Store

KINDS = ("card", "warning", "notice", "material", "report", "answer")
"""What must reach a person; a reminder or a list to take over is planned anew by its own rules."""
MAY_NAME = ("report", "answer")
"""What may name other people where that is allowed, and goes nowhere where it is not."""
VIA = ":via:"


def owe_elsewhere(store: Store, number: int, house: Deployment | None, now: datetime) -> int | None:
    """After a delivery failed because its account cannot be reached: the account that is owed the same message now, or None. Each account
    is tried once, and nothing is owed that has expired. Without `house` nobody can tell where names may go."""
    lost = deliveries.owed_as(store, number)
    if lost.kind not in KINDS or (lost.expires_at is not None and lost.expires_at < now):
        return None
    key = lost.key.partition(VIA)[0]
    tried = deliveries.tried(store, key, VIA)
    for account_id, channel in accounts.ways(store, lost.person_id):
        if account_id not in tried and (lost.kind not in MAY_NAME or _may_name(house, lost.channel, channel)):
            deliveries.plan(store, f"{key}{VIA}{account_id}", account_id, lost.kind, lost.body, now,
                            expires_at=lost.expires_at, round_id=lost.round_id)  # fmt: skip
            return account_id
    return None


def _may_name(house: Deployment | None, written_for: str, channel: str) -> bool:
    return house is not None and (channel in house.names or written_for not in house.names)
