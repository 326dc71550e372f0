"""Small content files for tests, and short ways to read them."""

from pathlib import Path

from quizzes.content.problems import Problem, Problems
from quizzes.content.reading import read_node
from quizzes.content.sources import from_bytes, scan

HEADER = "bank: 行政处罚法\nas_of: 2026-11-01\nlaw: 行政处罚法\nquestions:\n"
SINGLE = """\
  - id: a-1
    kind: single
    stem: 当场改正的，如何处理？
    options: [不予处罚, 从轻处罚, 减轻处罚, 警告]
    answer: A
    explain: 三者具备即不予处罚。
    cites: [第三十三条]
"""
CASE = """\
  - id: c-1
    kind: case
    stem: 城管队员当场开出罚单，当事人已当场改正。
    items:
      - kind: single
        stem: 应当如何处理？
        options: [不予处罚, 从轻处罚, 减轻处罚, 警告]
        answer: A
        explain: 三者具备即不予处罚。
        cites: [第三十三条]
      - kind: judge
        stem: 当事人可以陈述和申辩。
        answer: true
        explain: 陈述、申辩是当事人的权利。
        cites: [第七条]
    difficulty: 4
    tags: [裁量]
"""
PLAN = """\
plans:
  - plan: daily
    title: 每日一题
    opens: {every: workday, at: "09:00"}
    closes: {at: "18:00"}
    paper: {draw: [{kind: single, count: 1}]}
"""
MATERIAL = "---\nmaterial: m-1\ntitle: 题目\nas_of: 2026-11-01\ncites: [行政处罚法 第三十三条]\n---\n正文。\n"


def single(**changes):
    """One question like `SINGLE` with other lines; a change to None drops the line."""
    lines = {
        "id": "a-1",
        "kind": "single",
        "stem": "当场改正的，如何处理？",
        "options": "[不予处罚, 从轻处罚, 减轻处罚, 警告]",
        "answer": "A",
        "explain": "三者具备即不予处罚。",
        "cites": "[第三十三条]",
    } | changes
    written = [f"{key}: {value}" for key, value in lines.items() if value is not None]
    return "  - " + "\n    ".join(written) + "\n"


def bank(*questions):
    """A bank file's text."""
    return HEADER + "".join(questions or (SINGLE,))


def write(folder: Path, name: str, text: str | bytes) -> Path:
    """Writes a file under `folder` and returns its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read_text(text: str | bytes) -> tuple[object, list[Problem]]:
    """(the value that a small YAML text gives, its problems)."""
    problems = Problems("x.yaml")
    node = read_node(from_bytes("x.yaml", text.encode() if isinstance(text, str) else text), problems)
    return (node.value if node else None), problems.found()


def scan_text(folder: Path, text: str | bytes) -> list[Problem]:
    """The problems of the file's bytes alone."""
    problems = Problems("x.yaml")
    scan(write(folder, "x.yaml", text), problems)
    return problems.found()


def places(problems: list[Problem]) -> list[tuple[int, int, str]]:
    """(line, column, code) of each."""
    return [(p.line, p.column, p.code) for p in problems]


def codes(problems: list[Problem]) -> list[str]:
    """The codes alone."""
    return [p.code for p in problems]
