"""Template cards as WeCom judges them: `refusal` gives the code it would answer (`advising.advice`: what would be shown badly).

Limits differ between 自建应用 (`APP`) and 智能机器人 (`BOT`). Codes are those of the error list where it names the field; a field
that it does not name gets a neighbouring code of the same group (420xx).
"""

import re
from dataclasses import dataclass

from tests.fakes.wecom.advising import FIELDS, INTERACTIVE


@dataclass(frozen=True)
class Limits:
    """Advised lengths in characters, and what a kind of application allows at all."""

    title: int
    vote_title: int
    desc: int
    long_desc: int
    subtitle: int
    source: int
    emphasis: tuple
    value: int
    option: int
    selection: int
    button: int
    links: bool
    row_types: tuple
    jump_types: tuple


APP = Limits(
    title=36, vote_title=16, desc=44, long_desc=160, subtitle=160, source=20, emphasis=(14, 22), value=30, option=17,
    selection=16, button=10, links=True, row_types=(0, 1, 2, 3), jump_types=(0, 1, 2),
)  # fmt: skip
BOT = Limits(
    title=26, vote_title=16, desc=30, long_desc=160, subtitle=112, source=13, emphasis=(10, 15), value=26, option=11,
    selection=10, button=10, links=False, row_types=(0, 1, 3), jump_types=(0, 1, 2, 3),
)  # fmt: skip

_NOTICES = ("text_notice", "news_notice")
_TASK = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_URL = re.compile(r"[a-z][a-z0-9+.\-]*://.", re.IGNORECASE)


