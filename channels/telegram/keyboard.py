"""Choices, answer buttons and links -> rows of an inline keyboard, and the lines for what no button can hold."""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_uppercase
from unicodedata import east_asian_width

from channels.markdown import web_address
from handlers.messages import Choice, Link, QuestionCard, Reply, answer_action, tick_action

MOST_DATA = 64
MOST_BUTTONS = 100
SHORT = 10

Button = dict[str, str]
Rows = list[list[Button]]


def keyboard(reply: Reply) -> tuple[Rows, list[str]]:
    """The rows of buttons, and lines of text for the choices and links that cannot be buttons (data over 64 bytes, an address
    Telegram does not open, more than 100 buttons)."""
    rows = card_rows(reply.card) if reply.card else []
    lines: list[str] = []
    buttons: list[Button] = []
    for choice in reply.choices:
        button = _pressing(choice)
        buttons += [button] if button else []
        lines += [] if button else [choice.label or choice.says]
    for link in reply.links:
        button = _opening(link)
        buttons += [button] if button else []
        lines += [] if button else [f"{link.label}: {link.url}"]
    room = MOST_BUTTONS - sum(map(len, rows))
    lines += [": ".join(filter(None, (button["text"], button.get("url")))) for button in buttons[room:]]
    return rows + _rows(buttons[:room]), lines


def is_judgement(card: QuestionCard) -> bool:
    """Two short options and one answer (对, 错): the options themselves are the buttons."""
    return not card.multiple and len(card.options) == 2 and all(_short(option) for option in card.options)


def card_rows(card: QuestionCard) -> Rows:
    """The buttons of a question; none for a blank. On a multiple choice a press ticks, and only the last button answers."""
    letters = ascii_uppercase[: len(card.options)]
    if card.multiple:
        ticks = [
            Choice(f"{'☑' if at in card.chosen else '☐'} {at}", tick_action(card.token, _toggled(card, at)))
            for at in letters
        ]
        rows = _in_rows(ticks, 4)
        if card.chosen and card.submit_label:
            rows += _in_rows([Choice(card.submit_label, answer_action(card.token, card.chosen))], 1)
        return rows
    labels = card.options if is_judgement(card) else letters
    return _in_rows(
        [Choice(label, answer_action(card.token, at)) for label, at in zip(labels, letters, strict=False)], 4
    )


def _toggled(card: QuestionCard, letter: str) -> str:
    return "".join(sorted(set(card.chosen) ^ {letter}))


def _in_rows(choices: Iterable[Choice], each: int) -> Rows:
    buttons = [button for button in map(_pressing, choices) if button]
    return [buttons[at : at + each] for at in range(0, len(buttons), each)]


def _rows(buttons: list[Button]) -> Rows:
    """Up to three short buttons in a row; a long one has a row to itself, so that large type does not cut it."""
    rows: Rows = []
    for button in buttons:
        if rows and len(rows[-1]) < 3 and all(_short(other["text"]) for other in (*rows[-1], button)):
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


def _pressing(choice: Choice) -> Button | None:
    fits = 1 <= len(choice.says.encode()) <= MOST_DATA
    return {"text": choice.label or choice.says, "callback_data": choice.says} if fits else None


def _opening(link: Link) -> Button | None:
    return {"text": link.label or link.url, "url": link.url} if web_address(link.url) else None


def _short(label: str) -> bool:
    """At most five Chinese characters or ten letters."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in label) <= SHORT
