"""JSON Schemas for editors, generated from the very shapes that validation reads by."""

from __future__ import annotations

from typing import Any

from quizzes.content.bank_shapes import BankShape, MaterialShape
from quizzes.content.plan_shapes import CalendarShape, PlansShape
from quizzes.content.shapes import Shape

SHAPES: dict[str, type[Shape]] = {
    "bank": BankShape,
    "plans": PlansShape,
    "calendar": CalendarShape,
    "material": MaterialShape,
}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of "bank", "plans", "calendar" or "material" (the front matter)."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **SHAPES[name].model_json_schema()}
