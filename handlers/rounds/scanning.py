"""扫描件: a scan or photo of paper results, dropped in the chat, is laid beside their batch for the second person to see."""

from __future__ import annotations

from handlers.commands import as_number, choice
from handlers.messages import Reply
from handlers.rounds import outside
from handlers.turns import Turn
from quizzes.batches import BatchState
from storage import accounts, audit, batches, files
from storage.database import Store

TOPIC = "scan"
KINDS = (".pdf", ".jpg", ".jpeg", ".png", ".webp", ".heic", ".tif", ".tiff", ".bmp")
STATES = (BatchState.DRAFT, BatchState.ENTERED)


def _where(turn: Turn) -> str:
    account = turn.incoming.account
    return f"{account.channel}:{account.id}"


def ask(turn: Turn, store: Store) -> list[Reply]:
    """「扫描件 <batch>」: the next file that comes is the scan of this batch."""
    each = outside.asked(turn, store, *STATES)
    if isinstance(each, Reply):
        return [each]
    accounts.set_topic(store, _where(turn), TOPIC, {"batch": each.id}, turn.now)
    return [Reply(turn.say("outside.send_scan", batch=each.id), choices=(choice(turn.language, "cancel"),))]


def awaited(turn: Turn) -> bool:
    """Whether a dropped file is the scan that was asked for, by its kind."""
    file, topic = turn.incoming.file, turn.topic
    return file is not None and topic is not None and topic.name == TOPIC and file.name.lower().endswith(KINDS)


def attach(turn: Turn, store: Store) -> list[Reply]:
    """The scan arrived. It is kept as it came and is not read."""
    file = turn.incoming.file
    assert file is not None
    assert turn.topic is not None
    each = batches.get(store, as_number(str(turn.topic.data["batch"])))
    accounts.clear_topic(store, _where(turn))
    if each is None or each.state not in STATES:
        return [Reply(turn.say("outside.scan_late"), choices=(choice(turn.language, "scores"),))]
    number = files.add(store, file.name, file.media_type, file.content, turn.me.id, turn.now)
    batches.attach(store, each.id, number)
    details = {"file": file.name, "sha256": batches.sha_of(store, number)}
    audit.record(store, turn.me.id, "scores.scan", f"batch:{each.id}", details, turn.now)
    return [
        Reply(
            turn.say("outside.scanned", name=file.name, batch=each.id),
            choices=(choice(turn.language, "scores", each.id),),
        )
    ]
