"""The editors' schemas and the validation say the same."""

from dataclasses import fields

import pytest

from quizzes.content.bank_shapes import BankShape, HeaderShape, QuestionShape
from quizzes.content.fitting import known_keys
from quizzes.content.plan_shapes import (
    CalendarShape,
    DayShape,
    ListOfDays,
    ListOfPlans,
    PlanShape,
    PlansShape,
    RulesShape,
)
from quizzes.content.schemas import SHAPES, schema
from quizzes.content.shapes import KindName, PostingName, Weekday
from quizzes.people import PostingKind
from quizzes.questions import Kind
from quizzes.rules import PRESETS, Rules


@pytest.mark.parametrize("name", SHAPES)
def test_the_schema_has_the_keys_that_validation_knows_and_no_others(name):
    described = schema(name)
    assert list(described["properties"]) == known_keys(SHAPES[name], ())
    assert described["additionalProperties"] is False


def test_inner_mappings_agree_too():
    inner = schema("bank")["$defs"] | schema("plans")["$defs"] | schema("calendar")["$defs"]
    for shape in (QuestionShape, PlanShape, RulesShape, DayShape):
        assert list(inner[shape.__name__]["properties"]) == list(shape.model_fields)


def test_the_program_reads_in_parts_what_the_schema_describes_whole():
    assert set(BankShape.model_fields) == {*HeaderShape.model_fields, "questions"}
    assert set(PlansShape.model_fields) == set(ListOfPlans.model_fields)
    assert set(CalendarShape.model_fields) == set(ListOfDays.model_fields)


def test_limits_reach_the_editor():
    question = schema("bank")["$defs"]["QuestionShape"]["properties"]
    assert question["stem"]["maxLength"] == 1000
    assert question["options"]["items"]["maxLength"] == 500
    assert question["difficulty"]["maximum"] == 5


def test_the_shapes_name_what_the_domain_names():
    assert set(RulesShape.model_fields) - {"preset"} == {field.name for field in fields(Rules)}
    assert set(KindName.__args__) == set(Kind)
    assert set(PostingName.__args__) == set(PostingKind)
    assert len(Weekday.__args__) == 7
    assert schema("plans")["$defs"]["RulesShape"]["properties"]["preset"]["enum"] == list(PRESETS)
