"""Checks an outgoing call against the machine-readable Bot API where that file is at hand, else against a short list of musts."""

import json
import os
import re
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_NAME = "telegram-bot-api-10.3.json"
_MUSTS = {
    "getme": [], "getupdates": [], "setwebhook": ["url"], "deletewebhook": [], "getwebhookinfo": [], "getfile": ["file_id"],
    "sendmessage": ["chat_id", "text"], "sendphoto": ["chat_id", "photo"], "senddocument": ["chat_id", "document"],
    "editmessagetext": ["text"], "editmessagereplymarkup": [], "answercallbackquery": ["callback_query_id"],
    "deletemessage": ["chat_id", "message_id"], "setmycommands": ["commands"], "sendchataction": ["chat_id", "action"],
}  # fmt: skip


@cache
def spec():
    """The specification, or None."""
    for folder in filter(None, [os.environ.get("XUEFA_FACTS"), _ROOT.parent / "shared" / "facts"]):
        file = Path(folder) / _NAME
        if file.is_file():
            return json.loads(file.read_text(encoding="utf-8"))
    return None


def problems(method, params, files):
    """What is wrong with a call: unknown or missing parameters, wrong types, sizes. `params` are as they came: strings of a
    form, or values of a JSON body; `files` are the names of uploaded parts."""
    known = spec()
    found = _sizes(params)
    if known is None:
        musts = _MUSTS.get(method.lower())
        if musts is None:
            return [f"unknown method {method}"]
        return found + [f"{name} is missing" for name in musts if name not in params and name not in files]
    described = next((entry for name, entry in known["methods"].items() if name.lower() == method.lower()), None)
    if described is None:
        return [f"unknown method {method}"]
    return found + _object(described.get("fields", []), params, files, described["name"], known["types"], form=True)


def _object(fields, value, files, where, types, *, form=False):
    names = {field["name"]: field for field in fields}
    found = [f"{where}.{name} is not in the specification" for name in value if name not in names]
    for name, field in names.items():
        if name not in value:
            if field["required"] and name not in files:
                found.append(f"{where}.{name} is missing")
            continue
        options = [_value(kind, value[name], files, f"{where}.{name}", types, form=form) for kind in field["types"]]
        if all(options):
            found += min(options, key=len)
    return found


def _value(kind, value, files, where, types, *, form):
    wrong = [f"{where}: {kind} expected, not {value!r:.60}"]
    if kind in _PRIMITIVES:
        return [] if _PRIMITIVES[kind](value, form) else wrong
    if kind == "InputFile":
        return [] if where.rpartition(".")[2] in files else wrong
    if form and isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return wrong
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return wrong
        inner = kind.removeprefix("Array of ")
        return [
            p for at, one in enumerate(value) for p in _value(inner, one, files, f"{where}[{at}]", types, form=False)
        ]
    if not isinstance(value, dict) or kind not in types:
        return wrong
    if children := types[kind].get("subtypes"):
        options = [_value(child, value, files, where, types, form=False) for child in children]
        return [] if not all(options) else min(options, key=len)
    return _object(types[kind].get("fields", []), value, files, where, types)


_PRIMITIVES = {
    "Integer": lambda value, form: (
        type(value) is int or (form and isinstance(value, str) and bool(re.fullmatch(r"-?\d+", value)))
    ),
    "Float": lambda value, form: (
        type(value) in (int, float) or (form and bool(re.fullmatch(r"-?\d+(\.\d+)?", str(value))))
    ),
    "Boolean": lambda value, form: type(value) is bool or (form and str(value).lower() in ("true", "false")),
    "String": lambda value, _: isinstance(value, str),
}


def _sizes(params):
    """Limits that the specification states in prose, or not at all."""
    found = []
    markup = params.get("reply_markup")
    markup = json.loads(markup) if isinstance(markup, str) else markup
    rows = (markup or {}).get("inline_keyboard", [])
    if sum(map(len, rows)) > 100 or any(len(row) > 8 or not row for row in rows):
        found.append("keyboard: at most 100 buttons, 1 to 8 in a row")
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            found.append("Text buttons are unallowed in the inline keyboard")
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
            found.append("BUTTON_DATA_INVALID")
        if sum(name in button for name in ("callback_data", "url", "web_app", "login_url")) != 1:
            found.append("a button needs exactly one meaning")
        if "url" in button and "." not in button["url"].split("/")[2]:
            found.append("BUTTON_URL_INVALID")
    return found
