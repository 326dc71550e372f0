"""Content files into the store: applying twice changes nothing, and a file that changes under our hands is left for the next look."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handlers.console import content
from storage.tables import bank as bank_
from storage.tables import material, plan, question
from tests.quizzes.content.files import MATERIAL, PLAN, bank, single, write

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "w/banks/a.yaml", bank(single(), single(id="a-2", stem="第二题？")))
    write(tmp_path, "w/plans.yaml", PLAN)
    write(tmp_path, "w/materials/a.md", MATERIAL)
    return tmp_path / "w"


def apply(database, folder):
    def run(work):
        with database.writing() as store:
            return work(store)

    return content.apply(folder, run, NOW)


def number(database, table, *which):
    with database.reading() as store:
        return store.value(select(func.count()).select_from(table).where(*which))


def test_what_was_applied_is_counted(database, folder):
    done = apply(database, folder)
    assert (done.applied.added, done.plans, list(done.problems)) == (2, 1, [])
    assert (number(database, question), number(database, plan), number(database, material)) == (2, 1, 1)


def test_applying_again_changes_nothing(database, folder):
    apply(database, folder)
    done = apply(database, folder)
    assert (done.applied, done.plans) == (content.Applied(), 0)


def test_an_empty_folder_is_no_error(database, tmp_path):
    done = apply(database, tmp_path)
    assert list(done.problems) == []


def test_a_question_that_is_gone_from_its_file_is_asked_no_more_and_stays_in_the_books(database, folder):
    apply(database, folder)
    write(folder, "banks/a.yaml", bank(single()))
    done = apply(database, folder)
    assert done.applied.removed == 1
    assert number(database, question) == 2
    assert number(database, question, question.c.removed_at.is_(None)) == 1


def test_a_file_that_changes_between_check_and_reading_is_not_applied(database, folder, monkeypatch):
    survey = content.read_workspace

    def then_changed(where):
        found = survey(where)
        write(folder, "banks/a.yaml", bank(single(stem="改了？")))
        return found

    monkeypatch.setattr(content, "read_workspace", then_changed)
    with pytest.raises(content.ChangedMeanwhile):
        apply(database, folder)
    assert number(database, question) == 0
    monkeypatch.undo()
    assert apply(database, folder).applied.added == 1


def test_the_stamp_changes_with_a_name_a_size_or_a_time(folder):
    import os

    seen = [content.stamp(folder)]
    write(folder, "banks/b.yaml", bank(single(id="b-1")))
    seen.append(content.stamp(folder))
    write(folder, "banks/b.yaml", bank(single(id="b-12")))
    seen.append(content.stamp(folder))
    os.utime(folder / "plans.yaml", ns=(1, 1))
    seen.append(content.stamp(folder))
    (folder / "banks/b.yaml").unlink()
    seen.append(content.stamp(folder))
    assert len(set(seen)) == 5
    assert content.stamp(folder) == seen[-1]


def test_files_that_are_no_content_do_not_count(folder):
    before = content.stamp(folder)
    write(folder, "xuefa.sqlite3", "x")
    write(folder, "banks/.a.yaml.swp", "x")
    assert content.stamp(folder) == before


# Questions that change their file. -------------------------------------------------------------------------------------


def asked(database):
    """Which question stands in which file, of those that may be drawn."""
    query = select(question.c.key, bank_.c.path).join(bank_, question.c.bank_id == bank_.c.id)
    with database.reading() as store:
        found = store.rows(query.where(question.c.removed_at.is_(None), bank_.c.removed_at.is_(None)))
    return {row.key: row.path.removeprefix("banks/") for row in found}


def other(*questions):
    return bank(*questions).replace("bank: 行政处罚法", "bank: 另一题库")


def test_a_bank_file_may_be_renamed(database, folder):
    apply(database, folder)
    (folder / "banks/a.yaml").rename(folder / "banks/0.yaml")
    assert list(apply(database, folder).problems) == []
    assert asked(database) == {"a-1": "0.yaml", "a-2": "0.yaml"}
    (folder / "banks/0.yaml").rename(folder / "banks/a.yaml")
    assert list(apply(database, folder).problems) == []
    assert asked(database) == {"a-1": "a.yaml", "a-2": "a.yaml"}


@pytest.mark.parametrize("name", ["0.yaml", "b.yaml"])
def test_a_question_may_move_to_another_bank_file(database, folder, name):
    apply(database, folder)
    write(folder, "banks/a.yaml", bank(single()))
    write(folder, f"banks/{name}", other(single(id="a-2", stem="第二题？")))
    assert list(apply(database, folder).problems) == []
    assert asked(database) == {"a-1": "a.yaml", "a-2": name}


def test_a_question_moved_back_is_found_in_its_old_file_again(database, folder):
    apply(database, folder)
    both = (folder / "banks/a.yaml").read_bytes()
    write(folder, "banks/a.yaml", bank(single()))
    write(folder, "banks/0.yaml", other(single(id="a-2", stem="第二题？")))
    apply(database, folder)
    (folder / "banks/0.yaml").unlink()
    write(folder, "banks/a.yaml", both)
    assert list(apply(database, folder).problems) == []
    assert asked(database) == {"a-1": "a.yaml", "a-2": "a.yaml"}


def test_an_id_that_a_broken_file_still_holds_is_a_finding_and_changes_neither(database, folder):
    apply(database, folder)
    write(folder, "banks/0.yaml", other(single(id="a-2", stem="别的题？"), single(id="b-1", stem="第三题？")))
    found = apply(database, folder)
    assert {problem.code for problem in found.problems} == {"duplicate_id"}
    assert {Path(problem.file).name for problem in found.problems} == {"0.yaml", "a.yaml"}
    assert asked(database) == {"a-1": "a.yaml", "a-2": "a.yaml"}
