"""A workspace's content, or any files of it: everything read, everything wrong said at once, also between files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from quizzes.calendar import Overlay
from quizzes.content.banks import Bank, survey_bank
from quizzes.content.draw_checks import check_draws
from quizzes.content.fitting import place_of
from quizzes.content.material_file import read_material
from quizzes.content.overlay_file import read_overlay
from quizzes.content.plan_file import PlacedPlan, read_plans
from quizzes.content.problems import Problem, Problems, Spot
from quizzes.content.question_items import Seen
from quizzes.materials import Material
from quizzes.plans import Plan

PLANS = ("plans.yaml", "plans.yml")
CALENDAR = ("calendar.yaml", "calendar.yml")
_BANK_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Files:
    """The content files of a workspace, or of what was named on the command line, each list sorted."""

    banks: tuple[Path, ...] = ()
    plans: tuple[Path, ...] = ()
    materials: tuple[Path, ...] = ()
    calendars: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Workspace:
    """What is sound in a workspace, and all `problems` of the rest; a file with a problem gives nothing."""

    banks: tuple[Bank, ...]
    plans: tuple[Plan, ...]
    materials: tuple[Material, ...]
    overlay: Overlay
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Reading:
    """One pass over some files."""

    problems: list[Problems] = field(default_factory=list)

    def of(self, path: Path) -> Problems:
        self.problems.append(Problems(str(path)))
        return self.problems[-1]

    def found(self) -> list[Problem]:
        return [problem for one in self.problems for problem in one.found()]


def workspace_files(folder: Path) -> Files:
    """banks/*.yaml, plans.yaml, materials/*.md and calendar.yaml of a workspace; what is missing is simply not there."""
    return Files(
        banks=_in(folder / "banks", _BANK_ENDINGS),
        plans=_named(folder, PLANS),
        materials=_in(folder / "materials", (".md",)),
        calendars=_named(folder, CALENDAR),
    )


def read_workspace(folder: Path) -> Workspace:
    """All content of a workspace. Questions are checked but not kept: `stream_bank(bank.path, ...)` gives them."""
    return _read(workspace_files(folder), draws=True)


def check_paths(paths: Iterable[Path]) -> list[Problem]:
    """All problems of the named files and folders, file by file; plans are held against the banks among them."""
    missing: list[Problem] = []
    files = Files()
    for path in paths:
        more = _classify(path)
        if more == Files():
            missing.append(Problem(str(path), 1, 1, "nothing_to_check" if path.exists() else "not_found"))
        files = _joined(files, more)
    return [*missing, *_read(files, draws=bool(files.banks)).problems]


def _read(files: Files, *, draws: bool) -> Workspace:
    reading, seen = _Reading(), Seen()
    banks = _read_banks(files.banks, reading, seen)
    plans: list[Plan] = []
    for path in files.plans:
        problems = reading.of(path)
        placed = read_plans(path, problems)
        if draws and len(banks) == len(files.banks):  # else the banks themselves are what is to be mended first
            _check_draws(placed, banks, problems)
        plans += [one.plan for one in placed] if not problems else []
    materials = _read_materials(files.materials, reading)
    overlay = Overlay()
    for path in files.calendars:
        problems = reading.of(path)
        read = read_overlay(path, problems)
        overlay = overlay if problems else read
    return Workspace(tuple(banks), tuple(plans), tuple(materials), overlay, tuple(reading.found()))


def _read_banks(paths: Sequence[Path], reading: _Reading, seen: Seen) -> list[Bank]:
    banks: dict[str, Bank] = {}
    for path in paths:
        problems = reading.of(path)
        bank = survey_bank(path, problems, seen)
        if bank and (other := banks.get(bank.header.name)):
            problems.add(Spot(), "duplicate_bank", bank=bank.header.name, other=other.path)
        elif bank:
            banks[bank.header.name] = bank
    return list(banks.values())


def _check_draws(plans: Iterable[PlacedPlan], banks: Sequence[Bank], problems: Problems) -> None:
    for placed in plans:
        for where, code, values in check_draws(placed.plan, banks):
            problems.add(place_of(placed.place, where), code, **values)


def _read_materials(paths: Sequence[Path], reading: _Reading) -> list[Material]:
    materials: dict[str, Material] = {}
    places: dict[str, Path] = {}
    for path in paths:
        problems = reading.of(path)
        material = read_material(path, problems)
        if material and material.key in materials:
            problems.add(Spot(1), "duplicate_material", material=material.key, other=places[material.key])
        elif material:
            materials[material.key] = material
            places[material.key] = path
    return list(materials.values())


def _classify(path: Path) -> Files:
    if path.is_dir():
        files = workspace_files(path)
        if files != Files():
            return files
        inside = sorted(one for one in path.rglob("*") if one.suffix in (*_BANK_ENDINGS, ".md") and one.is_file())
        for one in inside:
            files = _joined(files, _classify(one))
        return files
    if not path.exists():
        return Files()
    if path.name in PLANS:
        return Files(plans=(path,))
    if path.name in CALENDAR:
        return Files(calendars=(path,))
    if path.suffix == ".md":
        return Files(materials=(path,))
    return Files(banks=(path,)) if path.suffix in _BANK_ENDINGS else Files()


def _joined(left: Files, right: Files) -> Files:
    def both(a: tuple[Path, ...], b: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(dict.fromkeys((*a, *b)))

    return Files(
        both(left.banks, right.banks),
        both(left.plans, right.plans),
        both(left.materials, right.materials),
        both(left.calendars, right.calendars),
    )


def _in(folder: Path, endings: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.glob("*") if path.suffix in endings)) if folder.is_dir() else ()


def _named(folder: Path, names: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(folder / name for name in names if (folder / name).exists())
