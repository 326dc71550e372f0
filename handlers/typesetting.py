"""Turning a template of `handlers/pictures` and plain data into a PDF, PNG or SVG: the one place that speaks Typst.

A template reads its data as `json(bytes(sys.inputs.data))`; what a person wrote is data there, never markup.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

FAMILY = "Noto Sans SC"
"""The family that templates name: the variable Noto Sans SC that comes with the package justmytype-intl-cjk."""

LARGE = 200_000
"""Characters of data from which a document is worth forgetting."""


@cache
def _fonts(folder: str) -> Any:
    """The fonts of the package, of the machine and (if not "") of one more folder. Read once: their files are large."""
    import typst  # noqa: PLC0415

    places = [str(files("justmytype_intl_cjk") / "fonts"), *([folder] if folder else [])]
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=places)


def compile(  # noqa: A001
    template: str,
    data: dict[str, Any],
    format: Literal["pdf", "png", "svg"] = "pdf",  # noqa: A002
    *,
    ppi: float = 144,
    font_folder: str = "",
) -> bytes:
    """Typeset `handlers/pictures/<template>.typ` with `data` (anything JSON can say). A picture in PNG or SVG must fit one page.

    Raises FileNotFoundError for an unknown template; a TypstError means the template is wrong, not the data.
    """
    import typst  # noqa: PLC0415

    source = (files("handlers") / "pictures" / f"{template}.typ").read_bytes()
    # The folder a template may read from: its own. Nothing a template or its data says can name a file outside it.
    root = Path(str(files("handlers") / "pictures"))
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    made = typst.compile(source, root=root, font_paths=_fonts(font_folder), format=format, ppi=ppi, sys_inputs=inputs)
    assert isinstance(made, bytes), f"{template} does not fit one page as {format}"
    if len(inputs["data"]) > LARGE:
        # Typst keeps in memory what its last ten compilations used; after a large one (0.15 MB a card) it is made to let go.
        for _ in range(10):
            typst.compile(b"", font_paths=_fonts(font_folder))
    return made
