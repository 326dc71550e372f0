"""Everything of a workspace at once."""

from quizzes.content.problems import Problem
from quizzes.content.workspace import check_paths, read_workspace, workspace_files
from tests.quizzes.content.files import MATERIAL, PLAN, bank, codes, single, write


def workspace(folder, **texts):
    files = {
        "banks/a.yaml": bank(),
        "plans.yaml": PLAN,
        "materials/m.md": MATERIAL,
        "calendar.yaml": "days: [{date: 2026-12-31, off: true}]\n",
    }
    for name, text in (files | texts).items():
        write(folder, name, text)
    return folder


def test_a_sound_workspace_is_read_whole(tmp_path):
    found = read_workspace(workspace(tmp_path))
    assert found.problems == ()
    assert [one.header.name for one in found.banks] == ["行政处罚法"]
    assert [one.key for one in found.plans] == ["daily"]
    assert [one.key for one in found.materials] == ["m-1"]
    assert len(found.overlay.days) == 1


def test_an_empty_workspace_is_empty_and_sound(tmp_path):
    found = read_workspace(tmp_path)
    assert (found.banks, found.plans, found.materials, found.problems) == ((), (), (), ())


def test_a_file_with_a_mistake_gives_nothing_and_the_others_are_kept(tmp_path):
    texts = {"banks/b.yaml": bank(single(id="b-1", answer="E")), "calendar.yaml": "days: 1\n", "materials/n.md": "正文"}
    found = read_workspace(workspace(tmp_path, **texts))
    assert [one.path.name for one in found.banks] == ["a.yaml"]
    assert found.overlay.days == {}
    assert len(found.materials) == 1
    assert {p.file.rpartition("/")[2] for p in found.problems} == {"b.yaml", "calendar.yaml", "n.md"}


def test_all_errors_of_all_files_come_at_once_file_by_file(tmp_path):
    texts = {
        "banks/a.yaml": "a: b: c\n",
        "plans.yaml": "plans: 1\n",
        "materials/m.md": "正文",
        "calendar.yaml": "- 1\n",
    }
    problems = check_paths([workspace(tmp_path, **texts)])
    assert codes(problems) == ["yaml_colon", "list_expected", "front_matter_missing", "file_not_mapping"]


def test_a_plan_is_held_against_the_banks(tmp_path):
    problems = check_paths([workspace(tmp_path, **{"plans.yaml": PLAN.replace("count: 1", "count: 2")})])
    assert problems == [Problem(str(tmp_path / "plans.yaml"), 6, 20, "draw_too_many")]


def test_a_plan_is_not_blamed_for_a_broken_bank(tmp_path):
    texts = {"banks/a.yaml": bank(single(answer="E"))}
    assert codes(check_paths([workspace(tmp_path, **texts)])) == ["answer_beyond_options"]


def test_a_workspace_with_plans_and_no_bank_cannot_draw(tmp_path):
    write(tmp_path, "plans.yaml", PLAN)
    assert codes(read_workspace(tmp_path).problems) == ["draw_too_many"]


def test_a_plan_checked_alone_is_not_held_against_banks_nobody_named(tmp_path):
    assert check_paths([write(tmp_path, "plans.yaml", PLAN)]) == []


def test_single_files_and_folders_of_banks_can_be_checked(tmp_path):
    workspace(tmp_path)
    assert check_paths([tmp_path / "banks", tmp_path / "materials" / "m.md", tmp_path / "banks" / "a.yaml"]) == []


def test_what_is_not_there_or_nothing_to_check_is_said(tmp_path):
    note = write(tmp_path, "note.txt", "x")
    assert codes(check_paths([tmp_path / "none", note])) == ["not_found", "nothing_to_check"]


def test_files_are_found_in_the_same_order_everywhere(tmp_path):
    for name in ("b.yaml", "a.yml", "c.yaml", "notes.txt"):
        write(tmp_path, f"banks/{name}", "x")
    assert [path.name for path in workspace_files(tmp_path).banks] == ["a.yml", "b.yaml", "c.yaml"]
