"""成绩导入: a sheet of scores from paper or a higher platform becomes a draft, every doubt is settled, and a second person is asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from handlers.commands import as_number, choice
from handlers.jobs import Work
from handlers.messages import Choice, File, Reply
from handlers.rounds import outside_words
from handlers.rounds.outside_words import Shown
from handlers.spreadsheets import MEDIA_TYPE
from handlers.turns import Deployment, Turn
from handlers.words import say
from quizzes.batches import BatchState, Source
from quizzes.rounds import Round
from quizzes.score_checks import check
from quizzes.score_sheets import ScoreFile, ScoreRow, read_scores
from quizzes.spans import read_span
from storage import audit, batches, files, jobs, rounds, scorebook
from storage.batches import Batch
from storage.database import Store

SCORES, BATCH = "scores", "batch"
"""What the result of the job that read a table holds: rows that wait for their round, or the batch they became."""
ALL, SKIP = ("全部", "all"), ("略过", "skip")
JOB = "score_problems"
CHOICES = 6


def first_of(store: Store, round_id: int) -> Round | None:
    """The first round of the one that a number means, if scores may be entered for it."""
    try:
        what = rounds.get(store, round_id)
        what = what if what.of_round_id is None else rounds.get(store, what.of_round_id)
    except KeyError:
        return None
    return what if what.state in scorebook.STATES else None


# A table arrives. ------------------------------------------------------------------------------------------------------


def received(work: Work, name: str, table: dict[str, Any]) -> list[Reply]:
    """The worker's part: keep the rows without 身份证号; an entry form says its round itself, for another sheet the officer is asked."""
    sheet = read_scores(table["sheet"], table["rows"])
    kept = outside_words.as_read(work.say, sheet.rows, work.now)
    first = first_of(work.store, sheet.round_id) if sheet.round_id else None
    saved: dict[str, Any] = {"state": "cancelled", SCORES: _content(work.store, work.job.params["file"], name, sheet)}

    def keep(store: Store) -> None:
        by, label = work.job.person_id or 0, work.say("outside.file_read", name=name)
        saved[SCORES]["file"] = files.add(store, label, MEDIA_TYPE, kept, by, work.now)
        if first is not None:
            saved[BATCH] = make(store, first, Source.PAPER, saved[SCORES], by, work.now)
        jobs.save_result(store, work.job.id, saved)
        files.forget(store, work.job.params["file"])

    work.write(keep)
    return again(work, saved)


def _content(store: Store, file_id: int, name: str, sheet: ScoreFile) -> dict[str, Any]:
    return {
        "name": name, "sha": batches.sha_of(store, file_id), "read": [row.to_json() for row in sheet.rows], "dropped": list(sheet.dropped),
        "dated": sheet.dated, "settled": {}, "skipped": {}, "day": None,
    }  # fmt: skip


def make(store: Store, first: Round, source: str, content: dict[str, Any], by: int, now: datetime) -> int:
    """A draft of these rows, or the batch that the same file became before. The rows as read are kept as a sheet, not the file itself."""
    known = batches.with_file(store, first.id, content["sha"])
    if known is not None:
        return known.id
    number = batches.add(store, first.id, source, content["file"], content, by, now)
    details = {"batch": number, "source": source, "rows": len(content["read"]), "sha256": content["sha"]}
    audit.record(store, by, "scores.read", f"round:{first.id}", details, now)
    return number


def again(work: Work, saved: dict[str, Any]) -> list[Reply]:
    """The worker's reply: the draft with all its doubts, or the question which round the scores are for."""
    names = bool(work.job.params["names"])
    if BATCH in saved:
        each = work.write(lambda store: batches.get(store, saved[BATCH]))
        assert isinstance(each, Batch)
        return [draft(work.store, each, work, names=names, sheet=True)]
    return [_which(work, saved[SCORES])]


def _which(work: Work, content: dict[str, Any]) -> Reply:
    lines = [work.say("outside.which", name=content["name"], rows=len(content["read"]))]
    lines += [work.say("outside.dropped", columns="、".join(content["dropped"]))] if content["dropped"] else []
    if not content["dated"]:
        lines.append(work.say("outside.which_day", number=work.job.id))
    buttons: list[Choice] = []
    for what in scorebook.choices(work.store, CHOICES):
        for source in Source:
            label = work.say("outside.which_button", title=what.title[:24], number=what.id, source=outside_words.source(work.language, source))  # fmt: skip
            buttons.append(choice(work.language, "score_round", work.job.id, what.id, source, label=label))
    lines.append(work.say("outside.no_round" if not buttons else "outside.not_roster"))
    return Reply("\n".join(lines), choices=tuple(buttons))


