"""materials/*.md to study materials: YAML front matter between two `---` lines, then Markdown."""

from __future__ import annotations

import re
from pathlib import Path

from quizzes.citations import UnclearCitation, parse_citation
from quizzes.content.bank_shapes import MaterialShape
from quizzes.content.fitting import fit, place_of
from quizzes.content.problems import Mark, Problems, Spot
from quizzes.content.reading import read_node
from quizzes.content.scalars import tidy
from quizzes.content.sources import from_bytes, scan
from quizzes.materials import Material

_FRONT = re.compile(rb"(?:\xef\xbb\xbf)?(---[ \t]*\r?\n.*?\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def read_material(path: Path, problems: Problems) -> Material | None:
    """The material, or None if anything is wrong with it (noted in `problems`)."""
    source = scan(path, problems)
    if source is None:
        return None
    with source.open() as stream:
        content = stream.read()
    front = _FRONT.match(content)
    if front is None:
        problems.add(Spot(), "front_matter_missing")
        return None
    node = read_node(from_bytes(problems.file, front[1]), problems)
    body = tidy(content[front.end() :].decode("utf-8"))
    if not body:
        problems.add(Spot(content[: front.end()].count(b"\n")), "material_empty")
    if node is None:
        return None
    shape, sound = fit(MaterialShape, node, problems)
    cites = _cites(tuple(map(str, sound.get("cites", ()))), node.place, problems)
    if shape is None or problems:
        return None
    return Material(shape.material, shape.title, shape.as_of, cites, body)


def _cites(written: tuple[str, ...], place: Mark, problems: Problems) -> tuple[str, ...]:
    cites = []
    for index, cite in enumerate(written):
        try:
            cites.append(parse_citation(cite).text)
        except UnclearCitation as error:
            problems.add(place_of(place, ("cites", index)), error.code, written=cite)
    return tuple(dict.fromkeys(cites))
