"""Templates and data become files, and what a person wrote is never markup."""

import pytest

from handlers import typesetting
from handlers.people import sheets
from handlers.turns import Deployment

HOUSE = Deployment(secret=b"k" * 32, public_url="https://xuefa.example")


def card(name: str) -> sheets.Card:
    return sheets.Card(name, "住建局", "AbCdEfGhIjKlMnOpQrStUv", "phone")


def test_a_sheet_is_a_pdf_with_each_bureau_on_pages_of_its_own():
    one = sheets.sheet([("住建局", [card("张三")])], HOUSE, "zh", "2026年12月18日")
    two = sheets.sheet([("住建局", [card("张三")]), ("司法局", [card("李四")])], HOUSE, "zh", "2026年12月18日")
    assert one.startswith(b"%PDF-")
    assert (pages(one), pages(two)) == (1, 2)


def pages(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page ")


@pytest.mark.parametrize("name", ["#panic()", "*张*三_", "$x$ \\ @张", '"; #read("/etc/passwd")', "]" * 40])
def test_a_name_is_printed_as_written_whatever_it_holds(name):
    assert sheets.sheet([(name, [card(name)])], HOUSE, "zh", "明天").startswith(b"%PDF-")


def test_with_telegram_a_card_has_a_code_for_each_way_in():
    house = Deployment(secret=b"k" * 32, public_url="https://xuefa.example", telegram="xuefa_bot")
    assert sheets.links(house, "T0") == [
        ("web", "https://xuefa.example/join/T0"),
        ("telegram", "https://t.me/xuefa_bot?start=T0"),
    ]
    assert sheets.sheet([("住建局", [card("张三")])], house, "en", "2026-12-18").startswith(b"%PDF-")


def test_an_unknown_template_is_an_error():
    with pytest.raises(FileNotFoundError):
        typesetting.compile("no_such", {})


def test_many_cards_are_shared_out_over_files_and_none_is_lost():
    groups = [
        ("甲局", [card(f"甲{n}") for n in range(950)]),
        ("乙局", [card(f"乙{n}") for n in range(100)]),
        ("丙局", [card("丙")]),
    ]
    shared = list(sheets.volumes(groups))
    assert [[(name, len(cards)) for name, cards in volume] for volume in shared] == [
        [("甲局", 400)],
        [("甲局", 400)],
        [("甲局", 150), ("乙局", 100), ("丙局", 1)],
    ]
    assert list(sheets.volumes(groups[1:])) == [groups[1:]]
