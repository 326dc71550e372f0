"""The inner XML of callbacks, and of the passive replies to them (documents 90238 to 90241)."""

import xml.etree.ElementTree as ET

from tests.fakes.wecom import cards

_LISTS = {
    "HorizontalContentList",
    "JumpList",
    "VerticalContentList",
    "ButtonList",
    "OptionList",
    "SelectList",
    "ActionList",
}
_NAMES = {
    "CheckBox": "checkbox", "AppId": "appid", "PagePath": "pagepath", "KeyName": "keyname", "UserId": "userid",
}  # fmt: skip
_NUMBERS = {"Type", "DescColor", "Style", "Mode"}
_SWITCHES = {"Disable", "IsChecked"}
PASSIVE = {"text", "image", "voice", "video", "news", "update_button", "update_template_card"}


def xml(pairs):
    """The pairs as XML: texts in CDATA, numbers bare, lists nested."""
    return "<xml>" + _inner(pairs) + "</xml>"


def _inner(pairs):
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in pairs)


def _value(value):
    if isinstance(value, list):
        return _inner(value)
    return str(value) if isinstance(value, int) else f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"


def selected(card, picked, *, forged=False):
    """The SelectedItems of a press, or []. `picked` are ids of the one group, or {question_key: id}; what was not picked in a drop-down
    is its first option. Asserts that a client could send this, unless forged."""
    items = []
    for key, options, ticked, most in cards.groups(card):
        ids = [*([picked.get(key)] if isinstance(picked, dict) else picked)]
        if card["card_type"] != "vote_interaction":
            ids = list(filter(None, ids)) or ticked
        known = {option["id"] for option in options}
        assert forged or (known.issuperset(ids) and len(set(ids)) == len(ids) <= most), f"{ids} of {sorted(known)}"
        items.append(("SelectedItem", [("QuestionKey", key), ("OptionIds", [("OptionId", each) for each in ids])]))
    assert forged or items or not picked, "this card has nothing to pick"
    return [("SelectedItems", items)] if items else []


def read_reply(text, userid, corp_id):
    """(MsgType, content) of a passive reply: a text, a button's new name, a card in the words of JSON. ValueError says what is wrong."""
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise ValueError(f"no XML: {error}") from None
    known = {child.tag: child.text or "" for child in root}
    if known.get("ToUserName", "").lower() != userid.lower() or known.get("FromUserName") != corp_id:
        raise ValueError("not from the corp to this member")
    if not known.get("CreateTime", "").isdigit():
        raise ValueError("CreateTime")
    kind = known.get("MsgType")
    if kind not in PASSIVE:
        raise ValueError(f"MsgType {kind}")
    if kind == "text":
        if not known.get("Content"):
            raise ValueError("empty Content")
        return kind, known["Content"]
    if kind == "update_button":
        label = root.findtext("Button/ReplaceName")
        if not label:
            raise ValueError("no Button/ReplaceName")
        return kind, label
    if kind == "update_template_card":
        card = root.find("TemplateCard")
        if card is None:
            raise ValueError("no TemplateCard")
        return kind, read_card(card)
    return kind, None


def read_card(element):
    """A card in XML as the same in JSON."""
    card = {}
    for child in element:
        name = snake(child.tag)
        value = _leaf(child) if not len(child) else read_card(child)
        if child.tag in _LISTS:
            card.setdefault(name, []).append(value)
        elif name in card:
            raise ValueError(f"{child.tag} twice")
        else:
            card[name] = value
    return card


def _leaf(element):
    text = element.text or ""
    if element.tag in _NUMBERS:
        return int(text)
    if element.tag in _SWITCHES:
        return text.strip().lower() in ("1", "true")
    return float(text) if element.tag == "AspectRatio" else text


def snake(name):
    """MainTitle -> main_title."""
    if name in _NAMES:
        return _NAMES[name]
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")
