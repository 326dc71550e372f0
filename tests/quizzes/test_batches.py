"""What stands after batches, corrections and undoing."""

from datetime import date

from quizzes.batches import Confirmed, Entry, fingerprint, in_force

DAY = date(2026, 12, 3)


def entry(enrolment_id=1, score=8000, **more):
    return Entry(2, enrolment_id, score, DAY, **more)


def stands(*batches):
    return {key: each.score for key, each in in_force(batches).items()}


def test_a_correction_takes_the_place_of_what_it_replaces():
    assert stands(Confirmed(1, (entry(), entry(2))), Confirmed(2, (entry(score=9000, replaces=1),))) == {
        (1, 2): 9000,
        (2, 1): 8000,
    }


def test_undoing_a_correction_gives_the_earlier_score_back():
    correction = entry(score=9000, replaces=1)
    assert stands(Confirmed(1, (entry(),)), Confirmed(2, (correction,)), Confirmed(3, (correction,), undoes=2)) == {
        (1, 1): 8000
    }


def test_undoing_a_first_entry_leaves_nothing():
    assert stands(Confirmed(1, (entry(), entry(2))), Confirmed(2, (entry(),), undoes=1)) == {(2, 1): 8000}


def test_an_entry_comes_back_from_its_json():
    full = Entry(7, 3, 8650, DAY, "A", 4, 2, 8000)
    assert Entry.from_json(full.to_json()) == full


def test_the_mark_changes_with_everything_a_second_person_is_shown():
    marks = {
        fingerprint(each)
        for each in (
            [entry()],
            [entry(2)],
            [entry(score=8001)],
            [entry(letter="B")],
            [entry(replaces=1, before=7000)],
            [],
        )
    }
    assert len(marks) == 6
    assert fingerprint([entry()]) != fingerprint([entry()], undoes=1)
