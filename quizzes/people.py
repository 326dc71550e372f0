"""Person, Unit, Posting, Account, Role: who is who, where and when (DESIGN §3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class PostingKind(StrEnum):
    """人事关系/工作关系的种类."""

    STAFF = "编制"
    SECONDED = "借调"
    TEMPORARY = "挂职"
    VILLAGE = "驻村"
    DISPATCHED = "派遣"


class RoleName(StrEnum):
    """角色. Everybody on the roster is a cadre; a leader is also a cadre and sits the exams."""

    CADRE = "cadre"
    LIAISON = "liaison"
    ADMIN = "admin"
    LEADER = "leader"
    AIDE = "aide"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Unit:
    """单位: a node of the tree of bureaux; `position` keeps 机构序列. `parent_id` None is the district itself."""

    id: int
    parent_id: int | None
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Person:
    """人员. Known by the program's own number. `phone` is digits only, or empty."""

    id: int
    name: str
    staff_no: str = ""
    phone: str = ""
    category: str = ""
    rank: str = ""
    leadership: bool = False
    enforcement: bool = False
    retires_on: date | None = None
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Posting:
    """A person in a unit, of a kind, from a date to a date (both inclusive; `ends_on` None is open)."""

    id: int
    person_id: int
    unit_id: int
    kind: PostingKind
    starts_on: date
    ends_on: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the posting is in force on `day`."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Account:
    """账号: a person's identity on one channel. `unreachable` is "" or why the platform refuses to deliver."""

    id: int
    person_id: int
    channel: str
    address: str
    bound_at: datetime
    unreachable: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """角色 with its scope: `unit_id` None is the whole district, else that unit and everything below it."""

    name: RoleName
    unit_id: int | None = None
