from __future__ import annotations

import re
import struct
from pathlib import Path

import handlers
from handlers.reports import drawing
from handlers.rights import ALL, Scope
from handlers.views.figures import round_figures
from storage import people
from storage.database import Store
from tests.builders import HOUSE, NOW, district, sits


def size(png: bytes) -> tuple[int, int]:
    return struct.unpack(">II", png[16:24])


def test_the_picture_is_as_wide_as_a_phone_for_few_and_for_many_bureaux(store: Store) -> None:
    d = district(store)
    few = drawing.png(round_figures(store, d.round_id, Scope(ALL), NOW), [], "zh", HOUSE)
    for number in range(41):
        people.add_unit(store, f"第{number}局", d.units["城南区"])
    many = drawing.png(round_figures(store, d.round_id, Scope(ALL), NOW), [], "zh", HOUSE)
    assert size(few)[0] == size(many)[0] == 1080
    assert size(many)[1] < 8000, "Telegram refuses pictures whose sides add up to more than 10000"


def test_every_rate_on_the_picture_stands_beside_its_fraction(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三")
    page = drawing.page(round_figures(store, d.round_id, Scope(ALL), NOW), [], "zh", HOUSE)
    assert [(tile["label"], tile["percent"], tile["fraction"]) for tile in page["tiles"]] == [
        ("参考率", "10.00%", "1/10"), ("合格率", "100%", "1/1"), ("应考合格率", "10.00%", "1/10"), ("优秀率", "0.00%", "0/1"),
    ]  # fmt: skip
    assert [(row["name"], row["bars"][0]["fraction"]) for row in page["rows"]] == [
        ("政府办", "0/2"), ("住建局", "1/6"), ("司法局", "0/2"), ("档案馆", "0/0"),
    ]  # fmt: skip
    assert page["footer"].startswith("统计截至 12月4日 10:00。参考率＝实考÷应考")


def test_a_round_for_practice_says_so_on_the_picture(store: Store) -> None:
    d = district(store)
    store.plain("UPDATE round SET counts = 'practice'")
    page = drawing.page(round_figures(store, d.round_id, Scope(ALL), NOW), [], "zh", HOUSE)
    assert "本期为练习，不作为考核依据。" in page["notes"]


def test_no_colour_of_the_picture_is_red() -> None:
    source = (Path(handlers.__file__).parent / "pictures" / "figures.typ").read_text(encoding="utf-8")
    colours = [tuple(bytes.fromhex(found)) for found in re.findall(r'rgb\("#([0-9a-f]{6})"\)', source)]
    assert colours
    assert not any(red > green + 30 and red > blue + 30 for red, green, blue in colours)
    assert "red" not in source.replace("-red", "")
