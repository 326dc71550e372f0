"""合格证书: for an assessed round that has closed and was passed, one certificate with a code that a public page checks."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from handlers import typesetting
from handlers.commands import as_number, choice
from handlers.jobs import Work
from handlers.messages import File, Reply
from handlers.people import sheets
from handlers.sitting.scores import points
from handlers.turns import Deployment, Turn
from handlers.words import say
from quizzes.documents import BITS, code, shown_code
from quizzes.people import Unit
from storage import accounts, documents, jobs, people, records, rounds
from storage.database import Store
from storage.documents import CERTIFICATE, Document
from storage.records import Entry

JOB = "certificate"
LISTED, PPI = 12, 200
WITH_SCORE = ("分数", "score")


def certificate(turn: Turn, store: Store) -> list[Reply]:
    """「证书」, 「证书 12」 (a round), 「证书 12 分数」 (with the score on it)."""
    words = turn.arguments
    numbers = [as_number(word) for word in words if word.isdecimal()]
    passed = [each for each in records.assessed(store, turn.me.id) if earned(each)]
    wanted = [each for each in passed if each.round_id in numbers] if numbers else passed
    if not wanted:
        return [Reply(_why_none(turn, store, numbers), choices=(choice(turn.language, "record"),))]
    if len(wanted) > 1:
        buttons = tuple(choice(turn.language, "certificate", e.round_id, label=e.title[:60]) for e in wanted[:LISTED])
        return [Reply(turn.say("certificate.which"), choices=buttons)]
    return [_make(turn, store, wanted[0], scored=any(word.lower() in WITH_SCORE for word in words))]


def earned(entry: Entry) -> bool:
    """Whether a round gives a certificate: its result is final, and it was passed."""
    return entry.closed and entry.sat and entry.passed


def _why_none(turn: Turn, store: Store, numbers: list[int]) -> str:
    """None yet; or why the round that was named gives none."""
    asked = [each for each in records.assessed(store, turn.me.id) if each.round_id in numbers]
    if not asked:
        return turn.say("certificate.unknown" if numbers else "certificate.none")
    key = "open" if not asked[0].closed else "absent" if not asked[0].sat else "failed"
    return turn.say(f"certificate.{key}", title=asked[0].title)


def _make(turn: Turn, store: Store, entry: Entry, *, scored: bool) -> Reply:
    number = issued(store, turn.me.id, entry, secrets.randbits(BITS), turn, scored=scored)
    account_id = turn.account.id if turn.account else None
    jobs.add(store, JOB, {"document": number}, person_id=turn.me.id, account_id=account_id, now=turn.now)
    buttons = () if scored else (choice(turn.language, "certificate", entry.round_id, turn.say("certificate.score_word"),
                                        label=turn.say("certificate.with_score")),)  # fmt: skip
    return Reply(turn.say("certificate.making", title=entry.title), choices=buttons)


def issued(store: Store, person_id: int, entry: Entry, chance: int, turn: Turn, *, scored: bool) -> int:
    """The certificate of a round: the one given before while it stands, else a new one under the code that `chance` (80 bits) makes."""
    for known in documents.certificates(store, person_id, entry.round_id):
        if ("score" in known.content) == scored and stands(store, known):
            return known.id
    content = _content(store, person_id, entry, scored=scored)
    return documents.issue(
        store, CERTIFICATE, code(chance), entry.round_id, content, person_id, turn.now, person_id=person_id
    )


def _content(store: Store, person_id: int, entry: Entry, *, scored: bool) -> dict[str, Any]:
    """What the certificate says: the name, and the unit as it was at the round."""
    who, what = people.person_of(store, person_id), rounds.get(store, entry.round_id)
    tree = {each.id: each for each in people.units(store)}
    root = next((each.name for each in tree.values() if each.parent_id is None), "")
    said = {"name": who.name if who else "", "unit": whole_name(tree, entry.unit_id), "title": what.title, "notice": what.notice,
            "verdict": _verdict(entry), "opens": what.opens_at.isoformat(), "closes": what.closes_at.isoformat(),
            "issuer": "" if root == people.DISTRICT else root}  # fmt: skip
    return {**said, "score": entry.score} if scored else said


def whole_name(tree: Mapping[int, Unit], unit_id: int) -> str:
    """A unit with the bureau it belongs to: 「住建局质安站」."""
    names: list[str] = []
    at: int | None = unit_id
    while at is not None and at in tree and (tree[at].parent_id is not None or not names):
        names.insert(0, tree[at].name)
        at = tree[at].parent_id
    return "".join(names if len(names) < 3 else [names[0], names[-1]])


def _verdict(entry: Entry) -> str:
    return "excellent" if entry.excellent else "passed"


def stands(store: Store, issued_: Document) -> bool:
    """Whether a certificate still says what the ledger says: looked up now, so that a later correction needs no second step."""
    if issued_.revoked_at is not None or not issued_.whole or issued_.person_id is None:
        return False
    found = records.assessed(store, issued_.person_id, round_id=issued_.round_id)
    if not found or not earned(found[0]):
        return False
    same = _verdict(found[0]) == issued_.content["verdict"]
    return same and issued_.content.get("score", found[0].score) == found[0].score


# Printed. --------------------------------------------------------------------------------------------------------------


def draw(work: Work) -> list[Reply]:
    """The worker of a "certificate" job: {"document"}. A PDF to print and a picture to keep."""
    found = documents.get(work.store, work.job.params["document"])
    language = accounts.language_of(work.store, found.person_id or 0)
    made = page(found, language, work.house)
    title = re.sub(r"[^\w\u4e00-\u9fff-]+", "_", found.content["title"])[:40]
    names = [work.say("certificate.file_name", title=title, kind=kind) for kind in ("pdf", "png")]
    files = (File(names[0], "application/pdf", typesetting.compile("certificate", made)),
             File(names[1], "image/png", typesetting.compile("certificate", made, "png", ppi=PPI)))  # fmt: skip
    said = work.say(
        "certificate.ready",
        title=found.content["title"],
        code=shown_code(found.code),
        url=address(work.house, found.code),
    )
    return [Reply(said, files=files)]


def address(house: Deployment, of: str) -> str:
    """Where a document is checked."""
    return f"{house.public_url}/verify/{of}"


def page(found: Document, language: str, house: Deployment) -> dict[str, Any]:
    """Everything the template prints, in words."""
    said = found.content

    def words(key: str, /, **values: object) -> str:
        return say(language, f"certificate.{key}", **values)

    opens, closes = (house.today(datetime.fromisoformat(said[name])) for name in ("opens", "closes"))
    held = (
        day(language, opens)
        if opens == closes
        else words("span", start=day(language, opens), end=day(language, closes))
    )
    score = words("score", score=points(said["score"])) if "score" in said else ""
    return {
        "lang": language,
        "heading": words("heading"),
        "sub": words("sub"),
        "name": said["name"],
        "unit": said["unit"],
        "took": words("took", title=said["title"]),
        "held": held,
        "result": words(f"result_{said['verdict']}", score=score),
        "notice": words("notice", notice=said["notice"]) if said["notice"] else "",
        "issuer_label": words("issuer"),
        "issuer": said["issuer"],
        "seal": words("seal_place"),
        "date": day(language, house.today(found.issued_at)),
        "code_label": words("code"),
        "code": shown_code(found.code),
        "qr": sheets.code(address(house, found.code)),
        "check": words("check", host=house.public_url.partition("//")[2]),
    }


def day(language: str, on: date) -> str:
    """A date as a document has it."""
    return say(language, "times.full_date", year=on.year, month=on.month, day=on.day)
