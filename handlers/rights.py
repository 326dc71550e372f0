"""权限: one table, role x scope x action, through which every conversation and every page goes.

A scope says whose data: `own` the person alone, `units` the units the role was granted for (and what is below them), `all` the
district. An action without a line here does not exist: `scope_of` raises KeyError, and a test walks every command and view.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quizzes.people import Role, RoleName

OWN, UNITS, ALL = "own", "units", "all"

_EVERYBODY = {RoleName.CADRE: OWN}
_FIGURES = {
    RoleName.LEADER: UNITS,
    RoleName.AIDE: UNITS,
    RoleName.LIAISON: UNITS,
    RoleName.ADMIN: ALL,
    RoleName.AUDITOR: ALL,
}
_NAMES = {RoleName.LIAISON: UNITS, RoleName.ADMIN: ALL, RoleName.LEADER: UNITS}
_OFFICER = {RoleName.ADMIN: ALL}

RIGHTS: dict[str, dict[RoleName, str]] = {
    "quiz.answer": _EVERYBODY,
    "record.read": _EVERYBODY,
    "record.others": _OFFICER,
    "why.read": _EVERYBODY,
    "material.read": _EVERYBODY,
    "question.report": _EVERYBODY,
    "complaint.write": _EVERYBODY,
    "settings.change": _EVERYBODY,
    "help.read": _EVERYBODY,
    "chat.read": _EVERYBODY,
    "file.read": _EVERYBODY,
    "figures.read": _FIGURES,
    "missing.count": _FIGURES,
    "missing.names": _NAMES,
    "missing.reasons": {RoleName.LIAISON: UNITS, RoleName.ADMIN: ALL},
    "missing.nudge": _OFFICER,
    "missing.call": {RoleName.LIAISON: UNITS, RoleName.ADMIN: ALL},
    "handover.read": _EVERYBODY,
    "roster.import": _OFFICER,
    "roster.read": {RoleName.ADMIN: ALL, RoleName.AUDITOR: ALL},
    "return.print": _NAMES,
    "invitation.make": {RoleName.ADMIN: ALL, RoleName.LIAISON: UNITS},
    "material.push": _OFFICER,
    "round.manage": _OFFICER,
    "request.own": _EVERYBODY,
    "request.unit": {RoleName.LIAISON: UNITS, RoleName.ADMIN: ALL},
    "scores.check": {RoleName.ADMIN: ALL, RoleName.AUDITOR: ALL, RoleName.LIAISON: UNITS},
    "exemption.decide": _OFFICER,
    "enrolment.correct": _OFFICER,
    "footnote.read": {RoleName.ADMIN: ALL, RoleName.AUDITOR: ALL},
    "feedback.read": _OFFICER,
    "delivery.read": {RoleName.ADMIN: ALL, RoleName.AUDITOR: ALL},
    "role.grant": _OFFICER,
    "audit.read": {RoleName.AUDITOR: ALL, RoleName.ADMIN: ALL},
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What an action may touch: everything, the listed units (and below), or only the person. Falsy: nothing."""

    reach: str = ""
    units: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.reach)

    @property
    def everything(self) -> bool:
        """The whole district."""
        return self.reach == ALL


def scope_of(roles: Iterable[Role], action: str) -> Scope:
    """The widest scope the roles give for `action`. A role granted for no particular unit reaches the district.
    Raises KeyError for an action that has no line in the table."""
    line = RIGHTS[action]
    units: set[int] = set()
    own = RoleName.CADRE in line
    for role in roles:
        reach = line.get(role.name)
        if reach == ALL or (reach == UNITS and role.unit_id is None):
            return Scope(ALL)
        if reach == UNITS and role.unit_id is not None:
            units.add(role.unit_id)
    if units:
        return Scope(UNITS, frozenset(units))
    return Scope(OWN) if own else Scope()
