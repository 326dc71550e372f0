"""From what a person typed or pressed to an answer, and from answers to a score. One reading and one key for all channels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from quizzes.quantities import quantity
from quizzes.questions import LETTERS, Kind, Question
from quizzes.rules import Rules

JUDGE_OPTIONS = ("对", "错")
FULL_MARKS = 10_000
LONGEST = 500
"""Characters of what fills a blank: what is longer is no answer, and would not fit the message that repeats it."""

_SAID = {
    "T": "a t y √ ✓ ✔ ☑ ✅ 对 是 对的 是的 没错 正确 正确的 true yes right correct",
    "F": "b f n x × ✕ ✖ ✗ ✘ ❌ 错 否 不对 不是 错的 错误 错误的 不正确 false no wrong incorrect",
}
_JUDGED = {word: letter for letter, words in _SAID.items() for word in words.split()}
_SEPARATORS = re.compile(r"[\s,、。.;；:/|+&()\[\]【】和与及]+")
_LEAD = re.compile(r"^(?:答案?)?(?:是|为)?[:\s]*(?:我?选择?)?[:\s]*(?=[a-j])")
_LETTERED = re.compile(r"^\(?([a-j])[\s.、,:)]*(.+)$")
_BESIDE_CHINESE = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_MEANT = "%‰-+#&@*"


def shown_options(question: Question, order: Sequence[int]) -> tuple[str, ...]:
    """The options in the order shown, the first being A. A judge question always shows 对 (A), 错 (B); blank has none."""
    if question.kind is Kind.JUDGE:
        return JUDGE_OPTIONS
    return tuple(question.options[index] for index in order)


def shown_answer(question: Question, order: Sequence[int]) -> str:
    """The right answer as this person saw it: "B. 从轻处罚；D. 警告", "A. 对", or the accepted texts "十五 / 15"."""
    if question.kind is Kind.BLANK:
        return " / ".join(question.answer)
    if question.kind is Kind.JUDGE:
        return "A. 对" if question.answer == ("T",) else "B. 错"
    right = [(place, index) for place, index in enumerate(order) if LETTERS[index] in question.answer]
    return "；".join(f"{LETTERS[place]}. {question.options[index]}" for place, index in right)


def read_answer(question: Question, order: Sequence[int], text: str) -> tuple[str, ...] | None:
    """The canonical answer meant by `text`, or None when it is not an answer to this question (ask again, never guess).

    `order[i]` is the index in `question.options` of the option shown as letter i. Letters are those shown; an option's own
    text is understood too. Canonical: letters in order for single and multiple, ("T",) or ("F",), (the text,) for blank."""
    if question.kind is Kind.BLANK:
        plain = _plain(text)
        return (plain,) if len(plain) <= LONGEST and _trimmed(plain) else None
    typed = _plain(text).casefold()
    if question.kind is Kind.JUDGE:
        return _read_judge(typed)
    places = _read_letters(typed, len(order))
    if places is None:
        places = _read_option(question, order, typed)
    if places is None or (question.kind is Kind.SINGLE and len(places) != 1):
        return None
    return tuple(sorted(LETTERS[order[place]] for place in places))


def is_correct(question: Question, given: tuple[str, ...]) -> bool:
    """Whether a canonical answer is right: all letters and no other; for blank, any accepted text, where width, case, spaces,
    punctuation at the ends, the way of writing a number (十五日, 15日) and words that stand behind the blank do not matter."""
    if question.kind is not Kind.BLANK:
        return set(given) == set(question.answer)
    if len(given) != 1:
        return False
    readings = (given[0], *_without_what_follows(question.stem, given[0]))
    return any(_same_text(accepted, reading) for accepted in question.answer for reading in readings)


def passed(score: int, rules: Rules) -> bool:
    """Whether a score in hundredths reaches the pass line. Lines are inclusive: 60分(含)以上."""
    return score >= 100 * rules.pass_line


def excellent(score: int, rules: Rules) -> bool:
    """Whether a score in hundredths reaches the line of 优秀, inclusive: 90分(含)以上."""
    return score >= 100 * rules.excellent_line


def _without_what_follows(stem: str, given: str) -> Iterator[str]:
    """「20日」 typed into 「____日内」 means 「20」: the answer without the words that stand behind the blank anyway."""
    behind = _plain(stem.partition("____")[2].lstrip("_"))
    plain = _trimmed(_plain(given))
    for length in range(1, min(len(behind), len(plain) - 1, 6) + 1):
        if plain.endswith(behind[:length]):
            yield plain[:-length]


def _plain(text: str) -> str:
    """NFKC, one space for any run of blanks, no control or invisible characters (phones send U+200B and U+FE0F)."""
    folded = unicodedata.normalize("NFKC", text)
    shown = "".join(
        " " if character.isspace() else character
        for character in folded
        if character.isspace() or (unicodedata.category(character)[0] != "C" and not "\ufe00" <= character <= "\ufe0f")
    )
    return " ".join(shown.split())


def _trimmed(plain: str) -> str:
    """Without spaces and punctuation at the ends, as compared; signs that carry meaning (50%) stay."""
    start, end = 0, len(plain)
    while start < end and _is_edge(plain[start]):
        start += 1
    while end > start and _is_edge(plain[end - 1]):
        end -= 1
    return plain[start:end]


def _is_edge(character: str) -> bool:
    return character not in _MEANT and unicodedata.category(character)[0] in "PZ"


def _same_text(accepted: str, given: str) -> bool:
    left, right = (_BESIDE_CHINESE.sub("", _trimmed(_plain(text)).casefold()) for text in (accepted, given))
    if left == right:
        return bool(left)
    number = quantity(left)
    return number is not None and number == quantity(right)


def _read_judge(typed: str) -> tuple[str, ...] | None:
    letter = _JUDGED.get(_trimmed(typed))
    return (letter,) if letter else None


def _read_letters(typed: str, shown: int) -> tuple[int, ...] | None:
    """Places of the letters typed ("a", "A、C", "a c", "选ABD。"), or None; a letter typed twice is a slip, not an answer."""
    letters = _SEPARATORS.sub("", _LEAD.sub("", typed)).upper()
    places = tuple(LETTERS.find(letter) for letter in letters)
    if not places or len(set(places)) != len(places) or not all(0 <= place < shown for place in places):
        return None
    return places


def _read_option(question: Question, order: Sequence[int], typed: str) -> tuple[int, ...] | None:
    """The place of the one option whose text was typed, alone or behind its letter ("B 从轻处罚")."""
    texts = [_trimmed(_plain(question.options[index]).casefold()) for index in order]
    named = [place for place, text in enumerate(texts) if text and text == _trimmed(typed)]
    if len(named) == 1:
        return (named[0],)
    match = _LETTERED.match(typed)
    place = LETTERS.find(match[1].upper()) if match else len(texts)
    if match and place < len(texts) and texts[place] and texts[place] == _trimmed(match[2]):
        return (place,)
    return None
