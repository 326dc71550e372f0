"""推送: an officer says what goes out and to whom, sees what it looks like and how many it reaches, and confirms."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from handlers import interjecting
from handlers.commands import choice
from handlers.messages import File, Reply
from handlers.study import materials as reading
from handlers.study.addressing import Addressees, addressees, described, read_audience
from handlers.turns import Turn
from handlers.unit_words import unit_choice
from handlers.words import LANGUAGES, say
from storage import accounts, audit, files, jobs, materials, people, pushes
from storage.database import Store
from storage.pushes import MATERIAL, NOTICE, Audience

TOPIC = "push"
UNIT_BUTTONS, MATERIAL_BUTTONS, TITLE = 12, 8, 60
_LINK = re.compile(r"(https?://\S+)\s*(.*)", re.DOTALL)
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|$)", re.DOTALL)
_TITLED = re.compile(r"^(?:title:|#\s)\s*(.+)$", re.MULTILINE)
_ARTICLES = (".md", ".markdown", ".txt")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is about to go out: a material by its number, or the text of a notice."""

    material_id: int | None = None
    text: str = ""

    @property
    def kind(self) -> str:
        """As its deliveries are called."""
        return NOTICE if self.material_id is None else MATERIAL


# What. -----------------------------------------------------------------------------------------------------------------


def push(turn: Turn, store: Store) -> list[Reply]:
    """「推送 <资料编号>」, 「推送 通知 …」, 「推送 https://… 标题」; alone it says how."""
    rest = _rest(turn)
    if not rest:
        shown = materials.published(store, MATERIAL_BUTTONS)
        return [
            Reply(
                turn.say("pushing.how"),
                choices=tuple(choice(turn.language, "push", each.key, label=each.title) for each in shown),
            )
        ]
    first, *following = rest.split(None, 1)
    if first.casefold() in {say(language, "pushing.notice") for language in LANGUAGES}:
        return (
            _begin(turn, store, Draft(text=following[0].strip()))
            if following
            else [Reply(turn.say("pushing.notice_empty"))]
        )
    if link := _LINK.fullmatch(rest):
        title = link[2].strip() or link[1]
        return _begin(turn, store, Draft(materials.add_pushed(store, title[:TITLE], turn.now, url=link[1]).id))
    found = materials.get(store, first)
    if found is None:
        return [
            Reply(
                turn.say("pushing.no_material", key=first),
                choices=(choice(turn.language, "materials"), choice(turn.language, "push")),
            )
        ]
    return _begin(turn, store, Draft(found.id))


def dropped(turn: Turn, store: Store) -> list[Reply]:
    """A file dropped in the chat: a .md or .txt becomes an article, anything else goes out as it is; the caption is its title."""
    file = turn.incoming.file
    assert file is not None
    caption = turn.incoming.text.strip()
    words = caption.split(None, 1)
    if words and words[0] == say(turn.language, "commands.push").split("|", maxsplit=1)[0]:
        caption = "".join(words[1:])
    if file.name.lower().endswith(_ARTICLES):
        return _article(turn, store, file, caption)
    number = files.add(store, file.name, file.media_type, file.content, turn.me.id, turn.now)
    title = (caption or file.name)[:TITLE]
    return _begin(turn, store, Draft(materials.add_pushed(store, title, turn.now, file_id=number).id))


def _article(turn: Turn, store: Store, file: File, caption: str) -> list[Reply]:
    text = _decoded(file.content)
    if text is None or not text.strip():
        return [Reply(turn.say("pushing.unreadable"))]
    text = text.replace("\r\n", "\n")
    front = _FRONT.match(text)
    titled = _TITLED.search(front[1] if front else text)
    body = text[front.end() :] if front else re.sub(r"\A\s*#\s.*\n?", "", text, count=1)
    title = caption or (titled[1].strip() if titled else file.name.rpartition(".")[0])
    return _begin(turn, store, Draft(materials.add_pushed(store, title[:TITLE], turn.now, body=body.strip()).id))


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _rest(turn: Turn) -> str:
    """What follows the command, with its line breaks."""
    words = len(turn.said.split()) - len(turn.arguments)
    return turn.said.split(None, words)[words] if turn.arguments else ""


# To whom. --------------------------------------------------------------------------------------------------------------


def _begin(turn: Turn, store: Store, draft: Draft) -> list[Reply]:
    _keep(turn, store, draft, None)
    buttons = [
        choice(turn.language, "push_to", turn.say(f"pushing.{who}"), label=turn.say(f"pushing.{who}"))
        for who in ("everybody", "missing")
    ]
    roots = {each.id for each in people.units(store) if each.parent_id is None}
    bureaux = [each for each in people.units(store) if each.parent_id in roots][:UNIT_BUTTONS]
    buttons += [unit_choice(store, turn.language, "push_to", each) for each in bureaux]
    said = turn.say("pushing.to_whom", title=title_of(store, draft.material_id, draft.text))
    return [Reply(said, choices=(*buttons, choice(turn.language, "cancel")))]


