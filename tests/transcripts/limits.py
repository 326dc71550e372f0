"""What each channel's platform takes: every reply of every transcript is shown on all of them, and none may object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser

from channels.telegram.showing import calls
from channels.web.rendering import Bubble, Renderer
from channels.wecom.bot.showing import bodies
from channels.wecom.bot.showing import literal as plainly
from channels.wecom.cards import action_of
from channels.wecom.showing import Manner, Message, messages
from channels.wecom.words import literal
from handlers.messages import QuestionCard, Reply, answer_action
from handlers.words import words
from tests.fakes.botapi.markup import parse
from tests.fakes.botapi.spec import problems
from tests.fakes.wecom.advising import advice
from tests.fakes.wecom.cards import APP, BOT, groups, pressable, refusal

SAYS, LABEL, FILE = 64, 60, 20 * 1024 * 1024
"""Bytes that pressing a button may say; characters of a label that a phone shows whole; bytes of a file on its way out."""


def check(reply: Reply, language: str, at: datetime) -> None:
    """Fails with the channel's objection to a reply."""
    house(reply)
    for presenter in PRESENTERS.values():
        presenter(reply, language, at)


def house(reply: Reply) -> None:
    """What `handlers.messages` promises every channel."""
    assert reply.text.strip() or reply.card or reply.article or reply.files, f"nothing to show: {reply}"
    assert "{" not in reply.text, f"a placeholder was left open: {reply.text}"
    for each in reply.choices:
        assert each.label.strip(), each
        assert each.says.strip(), each
        assert len(each.says.encode()) <= SAYS, f"{each.says!r} is over {SAYS} bytes"
        assert len(each.label) <= LABEL, f"{each.label!r} is over {LABEL} characters"
    says = [each.says for each in reply.choices]
    assert len(says) == len(set(says)), f"two buttons say the same: {says}"
    assert all(len(file.content) <= FILE and file.name for file in reply.files)


# Telegram: the Bot API's own description where it is at hand, else the fake's list of musts. -----------------------------


def telegram(reply: Reply, language: str, at: datetime) -> None:
    for origin in (None, "1"):
        sent = calls(reply, origin)
        assert sent, "no message would be sent"
        pressed: list[str] = []
        for call in sent:
            uploaded = {call.method.removeprefix("send").lower()} if call.file else set()
            assert not problems(call.method, {"chat_id": "7", **call.arguments}, uploaded)
            if "text" in call.arguments:
                text, entities = parse(call.arguments["text"])
                assert 1 <= len(text.encode("utf-16-le")) // 2 <= 4096
                assert len(entities) <= 100
            rows = call.arguments.get("reply_markup", {}).get("inline_keyboard", [])
            pressed += [button["callback_data"] for row in rows for button in row if "callback_data" in button]
        lost = {each.says for each in reply.choices} - set(pressed)
        assert not lost, f"no button on Telegram: {lost}"


# The web: a strict reading of the fragment, since a browser forgives everything. ------------------------------------------


def web(reply: Reply, language: str, at: datetime) -> None:
    renderer = Renderer(words, zone="Asia/Shanghai", now=lambda: datetime.now(UTC), fresh=lambda: "key")
    for opened in (True, False):
        found = _Fragment()
        found.feed(renderer.bubbles(language, [Bubble("m1", at.isoformat(), reply, open=opened)]))
        found.close()
        assert not found.stack, f"never closed: {found.stack}"
        said = "".join(found.text)
        assert reply.text in said
        missing = {each.says for each in reply.choices} - found.values
        assert not missing, f"no button on the web: {missing}"
        assert all(each.label in said for each in reply.choices)
        if reply.card:
            assert all(part in said for part in (reply.card.heading, reply.card.stem, *reply.card.options))
            assert not opened or _answers(reply.card) <= found.values


def _answers(card: QuestionCard) -> set[str]:
    letters = "ABCDEFGHIJ"[: len(card.options)]
    return {letter if card.multiple else answer_action(card.token, letter) for letter in letters}


