from __future__ import annotations

from datetime import date, timedelta

from handlers.study import materials as reading
from quizzes.materials import Material
from storage import materials
from storage.database import Store
from tests.builders import NOW, district, turn


def article(key: str, title: str, body: str = "正文。") -> Material:
    return Material(key, title, date(2026, 11, 1), ("行政处罚法 第三十三条",), body)


def test_materials_are_listed_newest_first_each_with_a_button_to_read_it(store: Store) -> None:
    d = district(store)
    materials.apply(store, [article("a", "旧的")], NOW - timedelta(days=2))
    materials.apply(store, [article("b", "新的")], NOW)
    [reply] = reading.newest(turn(store, d, "张三", "学习资料"), store)
    assert reply.text == "学习资料，共2份，从新到旧：\n1. 新的（12月4日）\n2. 旧的（12月2日）"
    assert [each.says for each in reply.choices] == ["阅读 b", "阅读 a"]


def test_reading_shows_the_article_with_what_it_stands_on(store: Store) -> None:
    d = district(store)
    materials.apply(store, [article("a", "首违不罚", "**轻微**的，可以不予处罚。")], NOW)
    [reply] = reading.read(turn(store, d, "张三", "阅读 a"), store)
    assert reply.text == "首违不罚"
    assert reply.article == "**轻微**的，可以不予处罚。\n\n依据：行政处罚法 第三十三条\n\n发布：12月4日"


def test_what_is_not_there_is_said(store: Store) -> None:
    d = district(store)
    assert "没有找到" in reading.read(turn(store, d, "张三", "阅读 x"), store)[0].text
    assert "没有找到" in reading.read(turn(store, d, "张三", "阅读"), store)[0].text
    assert reading.newest(turn(store, d, "张三", "学习资料"), store)[0].text == "还没有学习资料。有新资料时会发给您。"


def test_a_long_list_goes_on_on_the_web(store: Store) -> None:
    d = district(store)
    materials.apply(store, [article(f"a{n:02d}", f"第{n}篇") for n in range(14)], NOW)
    [reply] = reading.newest(turn(store, d, "张三", "学习资料"), store)
    assert len(reply.choices) == 10
    assert reply.links[0].url == "https://xuefa.example/materials"


def test_an_excerpt_is_the_first_plain_sentence() -> None:
    assert reading.excerpt("# 标题\n\n**周一**上午") == "周一**上午"
    assert len(reading.excerpt("长" * 200)) == reading.EXCERPT
