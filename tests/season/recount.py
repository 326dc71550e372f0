"""The recount: every figure of a round again from the raw rows, by rules written here a second time and by nothing of the program."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path


@dataclass
class Counted:
    """One bureau: 应考, 实考, 合格, 优秀, 免考."""

    due: int = 0
    sat: int = 0
    passed: int = 0
    excellent: int = 0
    exempt: int = 0

    def add(self, other: Counted) -> None:
        for name in ("due", "sat", "passed", "excellent", "exempt"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Person:
    """What one person reached in one round."""

    due: bool
    exempt: bool
    sat: bool = False
    score: int = 0
    scores: list[int] = field(default_factory=list)


class Recount:
    """Reads a season's database read-only, with plain SQL."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.db.row_factory = sqlite3.Row

    def close(self) -> None:
        self.db.close()

    def bureaux(self, round_id: int, later: tuple[int, ...] = ()) -> dict[int, Counted]:
        """By bureau at opening; with make-ups `later`, what they add to people due in the first."""
        rules = json.loads(self._one("SELECT rules FROM round WHERE id = ?", round_id))
        found: dict[int, Counted] = defaultdict(Counted)
        again = [self.people(number) for number in later]
        for person_id, mine in self.people(round_id).items():
            bureau = self._one(
                "SELECT bureau_id FROM enrolment WHERE round_id = ? AND person_id = ?", round_id, person_id
            )
            reached = [mine, *(some[person_id] for some in again if person_id in some)]
            sat = [each.score for each in reached if each.sat]
            lines = [self._rules(number)["pass_line"] for number in (round_id, *later)]
            passed = any(each.sat and each.score >= 100 * line for each, line in zip(reached, lines, strict=False))
            excellent = bool(sat) and max(sat) >= 100 * rules["excellent_line"]
            if mine.due:
                found[bureau].add(Counted(1, bool(sat), passed, excellent, 0))
            elif mine.exempt:
                found[bureau].add(Counted(exempt=1))
        return dict(found)

    def people(self, round_id: int) -> dict[int, Person]:
        """Everybody of a round, from the enrolment's beginning, its changes and the answers."""
        rules = self._rules(round_id)
        found: dict[int, Person] = {}
        for row in self.db.execute("SELECT id, person_id, at_opening FROM enrolment WHERE round_id = ?", (round_id,)):
            scores = self._scores(row["id"], round_id, rules)
            sat = bool(scores)
            state, was_due = ("due", True) if row["at_opening"] else ("never", False)
            for kind in self._changes(row["id"], round_id):
                if kind == "added":
                    state = "due"
                elif kind == "departed" and state != "never":
                    state = "departed"
                elif kind == "exempted" and state == "due":
                    state = "exempt"
                elif kind == "exempt_withdrawn" and state == "exempt":
                    state = "due"
                was_due = was_due or state == "due"
            if was_due and sat:
                state = "due"
            score = (max(scores) if rules["score"] == "best" else scores[-1]) if scores else 0
            found[row["person_id"]] = Person(state == "due", state == "exempt", sat, score, scores)
        return found

    def _changes(self, enrolment_id: int, round_id: int) -> list[str]:
        closed = self._one("SELECT closed_at FROM round WHERE id = ?", round_id)
        rows = list(
            self.db.execute(
                "SELECT kind, at FROM enrolment_change WHERE enrolment_id = ? ORDER BY at, id", (enrolment_id,)
            )
        )
        until = max([closed, *(row["at"] for row in rows if row["kind"] == "corrected")]) if closed else None
        return [row["kind"] for row in rows if until is None or row["at"] <= until]

    def _scores(self, enrolment_id: int, round_id: int, rules: dict) -> list[int]:
        """The score of every sitting that counts as one, in the order they were begun."""
        query = ("SELECT attempt.id, automatic, source, score, slots FROM attempt JOIN paper ON paper.id = attempt.id "
                 "WHERE attempt.enrolment_id = ? AND attempt.state = 'handed_in' ORDER BY started_at, attempt.id")  # fmt: skip
        found = []
        for row in self.db.execute(query, (enrolment_id,)):
            if row["source"] != "本系统":
                found.append(row["score"])
                continue
            given = self._given(row["id"])
            if given or not row["automatic"]:
                found.append(self._score(json.loads(row["slots"]), given, round_id, rules))
        return found

    def _given(self, attempt_id: int) -> dict[int, list[str]]:
        rows = self.db.execute(
            "SELECT slot, answer FROM response WHERE attempt_id = ? ORDER BY slot, serial", (attempt_id,)
        )
        return {row["slot"]: json.loads(row["answer"]) for row in rows}

    def _score(self, slots: list, given: dict[int, list[str]], round_id: int, rules: dict) -> int:
        """All questions weigh the same, unless the rules give points; rulings raise in turn."""
        points = dict(rules["points"])
        keys = [self._key(slot[0]) for slot in slots]
        weights = [Fraction(points[kind]) if points else Fraction(10_000, len(slots)) for kind, _ in keys]
        answer = [set(key) for _, key in keys]

        def total(void: set[int]) -> int:
            return int(
                sum((w for n, w in enumerate(weights) if n in void or set(given.get(n, ())) == answer[n]), Fraction(0))
            )

        void: set[int] = set()
        score = total(void)
        query = "SELECT revision_id, action, answer, keeps FROM ruling WHERE round_id = ? ORDER BY at, id"
        for ruling in self.db.execute(query, (round_id,)):
            for number, slot in enumerate(slots):
                if slot[0] == ruling["revision_id"]:
                    if ruling["action"] == "void":
                        void.add(number)
                    else:
                        void.discard(number)
                        answer[number] = set(json.loads(ruling["answer"]))
            score = max(score, total(void)) if ruling["keeps"] else total(void)
        return score

    def _key(self, revision_id: int) -> tuple[str, list[str]]:
        content = json.loads(self._one("SELECT content FROM revision WHERE id = ?", revision_id))
        return content["kind"], content["answer"]

    def _rules(self, round_id: int) -> dict:
        return json.loads(self._one("SELECT rules FROM round WHERE id = ?", round_id))

    def _one(self, query: str, *values: object):  # type: ignore[no-untyped-def]
        return self.db.execute(query, values).fetchone()[0]
