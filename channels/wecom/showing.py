"""Replies -> the messages that show them in an app's chat: text first, then the card with its short labels. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any
from urllib.parse import quote

from channels.markdown import blocks
from channels.wecom import cards
from channels.wecom.words import literal, marked, merged, pieces, said, tongue
from handlers.messages import File, Link, QuestionCard, Reply

_PICTURES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff"}
"""Media types that are shown as pictures, and how such a file begins: WeCom looks."""
MOST_PICTURE = 10 * 1024 * 1024
MOST_FILE = 20 * 1024 * 1024
LOGIN = "/wecom/login"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its type, the body under that type's name, the file to upload for it, and the token of the question that its card
    asks ("" for others)."""

    kind: str
    body: dict[str, Any]
    file: File | None = None
    token: str = ""


def words_of_nobody(language: str) -> Mapping[str, str]:
    """No words at all, where nothing of ours is said beside a reply."""
    return {}


@dataclass(frozen=True, slots=True)
class Manner:
    """How this deployment shows things. `site` is the address of our own pages, which open signed in; without `with_cards` everything
    is text, and what would be pressed is typed. With `with_markdown` materials keep their bold words and quotations, but whoever reads
    in WeChat's plugin instead of WeCom does not see them at all. `words` are the deployment's, by language."""

    site: str
    with_cards: bool = True
    with_markdown: bool = False
    words: Callable[[str], Mapping[str, str]] = words_of_nobody

    def door(self, url: str) -> str:
        """An address of ours as one that signs the member in on the way; any other as it is."""
        if not self.site or not (url == self.site or url.startswith(f"{self.site}/")):
            return url
        path = url.removeprefix(self.site) or "/"
        return url if path.startswith("/enter/") else f"{self.site}{LOGIN}?to={quote(path, safe='/')}"


def messages(replies: Sequence[Reply], task: Callable[[int], str], manner: Manner) -> list[Message]:
    """The messages of a turn. `task(n)` is the task_id of the n-th card: the same for the same turn, so that a repetition is known.
    Neighbouring texts are one message where they fit."""
    found: list[Message] = []
    texts: list[str] = []
    numbers = iter(range(1000))

    def text_so_far() -> Iterable[Message]:
        whole = [piece for text in merged(texts) for piece in pieces(text)]
        texts.clear()
        return [Message("text", {"content": piece}) for piece in whole]

    for reply in replies:
        files = [_file(file) for file in reply.files]
        if files:
            found += [*text_so_far(), *files]
        parts = _parts(reply, manner)
        shown = _cards(reply, parts, lambda: task(next(numbers)), manner)
        texts += [text for text in parts if text]
        if reply.article and manner.with_markdown:
            found += [*text_so_far(), *_marked(reply.article)]
        if shown:
            found += [*text_so_far(), *shown]
    return [*found, *text_so_far()]


def _parts(reply: Reply, manner: Manner) -> list[str]:
    """What a reply says, as paragraphs: its text, article, question, links, and choices that no button names in full."""
    found = [literal(reply.text.strip())]
    if reply.article and not manner.with_markdown:
        found.append(literal(said(blocks(reply.article))))
    if reply.card:
        found.append(literal(_question(reply.card)))
    lines = [_link(link, manner) for link in reply.links if not _on_card(link, manner)]
    lines += cards.written_out(reply.choices, cards.APP) if manner.with_cards else _typed(reply)
    found.append("\n".join(lines))
    return found


def _marked(article: str) -> list[Message]:
    return [Message("markdown", {"content": piece}) for piece in pieces(marked(blocks(article)))]


def _question(card: QuestionCard) -> str:
    """Heading, stem and every option in full; two short options are the buttons themselves."""
    options = [f"{letter}. {option}" for letter, option in zip(ascii_uppercase, card.options, strict=False)]
    return "\n".join([line for line in (card.heading, card.stem) if line.strip()] + options)


def _on_card(link: Link, manner: Manner) -> bool:
    return manner.with_cards and cards.opens_from_a_button(link.label, manner.door(link.url), cards.APP)


def _link(link: Link, manner: Manner) -> str:
    label = link.label.replace("<", "＜").replace(">", "＞") or link.url
    return f'<a href="{manner.door(link.url)}">{label}</a>'.replace("\n", " ")


def _typed(reply: Reply) -> list[str]:
    """Without cards: what to type, as on any channel without buttons."""
    return [
        f"· {choice.says}" if choice.label == choice.says else f"· {choice.label} → {choice.says}"
        for choice in reply.choices
    ]


def _cards(reply: Reply, parts: list[str], task: Callable[[], str], manner: Manner) -> list[Message]:
    """The cards below the text. A short text without a question stands on the card itself; then `parts` holds nothing more to say."""
    if not manner.with_cards:
        return []
    found: list[Message] = []
    if reply.card and (card := cards.question(reply.card, task(), cards.APP)):
        found.append(Message("template_card", card, token=reply.card.token))
    links = [(link.label, manner.door(link.url)) for link in reply.links if _on_card(link, manner)]
    if reply.choices or links:
        ours = manner.words(tongue(reply.text or "".join(choice.label for choice in reply.choices)))
        title, text = _titled(reply, parts, ours.get("wecom.choose", "·"))
        some = cards.choices(title, text, reply.choices, task(), cards.APP, links, ours.get("wecom.more", ""))
        found += [Message("template_card", card) for card in some]
    return found


def _titled(reply: Reply, parts: list[str], choose: str) -> tuple[str, str]:
    """Title and text of the card with the choices. What is short stands there alone; longer text, and a question, stay before it."""
    if reply.card or parts != [parts[0], *[""] * (len(parts) - 1)]:
        return choose, ""
    first, _, rest = parts[0].partition("\n")
    if 0 < len(first) <= cards.APP.title and len(rest.strip()) <= cards.APP.text:
        parts.clear()
        return first, rest.strip()
    if not rest and 0 < len(first) <= cards.APP.text:
        parts.clear()
        return choose, first
    return choose, ""


def _file(file: File) -> Message:
    begins = _PICTURES.get(file.media_type)
    picture = begins is not None and file.content.startswith(begins) and len(file.content) <= MOST_PICTURE
    return Message("image" if picture else "file", {}, file)
