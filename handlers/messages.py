"""What passes between a channel and the conversations: Incoming and Reply. The only part of this room that channels import.

An action is something that could have been typed: pressing a `Choice` sends its `says`. A press on a question card is
`answer_action(token, letters)`; ticking a box on a multiple-choice card is `tick_action(token, letters)`, which records
nothing and asks for the card again with those letters chosen, so no channel and no server keeps half-made choices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

BLOCKED = "/blocked"
"""Action of an account that can no longer be reached on its channel: the bot was blocked, or the account is gone. The platform's word
for the reason may follow it."""
UNBLOCKED = "/unblocked"
"""Action of an account that can be reached again."""
UNREADABLE = "/unreadable"
"""Action of a person who sent what the channel cannot hand on: a sticker, a voice message, a file over 20 MB."""

PAGE = "page"
"""`Incoming.origin` of what was pressed on a page of its own, which shows what came of it: the chat does not repeat it."""


OPENS_PAGES = ("wecom",)
"""Channels where a link to one of our pages opens it with the person signed in: there an exam is offered as a page first."""
ALIKE = ("wecom",)
"""Channels that send one message to a thousand people at once: what opens a round is alike for everybody there, and the first question
is the reply to pressing it."""


class BotError(Exception):
    """Something a person can act on. `code` finds the sentence in the texts of their language; `values` fill it."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = {name: str(value) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an account lives: the channel's name (telegram, wecom, web) and the platform's id for the person."""

    channel: str
    id: str


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way in or out. `content` is the whole file; channels refuse more than 20 MB.
    `id` is the store's number of a file on its way out (0 on the way in); the web serves it at /files/{id}."""

    name: str
    media_type: str
    content: bytes
    id: int = 0


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing a person did. `key` is unique per event ("telegram:12345"); `arrived_at` is ours, UTC;
    `platform_at` the platform's own time where it gives one; `origin` names the message to edit, or None.
    Exactly one of text, action, file is meaningful; a file may carry a text as its caption. `device` is the same for whatever
    comes from the same browser ("" where the channel cannot know)."""

    key: str
    account: Address
    arrived_at: datetime
    text: str = ""
    action: str = ""
    file: File | None = None
    platform_at: datetime | None = None
    origin: str | None = None
    device: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it shows, and what pressing it means (typeable too; at most 64 bytes of UTF-8)."""

    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its label; `url` is absolute."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A question as a channel renders it natively. `heading` is 「第 1/3 题 · 单选题」; `options` are shown with letters A, B, ...
    in this order ("对", "错" for judge; empty for blank, which is answered by typing); `chosen` are letters ticked so far."""

    heading: str
    stem: str
    options: tuple[str, ...]
    multiple: bool
    token: str
    chosen: str = ""
    submit_label: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to show. `text` is plain; `article` is Markdown (study materials). The card, if any, follows the text in
    the same message. `edits`: take the place of the message the person pressed (`Incoming.origin`), where that is possible."""

    text: str
    choices: tuple[Choice, ...] = ()
    card: QuestionCard | None = None
    files: tuple[File, ...] = ()
    links: tuple[Link, ...] = ()
    article: str = ""
    edits: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What `submit` resolves to, after the commit: the inbox key, the replies, and whether they are a repetition
    (the same event had come before; the replies are the same as then)."""

    key: str
    replies: tuple[Reply, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery claimed for sending: one message owed to one account. `copy`: marked 补发, since an earlier try is uncertain."""

    id: int
    address: Address
    kind: str
    reply: Reply
    copy: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """The replies to one inbox key that nobody is known to have shown: their process died. `origin` as in Incoming."""

    key: str
    address: Address
    origin: str | None
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a Parcel: `sent` (platform_id says as what; `code` greys its card later, for all who got it together), `failed`
    (permanent: the account is unreachable, `reason` says why), `uncertain` (may or may not have arrived), `retry` (surely not sent; again
    at `not_before`)."""

    id: int
    state: str
    platform_id: str = ""
    reason: str = ""
    not_before: datetime | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A question that stands open on a platform which can grey it later: whose, which (`token`), and the platform's code for doing so,
    which works once; "" once it has been greyed."""

    account: Address
    token: str
    code: str


@dataclass(frozen=True, slots=True)
class SpentCards:
    """Cards that can be pressed to no avail, one call's worth: the platform's code, whose they are, and what their greyed button says."""

    code: str
    addresses: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a platform's directory: their id there, their name, and the departments from the top down to theirs (the main one
    of several)."""

    address: str
    name: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page: the person and account behind a web session. `shared`: on a device that others use too, which shows the
    exam and nothing else of the person."""

    person_id: int
    account_id: int
    name: str
    language: str
    roles: tuple[str, ...]
    shared: bool = False


def answer_action(token: str, letters: str) -> str:
    """The action that answers the card with `letters` ("A", "ACD"), or with what was typed for a blank."""
    return f"={token}:{letters}"


def tick_action(token: str, letters: str) -> str:
    """The action that shows the card again with `letters` chosen, recording nothing."""
    return f"?{token}:{letters}"


def read_card_action(action: str) -> tuple[str, str, bool] | None:
    """(token, letters, answers) of a card action, or None if `action` is no card action."""
    if not action or action[0] not in "=?" or ":" not in action:
        return None
    token, _, letters = action[1:].partition(":")
    return token, letters, action[0] == "="