class _Wrong(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code, self.text = code, text


def refusal(card, limits=APP, *, update=False):
    """(code, text) of the first hard error, or None. `update`: the card takes the place of another, where a task_id and a submit
    button may be left out."""
    try:
        _check(card, limits, update)
    except _Wrong as wrong:
        return wrong.code, wrong.text
    return None


def interactive(card):
    """Whether pressing it calls back, so that the app needs an address for that."""
    return card.get("card_type") in INTERACTIVE or bool(card.get("action_menu"))


def pressable(card):
    """(text, key or url) of its buttons, the submit button among them."""
    pairs = [
        (each["text"], each["url"] if each.get("type") == 1 else each["key"]) for each in card.get("button_list", ())
    ]
    if card.get("card_type") in ("vote_interaction", "multiple_interaction") and "submit_button" in card:
        pairs.append((card["submit_button"].get("text") or "提交", card["submit_button"]["key"]))
    return pairs


def groups(card):
    """The groups of options: (question_key, options, ids ticked from the start, most that can be chosen)."""
    found = []
    if box := card.get("checkbox"):
        options, most = box["option_list"], 1 if box.get("mode", 0) == 0 else len(box["option_list"])
        found.append((box["question_key"], options, [each["id"] for each in options if each.get("is_checked")], most))
    for box in [*filter(None, [card.get("button_selection")]), *card.get("select_list", ())]:
        first = box.get("selected_id") or box["option_list"][0]["id"]
        found.append((box["question_key"], box["option_list"], [first], 1))
    return found


# --- hard errors ----------------------------------------------------------------------------------------------------------


def _need(holds, code, text):
    if not holds:
        raise _Wrong(code, text)


def _dict(card, name, code):
    value = card.get(name, {})
    _need(isinstance(value, dict), code, f"{name} is no object")
    return value


def _list(holder, name, least, most, code):
    value = holder.get(name, [])
    _need(
        isinstance(value, list) and all(isinstance(each, dict) for each in value), code, f"{name} is no list of objects"
    )
    _need(least <= len(value) <= most, code, f"{name}: {len(value)} of {least} to {most}")
    return value


def _filled(holder, name, code, most=None):
    """A text that is there, at most so many bytes."""
    value = holder.get(name)
    _need(isinstance(value, str) and bool(value.strip()), code, f"{name} missing")
    _need(most is None or len(value.encode()) <= most, code, f"{name} over {most} bytes")
    return value


def _unique(values, code, name):
    _need(len(set(values)) == len(values), code, f"{name} not unique")


def _url(holder, name, code):
    _need(len(_filled(holder, name, code).encode()) <= 2048, 40039, f"{name} too long")
    _need(_URL.match(holder[name]), 45034, f"{name} without a scheme")


def _check(card, limits, update):
    _need(isinstance(card, dict) and str(card.get("card_type")) in FIELDS, 42027, "card_type")
    kind = card["card_type"]
    _task(card, update)
    title = _dict(card, "main_title", 42029).get("title", "")
    under = card.get("sub_title_text", "") if kind == "text_notice" else ""
    _need(
        isinstance(title, str) and isinstance(under, str) and bool((title or under).strip()),
        42029,
        "main_title.title missing",
    )
    _menu(card)
    _action(card, kind)
    _rows(card, limits)
    if kind == "news_notice":
        _need(_dict(card, "card_image", 42032).get("url") or _dict(card, "image_text_area", 42032), 42032, "no image")
    elif kind == "button_interaction":
        _buttons(card, limits)
    elif kind == "vote_interaction":
        box = _dict(card, "checkbox", 42043)
        _options(box, 20)
        _need(box.get("mode", 0) in (0, 1), 42044, "checkbox.mode")
        _submit(card, update)
    elif kind == "multiple_interaction":
        boxes = _list(card, "select_list", 1, 3, 42047)
        for box in boxes:
            _options(box, 10)
        _unique([box["question_key"] for box in boxes], 42043, "question_key")
        _submit(card, update)


def _task(card, update):
    task = card.get("task_id")
    if task is None and (update or not interactive(card)):
        return
    _need(isinstance(task, str) and _TASK.fullmatch(task), 42014, "invalid task_id")


def _menu(card):
    if not card.get("action_menu"):
        return
    entries = _list(_dict(card, "action_menu", 42050), "action_list", 1, 3, 42050)
    for entry in entries:
        _filled(entry, "text", 42050)
        _filled(entry, "key", 42051, 1024)
    _unique([entry["key"] for entry in entries], 42051, "action key")


def _action(card, kind):
    action = _dict(card, "card_action", 42045)
    _need(action.get("type", 0) in ((1, 2) if kind in _NOTICES else (0, 1, 2)), 42045, "missing card_action")
    if action.get("type") == 1:
        _url(action, "url", 42045)
    if action.get("type") == 2:
        _filled(action, "appid", 42045)


def _rows(card, limits):
    for row in _list(card, "horizontal_content_list", 0, 6, 42035):
        _filled(row, "keyname", 42034)
        _need(row.get("type", 0) in limits.row_types, 42034, "horizontal_content_list.type")
        if row.get("type") in (1, 2, 3):
            _filled(row, {1: "url", 2: "media_id", 3: "userid"}[row["type"]], 42034)
    for jump in _list(card, "jump_list", 0, 3, 42036):
        _filled(jump, "title", 42036)
        _need(jump.get("type", 0) in limits.jump_types, 42036, "jump_list.type")
        if jump.get("type") == 1:
            _url(jump, "url", 42036)
        if jump.get("type") == 3:
            _filled(jump, "question", 42036, 200)
    for row in _list(card, "vertical_content_list", 0, 4, 42033):
        _filled(row, "title", 42033)


def _buttons(card, limits):
    buttons = _list(card, "button_list", 1, 6, 42036)
    for button in buttons:
        _filled(button, "text", 42038)
        _need(button.get("type", 0) in ((0, 1) if limits.links else (0,)), 42039, "button type")
        if button.get("type") == 1:
            _url(button, "url", 42039)
        else:
            _filled(button, "key", 42039, 1024)
    _unique([button["key"] for button in buttons if button.get("type", 0) == 0], 42039, "button key")
    if "button_selection" in card:
        _options(_dict(card, "button_selection", 42043), 10)


def _options(box, most):
    _filled(box, "question_key", 42043, 1024)
    options = _list(box, "option_list", 1, most, 42037)
    for option in options:
        _filled(option, "id", 42040, 128)
        _filled(option, "text", 42041)
    _unique([option["id"] for option in options], 42040, "option id")
    _need(
        not box.get("selected_id") or box["selected_id"] in [option["id"] for option in options], 42040, "selected_id"
    )


def _submit(card, update):
    if update and "submit_button" not in card:
        return
    button = _dict(card, "submit_button", 42046)
    _filled(button, "key", 42046, 1024)
    _need(
        "text" not in button or (isinstance(button["text"], str) and button["text"].strip()),
        42049,
        "submit_button.text",
    )
