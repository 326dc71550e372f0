"""What WeCom takes of a template card but shows cut or not at all: lengths over the advised ones, and fields it does not know."""

INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")


def advice(card, limits, *, update=False):
    """What would be shown cut or not at all: texts over the advised length, unknown fields, wrong styles. For cards that pass."""
    kind = card["card_type"]
    found = _unknown(card, kind, limits, update=update)
    for where, text, most in _texts(card, kind, limits):
        if not isinstance(text, str) or len(text) > most:
            found.append(f"card {where}: {text!r:.60} is over {most} characters")
    for button in card.get("button_list", ()):
        if button.get("style", 1) not in (1, 2, 3, 4):
            found.append(f"card button style {button['style']!r}")
    for option in card.get("checkbox", {}).get("option_list", ()):
        if not isinstance(option.get("is_checked"), bool):
            found.append("card checkbox option without is_checked")
    for box in card.get("select_list", ()):
        if not box.get("selected_id"):
            found.append("card drop-down whose first option is chosen unless told otherwise")
    return found


def _texts(card, kind, limits):
    title, emphasis = card.get("main_title", {}), card.get("emphasis_content", {})
    vote, long = kind == "vote_interaction", kind in ("vote_interaction", "multiple_interaction")
    yield "title", title.get("title", ""), limits.vote_title if vote else limits.title
    yield "desc", title.get("desc", ""), limits.long_desc if long else limits.desc
    yield "sub_title_text", card.get("sub_title_text", ""), limits.subtitle
    yield "source", card.get("source", {}).get("desc", ""), limits.source
    yield "emphasis title", emphasis.get("title", ""), limits.emphasis[0]
    yield "emphasis desc", emphasis.get("desc", ""), limits.emphasis[1]
    for row in card.get("horizontal_content_list", ()):
        yield "keyname", row["keyname"], 5
        yield "value", row.get("value", ""), limits.value
    for jump in card.get("jump_list", ()):
        yield "jump title", jump["title"], 18
    for row in card.get("vertical_content_list", ()):
        yield "vertical title", row["title"], 38
        yield "vertical desc", row.get("desc", ""), 160
    for button in [*card.get("button_list", ()), card.get("submit_button", {})]:
        yield "button", button.get("text", ""), limits.button
    for option in card.get("checkbox", {}).get("option_list", ()):
        yield "option", option["text"], limits.option
    for box in [card.get("button_selection", {}), *card.get("select_list", ())]:
        for option in box.get("option_list", ()):
            yield "drop-down option", option["text"], limits.selection


_EVERY = {"card_type", "task_id", "main_title", "source"}
_PLAIN = _EVERY | {"action_menu", "quote_area", "horizontal_content_list", "card_action"}
FIELDS = {
    "text_notice": _PLAIN | {"emphasis_content", "sub_title_text", "jump_list"},
    "news_notice": _PLAIN | {"card_image", "image_text_area", "vertical_content_list", "jump_list"},
    "button_interaction": _PLAIN | {"sub_title_text", "button_selection", "button_list"},
    "vote_interaction": _EVERY | {"checkbox", "submit_button"},
    "multiple_interaction": _EVERY | {"select_list", "submit_button"},
}
_INNER = {
    "main_title": {"title", "desc"},
    "source": {"icon_url", "desc", "desc_color"},
    "action_menu": {"desc", "action_list"},
    "action_list": {"text", "key"},
    "quote_area": {"type", "url", "appid", "pagepath", "title", "quote_text"},
    "horizontal_content_list": {"type", "keyname", "value", "url", "media_id", "userid"},
    "jump_list": {"type", "title", "url", "appid", "pagepath", "question"},
    "card_action": {"type", "url", "appid", "pagepath"},
    "emphasis_content": {"title", "desc"},
    "card_image": {"url", "aspect_ratio"},
    "image_text_area": {"type", "url", "title", "desc", "image_url", "appid", "pagepath"},
    "vertical_content_list": {"title", "desc"},
    "button_list": {"type", "text", "style", "key", "url"},
    "button_selection": {"question_key", "title", "option_list", "selected_id", "disable"},
    "checkbox": {"question_key", "mode", "option_list", "disable"},
    "select_list": {"question_key", "title", "selected_id", "option_list", "disable"},
    "option_list": {"id", "text", "is_checked"},
    "submit_button": {"text", "key"},
    "feedback": {"id"},
}  # fmt: skip


def _unknown(card, kind, limits, *, update):
    allowed = set(FIELDS[kind]) | (set() if limits.links else {"feedback"})
    if update and limits.links and kind in INTERACTIVE:
        allowed.add("replace_text")
    return [*(f"card {kind}: unknown field {name}" for name in card if name not in allowed), *_deeper(card)]


def _deeper(holder):
    for name, value in holder.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from (f"card {name}: unknown field {one}" for one in each if one not in _INNER.get(name, each))
                yield from _deeper(each)
