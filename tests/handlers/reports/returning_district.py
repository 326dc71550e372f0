"""A closed exam with a make-up, an exemption and paper scores, for tests of the printed return."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import update

from quizzes.enrolling import Change, ChangeKind
from quizzes.missing import Reason
from storage import changes, tables
from storage.database import Store
from tests.builders import NOW, District, district, enrol, hands_in_paper, make_round, sits

TITLE = "宪法宣传周学法考试"
DAY = date(2026, 12, 1)
__all__ = ["DAY", "NOW", "TITLE", "Reason", "closed", "exempts", "line_of"]


def line_of(store: Store, d: District, name: str) -> int:
    """The number of somebody's line in the round."""
    mine = (tables.enrolment.c.round_id == d.round_id) & (tables.enrolment.c.person_id == d.people[name])
    return int(store.value(tables.enrolment.select().with_only_columns(tables.enrolment.c.id).where(mine)))


def exempts(
    store: Store, d: District, name: str, reason: str = "长期病假", kind: ChangeKind = ChangeKind.EXEMPTED
) -> None:
    """An approved change of somebody's line, yesterday."""
    changes.record(store, line_of(store, d, name), Change(kind, NOW - timedelta(days=1), reason, d.people["王敏"]))


def closed(store: Store) -> District:
    """住建局: 陈芳 excellent, 刘洋 failed and passed the make-up, 张三 on paper, 李四 absent; below it 赵六 exempt and 孙七 absent. 司法局: 王敏
    failed twice, 吴九 passed. 政府办 never came."""
    d = district(store)
    sits(store, d, d.round_id, "陈芳", 9500)
    sits(store, d, d.round_id, "刘洋", 4000)
    hands_in_paper(store, d, d.round_id, "张三", [True, True, True, False])
    store.run(update(tables.attempt).values(source="纸质"))
    sits(store, d, d.round_id, "王敏", 3000)
    sits(store, d, d.round_id, "吴九", 8000)
    exempts(store, d, "赵六")
    again = make_round(store, plan="exam+makeup", title=f"{TITLE}（补考）", state="closed", of=d.round_id)
    for name in ("刘洋", "李四", "王敏"):
        enrol(store, d, again, name)
    sits(store, d, again, "刘洋", 6000)
    sits(store, d, again, "王敏", 5000)
    store.run(update(tables.round_).where(tables.round_.c.id == d.round_id).values(state="closed"))
    return d
