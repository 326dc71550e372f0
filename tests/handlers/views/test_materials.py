from __future__ import annotations

from datetime import date

import pytest

from handlers.views import materials as pages
from quizzes.materials import Material
from storage import files, materials, pushes
from storage.database import Store
from storage.pushes import Audience
from tests.builders import NOW, district

PUBLISHED = Material("a", "首违不罚", date(2026, 11, 1), ("行政处罚法 第三十三条",), "正文。")


def test_the_list_and_the_page_are_plain_data(store: Store) -> None:
    d = district(store)
    materials.apply(store, [PUBLISHED], NOW)
    assert pages.newest(store, d.people["张三"]) == [
        {"key": "a", "title": "首违不罚", "at": "2026-12-04T02:00:00+00:00"}
    ]
    assert pages.one(store, "a", d.people["张三"]) == {
        "title": "首违不罚", "body": "正文。", "cites": ["行政处罚法 第三十三条"], "at": "2026-12-04T02:00:00+00:00", "links": [],
    }  # fmt: skip


def test_a_pushed_material_is_there_for_whom_it_was_pushed_to_and_for_nobody_else(store: Store) -> None:
    d = district(store)
    number = files.add(store, "海报.png", "image/png", b"\x89PNG", d.people["王敏"], NOW)
    pushed = materials.add_pushed(store, "海报", NOW, url="https://example.gov.cn", file_id=number)
    pushes.add(
        store, Audience(units=(d.units["住建局"],)), d.people["王敏"], NOW, material_id=pushed.id, people=6, reachable=5
    )
    links = [(link.label, link.url) for link in pages.one(store, pushed.key, d.people["孙七"])["links"]]
    assert links == [("海报", "https://example.gov.cn"), ("海报.png", f"/files/{number}")]
    with pytest.raises(KeyError):
        pages.one(store, pushed.key, d.people["吴九"])
    assert pages.newest(store, d.people["吴九"]) == []
