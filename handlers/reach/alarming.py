"""What a platform warns of, or why it refuses us, told to every admin: once a day for each trouble, wherever they can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from handlers import codec
from handlers.messages import Reply
from handlers.turns import Deployment
from handlers.words import say
from quizzes.people import RoleName
from storage import accounts, deliveries, people
from storage.database import Store


def alarm(store: Store, channel: str, code: str, values: Mapping[str, str], house: Deployment, now: datetime) -> None:
    """`code` names the sentence `wecom.alarm_<code>`, which `values` fill in."""
    admins = sorted({row.person_id for row in people.holders(store, RoleName.ADMIN)})
    day = house.today(now)
    for person_id, (account_id, _) in accounts.reachable_accounts(store, admins).items():
        language = accounts.language_of(store, person_id)
        text = say(
            language, f"wecom.alarm_{code}", **{"channel": say(language, f"missing.channel_{channel}"), **values}
        )
        body = codec.to_json(store, Reply(text), person_id, now)
        deliveries.plan(store, f"alarm:{channel}:{code}:{day}:{person_id}", account_id, "report", body, now)