class _Fragment(HTMLParser):
    """Every tag is one of ours, closed in order; its text and its values are kept."""

    VOID = frozenset({"input", "img", "br", "hr"})
    KNOWN = VOID | {
        "div", "p", "span", "time", "form", "fieldset", "legend", "label", "button", "a", "h2", "h3", "h4", "h5", "h6", "ul", "ol",
        "li", "strong", "em", "code", "pre", "blockquote", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.text: list[str] = []
        self.values: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.KNOWN, f"<{tag}> is not in our templates: unescaped text?"
        assert not any(name.startswith("on") for name, _ in attrs), attrs
        self.values |= {value for name, value in attrs if name == "value" and value}
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


# WeCom's app: its card validator, and everything said in full, with cards and without. ------------------------------------


def wecom(reply: Reply, language: str, at: datetime) -> None:
    for with_cards in (True, False):
        found = messages([reply], lambda number: f"task-{number}", Manner("https://xuefa.example", with_cards))
        assert found, "no message would be sent"
        said, pressed = "".join("".join(map(_said, found)).split()), set().union(*map(_pressed, found))
        wanted = {each.says for each in reply.choices}
        if reply.card and with_cards:
            wanted |= {answer_action(reply.card.token, letter) for letter in "ABCDEFGHIJ"[: len(reply.card.options)]}
        lost = {each for each in wanted if each not in pressed and (with_cards or "".join(each.split()) not in said)}
        assert not lost, f"no button on WeCom, and nothing to type: {lost}"
        shown = [reply.text, *(each.label for each in reply.choices)]
        shown += [reply.card.heading, reply.card.stem, *reply.card.options] if reply.card else []
        missing = [each for each in shown if "".join(literal(each).split()) not in said]
        assert not missing, f"not shown in full on WeCom: {missing}"


def _said(message: Message) -> str:
    """What a message says in full: of a card its title, text and buttons, whose lengths are checked on the way."""
    if message.kind != "template_card":
        text = str(message.body.get("content", ""))
        assert message.file or 1 <= len(text.encode()) <= 2048
        return text
    card = message.body
    objections = [*filter(None, [refusal(card)]), *advice(card, APP)]
    assert not objections, objections
    labels = "".join(label for label, _ in pressable(card))
    return f"{card['main_title']['title']}{card.get('sub_title_text', '')}{labels}"


def _pressed(message: Message) -> set[str]:
    """Everything that pressing its card can say: of a vote each letter alone."""
    card = message.body if message.kind == "template_card" else {}
    letters = [option["id"] for _, options, _, _ in groups(card) for option in options]
    return {action_of(key, [letter]) for _, key in pressable(card) for letter in letters or [""]} if card else set()


# WeCom's bot: the same by its own measures. --------------------------------------------------------------------------------


def wecom_bot(reply: Reply, language: str, at: datetime) -> None:
    found = bodies(reply, "task")
    assert found, "no message would be sent"
    said, pressed = "", set()
    for body in found:
        if body.card is not None:
            objections = [*filter(None, [refusal(body.card, BOT)]), *advice(body.card, BOT)]
            assert not objections, objections
            said += f"{body.card['main_title']['title']}{body.card.get('sub_title_text', '')}"
            said += "".join(label for label, _ in pressable(body.card))
            letters = [option["id"] for _, options, _, _ in groups(body.card) for option in options]
            pressed |= {action_of(key, [letter]) for _, key in pressable(body.card) for letter in letters or [""]}
        else:
            assert body.file or 1 <= len(body.markdown.encode()) <= 20480
            said += body.markdown
    wanted = {each.says for each in reply.choices}
    if reply.card:
        wanted |= {answer_action(reply.card.token, letter) for letter in "ABCDEFGHIJ"[: len(reply.card.options)]}
    assert wanted <= pressed, f"no button in the bot's chat: {wanted - pressed}"
    shown = [*reply.text.splitlines(), *(each.label for each in reply.choices)]
    shown += [reply.card.stem, *reply.card.options] if reply.card else []
    plain = "".join(said.split())
    missing = [each for each in shown if "".join(plainly(each).split()) not in plain]
    assert not missing, f"not shown in full by the bot: {missing}"


PRESENTERS: Mapping[str, Callable[[Reply, str, datetime], None]] = {
    "telegram": telegram,
    "web": web,
    "wecom": wecom,
    "wecom_bot": wecom_bot,
}
