"""What an error of the Bot API means for the message that met it."""

from __future__ import annotations

from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken

from channels.telegram.request import NotSent

_GONE = (
    "chat not found",
    "peer_id_invalid",
    "user not found",
    "bot can't initiate conversation",
    "private chat not found",
)
_NO_EDIT = (
    "message to edit not found",
    "message can't be edited",
    "there is no text in the message to edit",
    "message_id_invalid",
    "message identifier is not specified",
)


def verdict(error: Exception) -> tuple[str, str]:
    """The Outcome state and reason of a send that raised: failed (blocked, deactivated, chat_not_found, rejected),
    retry (surely not sent) or uncertain. Telegram's BadRequest is a NetworkError by class, so the order matters."""
    words = str(error).lower()
    if isinstance(error, ChatMigrated) or any(sign in words for sign in _GONE):
        return "failed", "chat_not_found"
    if isinstance(error, Forbidden):
        return "failed", "deactivated" if "deactivated" in words else "blocked"
    if isinstance(error, BadRequest):
        return "failed", "rejected"
    if isinstance(error, NotSent):
        return "retry", "unreachable"
    if isinstance(error, InvalidToken | Conflict):
        return "retry", "token"
    return "uncertain", type(error).__name__


def unchanged(error: Exception) -> bool:
    """An edit that would have changed nothing: what we wanted is already there."""
    return isinstance(error, BadRequest) and "message is not modified" in str(error).lower()


def cannot_edit(error: Exception) -> bool:
    """The message is gone, or not one that can be edited: a new one must do."""
    return isinstance(error, BadRequest) and any(sign in str(error).lower() for sign in _NO_EDIT)