def assign(turn: Turn, store: Store) -> list[Reply]:
    """「成绩归入 <reading> <round> 纸质|上级平台 [date]」: which round and source the scores of an unmarked sheet are, and their day."""
    words = turn.arguments
    content = _waiting(turn, store, words[0]) if words else None
    first = first_of(store, as_number(words[1])) if len(words) > 1 and words[1].isdecimal() else None
    source = outside_words.read_source(words[2]) if len(words) > 2 else None
    if content is None or first is None or source is None:
        return [Reply(turn.say("outside.how_round"), choices=(choice(turn.language, "scores"),))]
    span = read_span(" ".join(words[3:]), turn.house.today(turn.now)) if len(words) > 3 else None
    if len(words) > 3 and span is None:
        return [Reply(turn.say("outside.bad_date", text=" ".join(words[3:])))]
    number = make(store, first, source, content | {"day": span[0].isoformat() if span else None}, turn.me.id, turn.now)
    each = batches.get(store, number)
    assert each is not None
    return [draft(store, each, turn, names=turn.names_allowed)]


def _waiting(turn: Turn, store: Store, word: str) -> dict[str, Any] | None:
    """The rows of a reading that this officer asked for."""
    number = as_number(word) if word.isdecimal() else 0
    try:
        mine = jobs.owner(store, number, "roster") == turn.me.id
        saved = jobs.result_of(store, number)[1] if mine else None
    except KeyError:
        return None
    return saved.get(SCORES) or None if isinstance(saved, dict) else None


# The draft. ------------------------------------------------------------------------------------------------------------


def shown(store: Store, each: Batch, house: Deployment, now: datetime) -> Shown:
    """A draft held against the books as they stand now."""
    first = rounds.get(store, each.round_id)
    book = scorebook.book(store, first, now, house.zone)
    rows = [ScoreRow.from_json(row) for row in each.content["read"]]
    day = date.fromisoformat(each.content["day"]) if each.content.get("day") else None
    settled = {int(row): person_id for row, person_id in each.content["settled"].items()}
    skipped = {int(row): reason for row, reason in each.content["skipped"].items()}
    found = check(rows, book, each.source, day=day, settled=settled, skipped=skipped)
    return Shown(each, first, found, book, rows, skipped)


def draft(
    store: Store, each: Batch, asker: Turn | Work, *, names: bool, sheet: bool = False, before: str = ""
) -> Reply:
    """A batch as its officer sees it: a draft with its doubts and what to press, or how far it has come."""
    language = asker.language
    if each.state is not BatchState.DRAFT:
        said = say(language, f"outside.is_{each.state.value}", batch=each.id, name=each.content["name"])
        return Reply(said, choices=_after(language, each))
    found = shown(store, each, asker.house, asker.now)
    text = outside_words.report(language, found, names=names)
    buttons = _buttons(language, found, names=names)
    attached: tuple[File, ...] = ()
    if sheet and names and found.checked.doubts:
        name = say(language, "outside.file_doubts", batch=each.id)
        attached = (File(name, MEDIA_TYPE, outside_words.doubts_sheet(language, found, asker.now)),)
    return Reply("\n".join(filter(None, [before, text])), choices=buttons, files=attached)


def _after(language: str, each: Batch) -> tuple[Choice, ...]:
    if each.state is BatchState.ENTERED:
        return (choice(language, "cancel_scores", each.id), choice(language, "scan", each.id))
    if each.state is BatchState.APPLIED and not each.undoes:
        return (choice(language, "undo_scores", each.id), choice(language, "figures", each.round_id))
    return (choice(language, "scores"),)


def _buttons(language: str, found: Shown, *, names: bool) -> tuple[Choice, ...]:
    number, doubts = found.batch.id, found.checked.doubts
    buttons: list[Choice] = []
    if doubts and names:
        buttons += outside_words.settling(language, found)
        reason = say(language, "outside.reason_default")
        if len(doubts) > 1:
            label = say(language, "outside.button_skip_all", rows=len(doubts))
            buttons.append(choice(language, "settle_score", number, say(language, "outside.word_all"), say(language, "outside.word_skip"), reason, label=label))  # fmt: skip
        buttons.append(choice(language, "score_problems", number))
    if doubts and not names:
        buttons.append(choice(language, "web_login"))
    if not doubts and found.checked.entries:
        buttons += [choice(language, "submit_scores", number), choice(language, "scan", number)]
    return (*buttons, choice(language, "cancel_scores", number))


def asked(turn: Turn, store: Store, *states: BatchState) -> Batch | Reply:
    """The batch a command names, if it is in one of these states; else what to say."""
    word = turn.arguments[0] if turn.arguments else ""
    each = batches.get(store, as_number(word)) if word.isdecimal() else None
    if each is None:
        return Reply(turn.say("outside.no_such"), choices=(choice(turn.language, "scores"),))
    if states and each.state not in states:
        said = turn.say(f"outside.is_{each.state.value}", batch=each.id, name=each.content["name"])
        return Reply(said, choices=(choice(turn.language, "scores"),))
    return each


