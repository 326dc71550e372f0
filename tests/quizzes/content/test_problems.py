"""Findings: sorted, capped, placed."""

from quizzes.content.problems import MOST_PER_FILE, ContentRefused, Problem, Problems, Spot


def test_findings_come_in_the_order_of_their_places_counted_from_one():
    problems = Problems("a.yaml")
    problems.add(Spot(8, 0), "second")
    problems.add(Spot(2, 4), "first", key="stem", line=3)
    assert problems.found() == [Problem("a.yaml", 3, 5, "first"), Problem("a.yaml", 9, 1, "second")]
    assert problems.found()[0].values == {"key": "stem", "line": "3"}


def test_a_hopeless_file_ends_with_how_many_more_there_are():
    problems = Problems("a.yaml")
    for line in range(1000):
        problems.add(Spot(line), "wrong")
    found = problems.found()
    assert len(found) == MOST_PER_FILE + 1
    assert found[-1].code == "more_problems"
    assert found[-1].values == {"count": "800"}


def test_nothing_wrong_is_false():
    assert not Problems("a.yaml")


def test_a_refusal_carries_all_problems_and_names_the_first_places():
    refused = ContentRefused([Problem("a.yaml", 3, 5, "wrong")])
    assert refused.problems == (Problem("a.yaml", 3, 5, "wrong"),)
    assert "a.yaml:3:5: wrong" in str(refused)
