"""依据: what a question or material stands on, read from how people write it and written one way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from quizzes.numerals import NUMERAL, from_chinese, to_chinese


class CitationKind(StrEnum):
    """依据的种类."""

    LAW = "法律法规"
    PARTY = "党内法规"
    POLICY = "政策文件"
    BOOK = "教材"


class UnclearCitation(ValueError):
    """The text names no basis one could look up. `code` is "cite_unparsable" or "cite_without_law"."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(f"{code}: {text}")


@dataclass(frozen=True, slots=True)
class Citation:
    """`law` is the name of the law, party rule, document or book, without 《》 and without 中华人民共和国. `suffix` is the 之一
    of 「第一百二十条之一」; 0 means none, as for `article`, `paragraph` (款) and `item` (项). `number` is a document's 文号 or
    a book's 版次. `place` is a part that is no article (序言, 第三章, 第二部分)."""

    law: str
    article: int = 0
    suffix: int = 0
    kind: CitationKind = CitationKind.LAW
    paragraph: int = 0
    item: int = 0
    number: str = ""
    place: str = ""

    @property
    def text(self) -> str:
        """The one way it is written: 「行政处罚法 第三十三条」, 「刑法 第一百二十条之一」, 「国办函〔2026〕12号」, 「书名·版次·章」."""
        if self.kind is CitationKind.BOOK:
            return f"{self.law}·{self.number}·{self.place}"
        return " ".join(part for part in (self.law, self.number, self.place or self._article()) if part)

    def _article(self) -> str:
        if not self.article:
            return ""
        written = f"第{to_chinese(self.article)}条"
        written += f"之{to_chinese(self.suffix)}" if self.suffix else ""
        written += f"第{to_chinese(self.paragraph)}款" if self.paragraph else ""
        return written + (f"第{to_chinese(self.item)}项" if self.item else "")


_ARTICLE = re.compile(
    rf"第\s*({NUMERAL})\s*条(?:\s*之\s*({NUMERAL}))?(?:\s*第\s*({NUMERAL})\s*款)?(?:\s*第\s*[(（]?({NUMERAL})[)）]?\s*项)?"
)
_PART = re.compile(rf"序言|第({NUMERAL})[编章](?:\s*第({NUMERAL})节)?|第({NUMERAL})部分")
_NAME = re.compile(r"[0-9A-Za-z\u4e00-\u9fff（）()、，“”‘’—·\- ]{2,80}")
_VERSION = re.compile(r"\s*[（(][^（）()]*(?:年|修[订正])[^（）()]*[）)]$")
# 文号 by GB/T 9704-2012, 7.2.5: the year stands in 〔〕; other brackets are met and put right.
_NUMBER = re.compile(
    r"([\u4e00-\u9fff]{1,16})\s*[〔\[［【﹝(（]\s*(\d{4})\s*[〕\]］】﹞)）]\s*(?:第\s*)?(\d{1,5})\s*号"
)
_BOOK = re.compile(r"《?([^《》·]{2,60})》?\s*·\s*([^·]{0,20}版[^·]{0,10})\s*·\s*(第[^·]{1,40})")
_PARTY = re.compile(r"^(中国共产党|中共|党)|党内|党组|党委|党支部|党员")
_PARTY_WITHOUT_THE_WORD = frozenset(
    {
        "信访工作条例",
        "干部教育培训工作条例",
        "推进领导干部能上能下规定",
        "领导干部报告个人有关事项规定",
        "事业单位领导人员管理规定",
    }
)


@lru_cache(maxsize=8192)
def parse_citation(text: str, law: str = "") -> Citation:
    """The citation that `text` writes; `law` is meant where only an article is named. Raises `UnclearCitation`."""
    text = text.strip().rstrip("。；;")
    if book := _BOOK.fullmatch(text):
        return Citation(book[1].strip(), kind=CitationKind.BOOK, number=book[2].strip(), place=book[3].strip())
    if number := _NUMBER.search(text):
        return _policy(text, number)
    name, article, place = _split(text)
    name = law_name(name) or law_name(law)
    if not article and not place:
        raise UnclearCitation("cite_unparsable", text)
    if not name:
        raise UnclearCitation("cite_without_law", text)
    if not _NAME.fullmatch(name) or _ARTICLE.search(name):
        raise UnclearCitation("cite_unparsable", text)
    party = _PARTY.search(name) or name in _PARTY_WITHOUT_THE_WORD
    return _located(name, article, place, CitationKind.PARTY if party else CitationKind.LAW)


def law_name(written: str) -> str:
    """A law's name as this program knows it: 「行政处罚法」 for 「《中华人民共和国行政处罚法》（2021年修订）」."""
    name = _VERSION.sub("", written.strip()).strip().removeprefix("《").removesuffix("》")
    return _VERSION.sub("", name).removeprefix("中华人民共和国").strip()


def _split(text: str) -> tuple[str, re.Match[str] | None, str]:
    """(name before, article, other place) of a text that must end with the one or the other."""
    for pattern in (_ARTICLE, _PART):
        for found in pattern.finditer(text):
            if found.end() == len(text):
                article = found if pattern is _ARTICLE else None
                return text[: found.start()].strip(), article, "" if article else found.group().replace(" ", "")
    return text, None, ""


def _located(name: str, article: re.Match[str] | None, place: str, kind: CitationKind, number: str = "") -> Citation:
    if article is None:
        return Citation(name, kind=kind, number=number, place=place)
    try:
        at, suffix, paragraph, item = (from_chinese(part) if part else 0 for part in article.groups())
    except ValueError:
        raise UnclearCitation("cite_unparsable", article.group()) from None
    if not at:
        raise UnclearCitation("cite_unparsable", article.group())
    return Citation(name, at, suffix, kind, paragraph, item, number)


def _policy(text: str, number: re.Match[str]) -> Citation:
    title = law_name(text[: number.start()].rstrip().rstrip("（(，,"))
    rest = text[number.end() :].strip().lstrip("）)").strip()
    name, article, place = _split(rest)
    if name and not (article or place):
        place = name
    written = f"{number[1]}〔{number[2]}〕{number[3]}号"
    return _located(title, article, place, CitationKind.POLICY, written)
