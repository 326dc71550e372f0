"""A Reply -> the bodies of the messages that show it to one person, and the card that takes the place of a pressed one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from channels.wecom import cards
from channels.wecom.cards import BOT, Card
from channels.wecom.words import merged, pieces, short
from handlers.messages import File, Link, QuestionCard, Reply, read_card_action

MOST_BYTES = 20480
"""Of one markdown message or stream (document 101463)."""


@dataclass(frozen=True, slots=True)
class Body:
    """One message: markdown, or a card, or a file."""

    markdown: str = ""
    card: Card | None = None
    file: File | None = None

    def sent(self, media: tuple[str, str] = ("", "")) -> dict[str, Any]:
        """As a message of its own; `media` are kind and number of the uploaded file."""
        if self.card is not None:
            return {"msgtype": "template_card", "template_card": self.card}
        if self.file is not None:
            return {"msgtype": media[0], media[0]: {"media_id": media[1]}}
        return {"msgtype": "markdown", "markdown": {"content": self.markdown}}

    def answered(self, stream: str, media: tuple[str, str] = ("", "")) -> dict[str, Any]:
        """As the answer to a message: text is a stream that is finished at once."""
        if self.markdown:
            return {"msgtype": "stream", "stream": {"id": stream, "finish": True, "content": self.markdown}}
        return self.sent(media)


def bodies(reply: Reply, task: str) -> list[Body]:
    """Files first and then the text, so that the buttons stay at the bottom. `task` is the number of this reply, from which its cards
    have theirs: the same reply sent again is refused as a card that is there already."""
    files = [Body(file=file) for file in reply.files]
    if small := _in_one_card(reply, task):
        return [*files, Body(card=small)]
    texts = [Body(markdown=text) for text in merged(_texts(reply), MOST_BYTES)]
    found: list[Card] = []
    if reply.card and (card := cards.question(reply.card, f"{task}q", BOT)):
        found.append(card)
    if reply.choices:
        found += cards.choices(_title(reply), "", reply.choices, task, BOT)
    return [*files, *texts, *(Body(card=card) for card in found)]


def replacement(action: str, replies: Sequence[Reply], task: str) -> Card | None:
    """What takes the place of the card that was pressed: what was said to it, and what was chosen; None if it stays. A press that is
    answered by the same question again was no answer: its card points down."""
    reply = next((reply for reply in replies if reply.edits), None)
    if reply is None:
        return None
    pressed = read_card_action(action)
    again = pressed is not None and reply.card is not None and reply.card.token == pressed[0]
    return cards.done(_first_line(reply.text) or "✓", "↓" if again else cards.answered(action), task, BOT)


def _in_one_card(reply: Reply, task: str) -> Card | None:
    """Few words with buttons need no message before the card: every message costs one of thirty a minute."""
    if not reply.choices or reply.card or reply.article or reply.links or cards.written_out(reply.choices, BOT):
        return None
    first, _, rest = reply.text.strip().partition("\n")
    rest = rest.strip()
    if not first or len(first) > BOT.title or len(rest) > BOT.text or len(reply.choices) > cards.MOST_BUTTONS:
        return None
    return cards.choices(first, rest, reply.choices, task, BOT)[0]


def _texts(reply: Reply) -> Iterable[str]:
    found = [literal(reply.text), reply.article]
    if reply.card:
        found.append(_question(reply.card))
    found.append("\n".join(map(literal, cards.written_out(reply.choices, BOT))))
    found.append("\n".join(map(_link, reply.links)))
    return [piece for text in found if text.strip() for piece in pieces(text, MOST_BYTES)]


def _question(card: QuestionCard) -> str:
    """Heading and stem, then every option in full: a button shows little more than its letter."""
    heading = f"**{literal(card.heading)}**" if card.heading.strip() else ""
    options = [] if _is_judgement(card) else zip(ascii_uppercase, card.options, strict=False)
    lines = "\n".join(f"{letter}. {literal(option)}" for letter, option in options)
    return "\n\n".join(part for part in (heading, literal(card.stem), lines) if part.strip())


def _is_judgement(card: QuestionCard) -> bool:
    """Two short options are on their buttons in full."""
    return not card.multiple and len(card.options) == 2 and all(len(option) <= 5 for option in card.options)


def _title(reply: Reply) -> str:
    return _first_line(reply.text) or (reply.card.heading if reply.card else "") or "·"


def _first_line(text: str) -> str:
    return short(text.strip().partition("\n")[0], BOT.title)


def _link(link: Link) -> str:
    label = literal(link.label or link.url).replace("[", "［").replace("]", "］")
    return f"[{label}]({link.url.replace(' ', '%20').replace(')', '%29')})"


def literal(text: str) -> str:
    """Plain text without what WeCom's markdown would take for a mention, a colour, a link, a heading or a quotation of ours."""
    lines = [_line(line) for line in text.replace("<", "＜").replace("](", "] (").split("\n")]
    return "\n".join(lines)


def _line(line: str) -> str:
    bare = line.lstrip()
    if bare.startswith("#"):
        return "＃" + bare[1:]
    return "＞" + bare[1:] if bare.startswith(">") else line
