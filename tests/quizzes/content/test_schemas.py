"""The editors' schemas and the validation say the same."""

from dataclasses import fields

import pytest

from quizzes import presets
from quizzes.content.bank_shapes import BankShape, CaseHeadShape, CaseShape, HeaderShape, ItemShape, QuestionShape
from quizzes.content.fitting import known_keys
from quizzes.content.paper_shapes import PaperShape
from quizzes.content.plan_shapes import (
    CalendarShape,
    DayShape,
    ListOfDays,
    ListOfPlans,
    PlanShape,
    PlansShape,
    RulesShape,
)
from quizzes.content.rules_shapes import MakeupShape, PointsShape
from quizzes.content.schemas import SHAPES, schema
from quizzes.content.shapes import ItemKind, KindName, PostingName, Weekday
from quizzes.people import PostingKind
from quizzes.questions import Kind
from quizzes.rules import Rules


@pytest.mark.parametrize("name", SHAPES)
def test_the_schema_has_the_keys_that_validation_knows_and_no_others(name):
    described = schema(name)
    assert list(described["properties"]) == known_keys(SHAPES[name], ())
    assert described["additionalProperties"] is False


def test_inner_mappings_agree_too():
    inner = schema("bank")["$defs"] | schema("plans")["$defs"] | schema("calendar")["$defs"]
    for shape in (
        QuestionShape,
        CaseShape,
        ItemShape,
        PlanShape,
        PaperShape,
        RulesShape,
        PointsShape,
        MakeupShape,
        DayShape,
    ):
        assert list(inner[shape.__name__]["properties"]) == known_keys(shape, ())


def test_the_program_reads_in_parts_what_the_schema_describes_whole():
    assert set(BankShape.model_fields) == {*HeaderShape.model_fields, "questions"}
    assert set(CaseShape.model_fields) == set(CaseHeadShape.model_fields)
    assert set(PlansShape.model_fields) == set(ListOfPlans.model_fields)
    assert set(CalendarShape.model_fields) == set(ListOfDays.model_fields)


def test_limits_reach_the_editor():
    question = schema("bank")["$defs"]["QuestionShape"]["properties"]
    assert question["stem"]["maxLength"] == 1000
    assert question["options"]["items"]["maxLength"] == 500
    assert question["difficulty"]["maximum"] == 5
    worth = schema("plans")["$defs"]["PointsShape"]["properties"]["case"]
    assert (worth["maximum"], worth["multipleOf"]) == (100, 0.5)
    assert schema("bank")["$defs"]["CaseShape"]["properties"]["items"]["maxItems"] == 10


def test_the_shapes_name_what_the_domain_names():
    assert set(RulesShape.model_fields) - {"preset"} == {field.name for field in fields(Rules)}
    assert set(KindName.__args__) == set(Kind)
    assert {*ItemKind.__args__, "case"} == set(Kind)
    assert set(PostingName.__args__) == set(PostingKind)
    assert len(Weekday.__args__) == 7
    assert schema("plans")["$defs"]["RulesShape"]["properties"]["preset"]["enum"] == list(presets.names())
