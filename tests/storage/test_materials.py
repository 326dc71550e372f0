from __future__ import annotations

from datetime import date, timedelta

from quizzes.materials import Material
from storage import materials
from storage.database import Store
from tests.builders import NOW

ONE = Material("a", "首违不罚", date(2026, 11, 1), ("行政处罚法 第三十三条",), "正文。")


def test_applying_the_same_material_again_changes_nothing(store: Store) -> None:
    assert materials.apply(store, [ONE], NOW) == 1
    assert materials.apply(store, [ONE], NOW + timedelta(days=1)) == 0
    found = materials.get(store, "a")
    assert found is not None
    assert found.at == NOW


def test_an_edited_material_is_newer(store: Store) -> None:
    materials.apply(store, [ONE], NOW)
    edited = Material("a", "首违不罚", date(2026, 11, 2), ONE.cites, "改过的正文。")
    assert materials.apply(store, [edited], NOW + timedelta(days=1)) == 1
    found = materials.get(store, "a")
    assert found is not None
    assert (found.body, found.at) == ("改过的正文。", NOW + timedelta(days=1))


def test_a_material_whose_file_is_gone_is_withdrawn_and_comes_back_with_it(store: Store) -> None:
    materials.apply(store, [ONE], NOW)
    pushed = materials.add_pushed(store, "讲座", NOW, body="正文")
    assert materials.remove_others(store, [], NOW) == 1
    assert materials.get(store, "a") is None
    assert materials.get(store, pushed.key) == pushed
    assert materials.apply(store, [ONE], NOW) == 1
    assert materials.get(store, "a") is not None


def test_pushed_materials_are_numbered_and_not_published(store: Store) -> None:
    first, second = (materials.add_pushed(store, title, NOW) for title in ("一", "二"))
    assert (first.key, second.key, first.published) == ("p.1", "p.2", False)
    assert materials.published(store) == []
