"""打印试卷: A and B papers, their key in a file of its own, a sign-in sheet and a room record, for an exam on paper; plain, without red or seal."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from functools import partial
from typing import Any

from handlers import typesetting
from handlers.commands import choice
from handlers.jobs import Work
from handlers.messages import File, Reply
from handlers.reports import paper_pages
from handlers.rounds import naming
from handlers.turns import Turn
from handlers.unit_words import units_meant
from quizzes.papers import Pool, PoolTooSmall
from quizzes.printing import two_papers
from quizzes.rounds import Round, State
from storage import answers, audit, jobs, people, pools, prints, rounds
from storage.database import Store
from storage.prints import Print

JOB = "print_papers"
PRINTABLE = (State.PLANNED, State.OPENING, State.OPEN, State.CLOSING, State.CLOSED)
ALPHABET = "ACDEFGHJKLMNPQRTUVWXY34679"
"""Letters and digits that are not taken for each other on paper."""
SHOWN = 6


def print_papers(turn: Turn, store: Store) -> list[Reply]:
    """「打印试卷」: which rounds there are. 「打印试卷 12 [单位]」: a job that typesets everything an exam on paper needs."""
    words = turn.arguments
    what = _round(store, words[0]) if words else None
    if what is None:
        return [_which(turn, store)]
    if not turn.names_allowed:
        return [Reply(turn.say("papers.elsewhere"), choices=(choice(turn.language, "web_login"),))]
    units = units_meant(store, " ".join(words[1:])) if words[1:] else []
    if words[1:] and len(units) != 1:
        return [
            Reply(
                turn.say("papers.no_unit", unit=" ".join(words[1:])), choices=(choice(turn.language, "print_papers"),)
            )
        ]
    assert turn.account is not None
    params = {"round": what.id, "unit": units[0].id if units else None}
    jobs.add(store, JOB, params, person_id=turn.me.id, account_id=turn.account.id, now=turn.now)
    return [Reply(turn.say("papers.making", title=what.title))]


def _which(turn: Turn, store: Store) -> Reply:
    found = [each for each in rounds.latest(store, 50, *PRINTABLE) if each.counts == "assessed"][:SHOWN]
    if not found:
        return Reply(turn.say("papers.none"), choices=(choice(turn.language, "rounds"),))
    buttons = [choice(turn.language, "print_papers", each.id, label=turn.say("papers.button", title=each.title[:40], number=each.id)) for each in found]  # fmt: skip
    return Reply(turn.say("papers.which"), choices=tuple(buttons))


def _round(store: Store, word: str) -> Round | None:
    what = naming.named(store, word)
    return what if what is not None and what.state in PRINTABLE else None


# The worker. -----------------------------------------------------------------------------------------------------------


def write(work: Work) -> list[Reply]:
    """The worker of a "print_papers" job: {"round", "unit" (None: all)}. The papers are kept before they are typeset, so that what is
    on paper can always be explained; printed again they are the same."""
    what, unit_id = rounds.get(work.store, work.job.params["round"]), work.job.params["unit"]
    try:
        printed = _kept(work, what)
    except PoolTooSmall as problem:
        short = problem.shortfalls[0]
        return [Reply(work.say("papers.too_small", wanted=short.want.count, found=short.found))]
    within = None if unit_id is None else people.units_below(work.store, [unit_id])
    rows = paper_pages.due(work.store, what, within, work.house)
    unit = people.unit_name(work.store, unit_id)
    title = re.sub(r"[^\w\u4e00-\u9fff-]+", "_", what.title)[:30] + (f"-{unit}" if unit else "")
    files = [*_papers(work, what, printed, title), *_lists(work, what, rows, unit, title)]
    text = work.say("papers.made", title=what.title, codes="、".join(each.code for each in printed), people=len(rows))
    key = File(work.say("papers.file_key", title=title), "application/pdf", _key(work, what, printed))
    return [
        Reply(text, choices=(choice(work.language, "score_form", what.id),), files=tuple(files)),
        Reply(work.say("papers.key_apart"), files=(key,)),
    ]


def _kept(work: Work, what: Round) -> list[Print]:
    known = {each.kind: each for each in prints.of_round(work.store, what.id)}
    draws = [what.draw, *(variant.draw for variant in what.variants)]
    made: list[tuple[int, Any]] = []
    pool = _pool(work.store, what)
    for kind, lines in enumerate(draws):
        if kind not in known and lines:
            made.append((kind, two_papers(pool, lines, what.seed, kind)))

    def keep(store: Store) -> list[Print]:
        for kind, papers in made:
            code = "".join(secrets.choice(ALPHABET) for _ in range(6))
            prints.keep(store, what.id, kind, papers, code, work.job.person_id, work.now)
        found = prints.of_round(store, what.id)
        audit.record(
            store,
            work.job.person_id,
            "papers.print",
            f"round:{what.id}",
            {"codes": [each.code for each in found]},
            work.now,
        )
        return found

    found = work.write(keep)
    assert isinstance(found, list)
    return found


def _pool(store: Store, what: Round) -> Pool:
    """The pool of a round that has opened; of one that has not, what it would draw from now."""
    if what.state is State.PLANNED:
        return pools.would_draw_from(store, what.lines)
    return pools.pool(store, what.id)


def _papers(work: Work, what: Round, printed: Sequence[Print], title: str) -> list[File]:
    files = []
    for each in printed:
        kind = work.say("papers.kind", number=each.kind) if each.kind else ""
        for paper in each.papers:
            data = paper_pages.paper(work, what, each, paper, partial(_question, work.store), kind)
            name = work.say("papers.file_paper", title=title, kind=kind, letter=paper.letter)
            files.append(File(name, "application/pdf", typesetting.compile("paper", data)))
    return files


def _question(store: Store, revision_id: int) -> Any:
    return answers.question(store, revision_id)


def _key(work: Work, what: Round, printed: Sequence[Print]) -> bytes:
    data = paper_pages.key(work, what, printed, partial(_question, work.store))
    return typesetting.compile("paper_key", data)


def _lists(work: Work, what: Round, rows: Sequence[paper_pages.Due], unit: str, title: str) -> list[File]:
    sheet, record = paper_pages.sign_in(work, what, rows), paper_pages.room(work, what, rows, unit)
    return [
        File(work.say("papers.file_sign_in", title=title), "application/pdf", typesetting.compile("sign_in", sheet)),
        File(work.say("papers.file_room", title=title), "application/pdf", typesetting.compile("room_record", record)),
    ]
