"""A dropped table: scores go to the score book, everything else is read as a roster; the reply says which it was taken for."""

from __future__ import annotations

from handlers.foreign import Unreadable, parse_in_child
from handlers.jobs import Work
from handlers.messages import Reply
from handlers.people import roster_import
from handlers.rounds import outside
from quizzes.score_sheets import is_score_sheet
from storage import files, jobs


def read(work: Work) -> list[Reply]:
    """The worker of a dropped table. A sheet of scores has a column of names and one of points; a roster has no points."""
    _, saved = jobs.result_of(work.store, work.job.id)
    if saved is not None:
        return outside.again(work, saved) if outside.SCORES in saved else roster_import.read_and_compare(work)
    name, _, content = files.get(work.store, work.job.params["file"])
    try:
        table = parse_in_child("table", name, content)
    except Unreadable as problem:
        work.write(lambda store: files.forget(store, work.job.params["file"]))
        return [Reply(work.say(f"tables.{problem.code}", **problem.values))]
    if is_score_sheet(table["rows"]):
        return outside.received(work, name, table)
    return roster_import.read_and_compare(work)
