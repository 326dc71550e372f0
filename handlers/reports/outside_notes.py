"""来源说明: what a report says of scores from paper and higher platforms: how many came from where, and what changed after the close."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.rounds import outside_words
from handlers.turns import Deployment
from handlers.words import say
from storage import batches, rounds, scorebook
from storage.database import Store


def sources(language: str, elsewhere: Iterable[tuple[str, int]]) -> list[str]:
    """「其中来自纸质的答卷12份。」"""
    return [say(language, "figures.elsewhere", source=source, attempts=number) for source, number in elsewhere]


def after_close(store: Store, round_id: int, language: str, house: Deployment) -> list[str]:
    """A printed correction for every batch that changed a round, or a make-up of it, after its close."""
    first = rounds.get(store, round_id)
    return [
        say(language, "outside.footnote_undo" if each.undoes else "outside.footnote", at=house.moment(language, each.decided_at or each.entered_at),
            source=outside_words.source(language, each.source), people=len(each.entries), batch=each.id, undoes=each.undoes)
        for each in batches.after_close(store, scorebook.family(store, first))
    ]  # fmt: skip
