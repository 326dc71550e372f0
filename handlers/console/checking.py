"""Content files checked for a person: every finding as one line, all at once; and the schemas for editors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from handlers.words import say
from quizzes.content.problems import Problem
from quizzes.content.schemas import schema
from quizzes.content.workspace import check_paths

SCHEMAS = ("bank", "plans", "calendar", "material")


def findings(paths: Sequence[Path], language: str) -> list[dict[str, Any]]:
    """One object per finding: file, line, column, code, and `text`, the line a person reads."""
    return [
        {"file": p.file, "line": p.line, "column": p.column, "code": p.code, "text": sentence(p, language)}
        for p in check_paths(paths)
    ]


def sentence(problem: Problem, language: str) -> str:
    """「file:line:column: what is wrong and what to write instead」."""
    return (
        f"{problem.file}:{problem.line}:{problem.column}: {say(language, f'content.{problem.code}', **problem.values)}"
    )


def write_schemas(folder: Path) -> list[str]:
    """Write the JSON Schemas of the content files into a folder and give their names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for name in SCHEMAS:
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(schema(name), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        names.append(str(path))
    return names
