"""The page that checks a certificate or a return by its code: what was issued, whether it stands, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handlers.reports import confirming
from handlers.turns import Deployment
from handlers.words import LANGUAGES
from storage.database import Store


def verify(store: Store, code: str, language: str, house: Deployment, now: datetime) -> dict[str, Any]:
    """{"kind": certificate | return | "" for unknown, "stands", "verdict": a sentence, "facts": [(label, value)], "changes": [..]}."""
    found = confirming.confirm(store, code, language if language in LANGUAGES else LANGUAGES[0], house, now)
    return {
        "kind": found.kind,
        "stands": found.stands,
        "verdict": found.verdict,
        "facts": list(found.facts),
        "changes": list(found.changes),
    }
