"""Questions and choices as template cards of WeCom, and what a press on one means. Pure; never a drop-down, which would come with
its first option already chosen.

A card holds short labels only: stem and options stand in full in the text before it. Lengths in characters are WeCom's advice, those
of lists its law (developer.work.weixin.qq.com, documents 90236 and 101032).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from channels.wecom.words import heading, short
from handlers.messages import Choice, QuestionCard, answer_action

MOST_BUTTONS = 6
MOST_OPTIONS = 20
MOST_KEY = 1024
_BLUE, _QUIET = 1, 2
Card = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many characters a card shows: of a title, a vote's title, the text below, a button, a vote's option; and whether a button may
    open a page."""

    title: int
    vote_title: int
    text: int
    button: int
    option: int
    links: bool


APP = Limits(title=36, vote_title=16, text=160, button=10, option=17, links=True)
BOT = Limits(title=26, vote_title=16, text=112, button=10, option=11, links=False)


def question(card: QuestionCard, task: str, limits: Limits) -> Card | None:
    """The card of a question: buttons for one answer, a vote for several (and for one of more than six); None where one types."""
    if not card.options:
        return None
    if card.multiple or len(card.options) > MOST_BUTTONS:
        return _vote(card, task, limits)
    labels = _labels(card, limits.button)
    keys = [answer_action(card.token, letter) for letter in ascii_uppercase[: len(labels)]]
    buttons = [_button(label, key) for label, key in zip(labels, keys, strict=True)]
    return _buttons(heading(card.heading, limits.title), "", buttons, task)


def _labels(card: QuestionCard, most: int) -> list[str]:
    """Two short options are their own labels (对, 错); else the letter, with the option where all of them are short enough."""
    if len(card.options) == 2 and all(len(option) <= 5 for option in card.options):
        return list(card.options)
    lettered = [f"{letter} {option}" for letter, option in zip(ascii_uppercase, card.options, strict=False)]
    return lettered if all(len(label) <= most for label in lettered) else list(ascii_uppercase[: len(card.options)])


def _vote(card: QuestionCard, task: str, limits: Limits) -> Card:
    options = [
        {"id": letter, "text": short(f"{letter} {option}", limits.option), "is_checked": letter in card.chosen}
        for letter, option in zip(ascii_uppercase, card.options[:MOST_OPTIONS], strict=False)
    ]
    submit = {"text": short(card.submit_label or "✓", limits.button), "key": answer_action(card.token, "")}
    return {
        "card_type": "vote_interaction",
        "main_title": {"title": heading(card.heading, limits.vote_title)},
        "task_id": task,
        "checkbox": {"question_key": "q", "mode": int(card.multiple), "option_list": options},
        "submit_button": submit,
    }


def choices(
    title: str,
    text: str,
    some: Sequence[Choice],
    task: str,
    limits: Limits,
    links: Sequence[tuple[str, str]] = (),
    more: str = "",
) -> list[Card]:
    """Cards with a button for each link (label, address) and each choice, six on a card, all after the first under the title `more`.
    Labels of choices too long for a button are shortened, as `written_out` says."""
    opening = [{"type": 1, "text": label, "style": _BLUE, "url": url} for label, url in links]
    pressing = [_button(label, choice.says) for label, choice in zip(button_labels(some, limits), some, strict=True)]
    buttons = [*opening, *pressing]
    groups = [buttons[at : at + MOST_BUTTONS] for at in range(0, len(buttons), MOST_BUTTONS)]
    return [
        _buttons(
            short((more or title) if at else title, limits.title),
            "" if at else text,
            group,
            f"{task}-{at}" if at else task,
        )
        for at, group in enumerate(groups)
    ]


def opens_from_a_button(label: str, url: str, limits: Limits) -> bool:
    """Whether a link can be a button: its label in full, an address that WeCom takes. A bot's cards have no such buttons."""
    return limits.links and 0 < len(label) <= limits.button and len(url.encode()) <= MOST_KEY


def button_labels(some: Sequence[Choice], limits: Limits) -> list[str]:
    """What the buttons say: the label where it fits, else the first word of what it says where no other has that, else its number."""
    labels = list(map(_label, some))
    words = [choice.says.split()[0][: limits.button + 1] if choice.says.split() else "" for choice in some]
    taken = Counter([*labels, *words])
    return [
        label
        if len(label) <= limits.button
        else word
        if 0 < len(word) <= limits.button and taken[word] == 1
        else f"{at}"
        for at, (label, word) in enumerate(zip(labels, words, strict=True), 1)
    ]


def written_out(some: Sequence[Choice], limits: Limits) -> list[str]:
    """A line for each choice whose button does not show its label."""
    lines = zip(button_labels(some, limits), map(_label, some), strict=True)
    return [
        f"{shown}. {label}" if shown.isdigit() else f"[{shown}] {label}" for shown, label in lines if shown != label
    ]


def _label(choice: Choice) -> str:
    return " ".join(choice.label.split()) or choice.says


def _button(label: str, key: str) -> dict[str, Any]:
    return {"text": label, "style": _BLUE, "key": key}


def _buttons(title: str, text: str, buttons: Sequence[dict[str, Any]], task: str) -> Card:
    card: Card = {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        "task_id": task,
        "button_list": list(buttons),
    }
    return card | ({"sub_title_text": text} if text else {})


def done(title: str, label: str, task: str, limits: Limits) -> Card:
    """What takes the place of an answered card where buttons cannot be greyed (智能机器人): one quiet button that means nothing."""
    return {
        "card_type": "button_interaction",
        "main_title": {"title": short(title, limits.title)},
        "task_id": task,
        "button_list": [{"text": short(label, limits.button), "style": _QUIET, "key": NOTHING}],
    }


NOTHING = "-"
"""The key of a button that means nothing."""


def action_of(key: str, picked: Sequence[str]) -> str:
    """What a press means: a vote's letters behind the key of its question, any other key as it is; "" means nothing."""
    if key == NOTHING:
        return ""
    if key.startswith("=") and key.endswith(":"):
        return key + "".join(sorted({letter for letter in picked if len(letter) == 1 and letter in ascii_uppercase}))
    return key


def answered(action: str) -> str:
    """What the greyed button of an answered question says: "✓ AC"; any other press leaves a mark only."""
    letters = action.partition(":")[2] if action.startswith("=") else ""
    return f"✓ {letters}" if letters.isalpha() and letters.isascii() else "✓"
