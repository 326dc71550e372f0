"""What single cells of a roster mean: names, numbers, phones, dates, kinds, as people really fill them in."""

from __future__ import annotations

import calendar
import math
import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache

from quizzes.people import PostingKind

Cell = str | int | float | date | None

CATEGORIES = {
    "公务员": ("公务员", "行政", "行政编制", "公务员编制"),
    "参公": ("参公", "参公人员", "参照公务员法管理", "参照公务员法管理人员", "参公管理", "参公编制"),
    "事业": ("事业", "事业编", "事业编制", "事业人员", "事业单位人员", "事业干部"),
    "工勤": ("工勤", "工勤人员", "机关工勤", "工人"),
    "聘用": ("聘用", "聘用人员", "合同制", "合同工", "编外", "编外人员", "临聘", "临聘人员"),
    "返聘": ("返聘", "返聘人员", "退休返聘"),
}
_CATEGORY = {word: category for category, words in CATEGORIES.items() for word in words}
_KINDS = {
    PostingKind.STAFF: ("编制", "在编", "正式", "在职在编", "行政编制", "事业编制", "在职", "本单位"),
    PostingKind.SECONDED: ("借调", "借用", "抽调", "借调人员", "跟班学习"),
    PostingKind.TEMPORARY: ("挂职", "挂职锻炼", "挂职干部"),
    PostingKind.VILLAGE: ("驻村", "驻村工作队", "驻村干部", "第一书记"),
    PostingKind.DISPATCHED: ("派遣", "劳务派遣", "派遣人员"),
}
_KIND = {word: kind for kind, words in _KINDS.items() for word in words}
_YES = frozenset(["是", "有", "√", "✓", "✔", "对", "y", "yes", "true", "1", "持证", "班子成员", "执法人员"])
_NO = frozenset(["否", "没有", "×", "✗", "x", "n", "no", "false", "0", "非", "不是", "未持证"])
_BLANK = frozenset(["-", "--", "—", "——", "/", "无", "暂无", "n/a", "#n/a", "#ref!", "#value!", "null", "none", "nan"])
_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?(1[3-9]\d{9})(?!\d)")
_ID_NUMBER = re.compile(r"\d{17}[\dx]")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?")
_PACKED = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(\d{2})?")
_EXCEL_EPOCH = date(1899, 12, 30)


def plain(cell: Cell) -> str:
    """A cell as one line of text: 13800000000.0 is "13800000000", a date its ISO form, blanks trimmed, None and NaN ""."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    text = str(cell)
    return " ".join((text if text.isprintable() else "".join(map(_visible, text))).split())


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """What two spellings of one thing have in common: NFKC, no case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def filled(cell: Cell) -> str:
    """`plain`, or "" where people write that there is nothing (无, /, —, #N/A)."""
    text = plain(cell)
    return "" if key(text) in _BLANK else text


def is_id_number(cell: Cell) -> bool:
    """Whether a cell holds 18 digits, or 17 and X, like a 公民身份号码. Excel's floats of that size count too."""
    if isinstance(cell, str):
        return len(cell) >= 18 and _ID_NUMBER.fullmatch(key(cell)) is not None
    return isinstance(cell, int | float) and 10**17 <= cell < 10**18


def name(cell: Cell) -> str:
    """A person's name: 「张　三」 is 张三, the dot of 「买买提·艾力」 is one dot; names in Latin letters keep their spaces."""
    text = unicodedata.normalize("NFKC", filled(cell))
    text = re.sub(r"(?<=[^\x00-\x7f])\s*[•・‧∙⋅.·]\s*(?=[^\x00-\x7f])", "·", text)
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", text)


def unit_name(cell: Cell) -> str:
    """A unit's name as written, without spaces around Chinese characters."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", filled(cell))


def staff_no(cell: Cell) -> str:
    """工号 as written, without spaces, half-width."""
    return "".join(unicodedata.normalize("NFKC", filled(cell)).split())


def staff_key(number: str) -> str:
    """For matching: Excel turns 0012 into 12, and case is chance."""
    folded = number.casefold()
    return folded.lstrip("0") or folded if folded.isdigit() else folded


def phone(cell: Cell) -> str:
    """The digits of the one mobile number in a cell, or "". Raises ValueError when something else, or two, stand there."""
    text = unicodedata.normalize("NFKC", filled(cell))
    found = set(_MOBILE.findall(re.sub(r"(?<=\d)[\s-]+(?=\d)", "", text)))
    if text and len(found) != 1:
        raise ValueError(text)
    return found.pop() if found else ""


def day(cell: Cell, *, end_of_month: bool = False) -> date | None:
    """A date from a date cell, from text (2027-3-1, 2027年3月, 202703) or an Excel serial number. A month alone means its
    first day, or its last with `end_of_month`. None for a blank; ValueError for anything else."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = unicodedata.normalize("NFKC", filled(cell))
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) == 5:
        return _EXCEL_EPOCH + timedelta(days=int(text))
    match = _DATE.fullmatch(text) or _PACKED.fullmatch(text)
    if not match:
        raise ValueError(text)
    year, month = int(match[1]), int(match[2])
    if match[3]:
        return date(year, month, int(match[3]))
    if not 1 <= month <= 12:
        raise ValueError(text)
    return date(year, month, calendar.monthrange(year, month)[1] if end_of_month else 1)


def kind(cell: Cell) -> PostingKind | None:
    """人事关系. None for a blank; ValueError for a word that is none."""
    text = filled(cell)
    if not text:
        return None
    found = _KIND.get(key(text))
    if found is None:
        raise ValueError(text)
    return found


def category(cell: Cell) -> str:
    """人员类别 in the program's word where it is a known one, else as written."""
    text = unit_name(cell)
    return _CATEGORY.get(key(text), text)


def yes(cell: Cell, *, licence: bool = False) -> bool:
    """是 or 否; a blank is 否, since people tick only the ones. With `licence` a number is 是 too (执法证号).
    Raises ValueError for any other word."""
    text = key(plain(cell))
    if text in _YES or (licence and len(text) > 3 and any(character.isdigit() for character in text)):
        return True
    if text in _NO or text in _BLANK or not text:
        return False
    raise ValueError(text)


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character)[0] == "C" else character