def scores(turn: Turn, store: Store) -> list[Reply]:
    """「成绩导入」: how it goes, and the last batches. 「成绩导入 5」: one of them as it stands."""
    if turn.arguments:
        each = asked(turn, store)
        return [each if isinstance(each, Reply) else draft(store, each, turn, names=turn.names_allowed)]
    lines, buttons = [turn.say("outside.how")], [choice(turn.language, "score_form")]
    for each in batches.latest(store, CHOICES):
        lines.append(outside_words.line(turn, store, each))
        buttons.append(choice(turn.language, "scores", each.id, label=turn.say("outside.button_batch", batch=each.id)))
    return [Reply("\n".join(lines), choices=tuple(buttons))]


def settle(turn: Turn, store: Store) -> list[Reply]:
    """「成绩行 <batch> <row> <person>」 chooses whom a row means; 「成绩行 <batch> <row>|全部 略过 <reason>」 leaves rows out."""
    each = asked(turn, store, BatchState.DRAFT)
    if isinstance(each, Reply):
        return [each]
    words = turn.arguments[1:]
    rows = _rows(turn, store, words[0], each) if words else []
    content = {**each.content, "settled": dict(each.content["settled"]), "skipped": dict(each.content["skipped"])}
    if rows and words[1:2] and words[1] in SKIP and len(words) > 2:
        content["skipped"] |= {str(row): " ".join(words[2:]) for row in rows}
    elif len(rows) == 1 and words[1:2] and words[1].isdecimal() and _enrolled(store, each, as_number(words[1])):
        content["settled"][str(rows[0])] = as_number(words[1])
    else:
        return [
            Reply(turn.say("outside.how_settle", batch=each.id), choices=(choice(turn.language, "scores", each.id),))
        ]
    batches.keep(store, each.id, content)
    details = {"rows": rows, "said": words[1:]}
    audit.record(store, turn.me.id, "scores.settle", f"batch:{each.id}", details, turn.now)
    now = batches.get(store, each.id)
    assert now is not None
    return [draft(store, now, turn, names=turn.names_allowed)]


def _rows(turn: Turn, store: Store, word: str, each: Batch) -> list[int]:
    """The rows a word means: one by its number, or all that cannot be entered."""
    if word in ALL:
        return [doubt.row.row for doubt in shown(store, each, turn.house, turn.now).checked.doubts]
    numbers = {row["row"] for row in each.content["read"]}
    return [int(word)] if word.isdecimal() and as_number(word) in numbers else []


def _enrolled(store: Store, each: Batch, person_id: int) -> bool:
    some = scorebook.family(store, rounds.get(store, each.round_id))
    return any(rounds.is_enrolled(store, what.id, person_id) for what in some)


def problems(turn: Turn, store: Store) -> list[Reply]:
    """「成绩问题表 <batch>」: a job that makes a sheet of all rows that cannot be entered, with what to do about each."""
    if not turn.names_allowed:
        return [Reply(turn.say("outside.names_elsewhere"), choices=(choice(turn.language, "web_login"),))]
    each = asked(turn, store, BatchState.DRAFT)
    if isinstance(each, Reply):
        return [each]
    assert turn.account is not None
    jobs.add(store, JOB, {"batch": each.id}, person_id=turn.me.id, account_id=turn.account.id, now=turn.now)
    return [Reply(turn.say("outside.making_sheet"))]


def write_problems(work: Work) -> list[Reply]:
    """The worker of a "score_problems" job: {"batch"}."""
    each = batches.get(work.store, work.job.params["batch"])
    assert each is not None
    found = shown(work.store, each, work.house, work.now)
    content = outside_words.doubts_sheet(work.language, found, work.now)
    file = File(work.say("outside.file_doubts", batch=each.id), MEDIA_TYPE, content)
    return [Reply(work.say("outside.sheet_made", rows=len(found.checked.doubts)), files=(file,))]


def cancel(turn: Turn, store: Store) -> list[Reply]:
    """「撤下成绩 <batch>」: drop a draft, or take one back that waits for its second person; nothing was entered."""
    each = asked(turn, store, BatchState.DRAFT, BatchState.ENTERED)
    if isinstance(each, Reply):
        return [each]
    batches.move(store, each, BatchState.CANCELLED, by=turn.me.id, now=turn.now)
    audit.record(store, turn.me.id, "scores.cancel", f"batch:{each.id}", {}, turn.now)
    return [Reply(turn.say("outside.cancelled", batch=each.id), choices=(choice(turn.language, "scores"),))]