def to_whom(turn: Turn, store: Store) -> list[Reply]:
    """「发给 …」, or what is typed while a push waits for its audience."""
    if turn.rest is None and (answer := interjecting.answered(turn, store)) is not None:
        return answer
    found = _kept(turn, store)
    if found is None:
        return [_no_draft(turn)]
    to = read_audience(turn, store, turn.said if turn.rest is None else turn.rest)
    if isinstance(to, str):
        return [Reply(to, choices=(choice(turn.language, "cancel"),))]
    _keep(turn, store, found[0], to)
    return _preview(turn, store, found[0], to)


def _preview(turn: Turn, store: Store, draft: Draft, to: Audience, first: str = "") -> list[Reply]:
    """As it arrives, then the headcounts and the one button that sends it."""
    reached = addressees(store, draft.kind, to, turn.house, turn.now)
    lines = [*([first] if first else []), _counts(turn, store, to, reached)]
    if reached.over:
        lines.append(turn.say("pushing.over", people=reached.over, most=turn.house.weekly_touches))
    if reached.quiet:
        lines.append(turn.say("pushing.quiet", people=reached.quiet))
    send = len(reached.send)
    lines.append(turn.say("pushing.will" if send else "pushing.nobody", send=send))
    buttons = (
        [choice(turn.language, "confirm_push", send, label=turn.say("pushing.confirm", send=send))] if send else []
    )
    shown = message(store, turn.language, draft.material_id, draft.text)
    return [Reply(shown.text, files=shown.files, links=shown.links),
            Reply("\n".join(lines), choices=(*buttons, choice(turn.language, "cancel")))]  # fmt: skip


def _counts(turn: Turn, store: Store, to: Audience, reached: Addressees) -> str:
    return turn.say("pushing.preview", audience=described(turn, store, to), people=reached.people, reachable=reached.reachable,
                    unbound=reached.unbound, refused=reached.refused)  # fmt: skip


def message(store: Store, language: str, material_id: int | None, text: str) -> Reply:
    """What the people receive."""
    if material_id is None:
        return Reply(say(language, "pushing.notice_text", text=text), choices=(choice(language, "why"),))
    return reading.announced(store, language, materials.by_id(store, material_id))


def title_of(store: Store, material_id: int | None, text: str) -> str:
    """What a push is called: the material's title, or how the notice begins."""
    if material_id is not None:
        return materials.by_id(store, material_id).title
    return text if len(text) <= 20 else text[:19] + "…"


# Confirmed. ------------------------------------------------------------------------------------------------------------


def confirm(turn: Turn, store: Store) -> list[Reply]:
    """「确认推送 186」: send it, if it still reaches as many as were shown."""
    found = _kept(turn, store)
    if found is None or found[1] is None:
        return [_no_draft(turn)]
    draft, to = found[0], found[1]
    reached = addressees(store, draft.kind, to, turn.house, turn.now)
    if turn.arguments[-1:] != [str(len(reached.send))] or not reached.send:
        return _preview(turn, store, draft, to, turn.say("pushing.changed"))
    push_id = pushes.add(store, to, turn.me.id, turn.now, material_id=draft.material_id, text=draft.text, people=reached.people,
                         reachable=reached.reachable)  # fmt: skip
    if draft.material_id is not None and (file_id := materials.by_id(store, draft.material_id).file_id) is not None:
        files.publish(store, file_id)
    account_id = turn.account.id if turn.account else None
    jobs.add(store, "push", {"push_id": push_id}, person_id=turn.me.id, account_id=account_id, now=turn.now)
    details = {"kind": draft.kind, "people": reached.people, "send": len(reached.send), "audience": to.to_json()}
    audit.record(store, turn.me.id, "push.send", f"push:{push_id}", details, turn.now)
    accounts.clear_topic(store, _where(turn))
    return [Reply(turn.say("pushing.started", send=len(reached.send)))]


def _where(turn: Turn) -> str:
    return f"{turn.incoming.account.channel}:{turn.incoming.account.id}"


def _keep(turn: Turn, store: Store, draft: Draft, to: Audience | None) -> None:
    data: dict[str, Any] = {"draft": asdict(draft), "audience": to.to_json() if to else None}
    accounts.set_topic(store, _where(turn), TOPIC, data, turn.now)


def _kept(turn: Turn, store: Store) -> tuple[Draft, Audience | None] | None:
    """The draft that waits on this account, for presses too, which carry no topic."""
    found = accounts.topic_of(store, _where(turn))
    if found is None or found[0] != TOPIC:
        return None
    data = json.loads(found[1])
    return Draft(**data["draft"]), Audience.from_json(data["audience"]) if data["audience"] else None


def _no_draft(turn: Turn) -> Reply:
    return Reply(turn.say("pushing.no_draft"), choices=(choice(turn.language, "push"),))
