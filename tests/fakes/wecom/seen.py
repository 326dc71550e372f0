"""What tests look at: a message as a member's client shows it now, a call of the journal, and what became of a callback."""

from dataclasses import dataclass, field

from tests.fakes.wecom import cards


@dataclass(frozen=True)
class Sent:
    """A message as one member sees it now. `id` is its msgid ("" for a passive reply). `body` is what stood under its msgtype (the card
    itself), `replaced` the card that took its place for this member; text, buttons and options are those shown now. A `greyed` card
    cannot be pressed; `grey_label` is what its button says then. `buttons` are (text, key or url), `options` (id, text)."""

    id: str
    msgtype: str
    body: dict
    at: float
    task_id: str = ""
    text: str = ""
    buttons: list = field(default_factory=list)
    options: list = field(default_factory=list)
    greyed: bool = False
    replaced: dict | None = None
    file: tuple | None = None
    grey_label: str = ""
    ticked: list = field(default_factory=list)


@dataclass(frozen=True)
class Delivery:
    """What became of a callback: whether it was accepted in the end, after how many tries, the last HTTP status (0: no answer), the
    seconds that the last answer took, and the passive reply's inner XML."""

    accepted: bool
    tries: int
    status: int
    seconds: float
    reply: str | None = None


@dataclass(frozen=True)
class Call:
    """A line of the journal. An upload's body holds its name and size."""

    path: str
    query: dict
    body: object
    answer: object
    at: float
    ip: str


class Message:
    """One send: shared by all its recipients. `greys` and `cards` are what updates made of it, by userid."""

    __slots__ = ("at", "body", "cards", "code", "file", "greys", "id", "kind", "recipients")

    def __init__(self, number, kind, body, at, recipients, file=None):
        self.id, self.kind, self.body, self.at = number, kind, body, at
        self.recipients, self.file = recipients, file
        self.greys, self.cards = {}, {}

    def card(self, userid):
        """The card as this member has it now, or None."""
        return self.cards.get(userid, self.body) if self.kind == "template_card" else None

    def grey(self, userid, label):
        self.greys[userid] = label

    def replace(self, userid, card):
        self.cards[userid] = card
        self.greys.pop(userid, None)
        if "replace_text" in card:
            self.greys[userid] = card["replace_text"]

    def sent(self, userid):
        """The message as this member sees it."""
        card = self.card(userid)
        known = {"id": self.id, "msgtype": self.kind, "body": self.body, "at": self.at, "file": self.file}
        if card is None:
            return Sent(**known, text=_plain_text(self), buttons=_plain_buttons(self))
        options = [(each["id"], each["text"]) for _, some, _, _ in cards.groups(card) for each in some]
        buttons = cards.pressable(card)
        return Sent(
            **known, task_id=card.get("task_id") or self.body.get("task_id", ""), text=card_text(card), buttons=buttons,
            options=options, replaced=self.cards.get(userid), grey_label=self.greys.get(userid, ""),
            greyed=userid in self.greys or (userid in self.cards and not buttons),
            ticked=[each for _, _, some, _ in cards.groups(card) for each in some],
        )  # fmt: skip


def _plain_text(message):
    body = message.body
    if message.kind in ("news", "mpnews"):
        return "\n".join(f"{each.get('title', '')}\n{each.get('description', '')}".strip() for each in body["articles"])
    if message.kind == "textcard":
        return f"{body['title']}\n{body['description']}"
    return body["content"] if "content" in body else message.file[0] if message.file else ""


def _plain_buttons(message):
    if message.kind == "textcard":
        return [(message.body.get("btntxt") or "详情", message.body["url"])]
    if message.kind == "news":
        return [(each["title"], each.get("url", "")) for each in message.body["articles"]]
    return []


def card_text(card):
    """What a card says, line by line, without buttons and options."""
    title, quote, strong = (card.get(name, {}) for name in ("main_title", "quote_area", "emphasis_content"))
    lines = [title.get("title"), title.get("desc"), strong.get("title"), strong.get("desc"), quote.get("title")]
    lines += [quote.get("quote_text"), card.get("sub_title_text")]
    lines += [f"{row['keyname']}：{row.get('value', '')}" for row in card.get("horizontal_content_list", ())]
    lines += [f"{row['title']} {row.get('desc', '')}".strip() for row in card.get("vertical_content_list", ())]
    return "\n".join(filter(None, lines))
