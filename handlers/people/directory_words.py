"""What a directory beside the roster comes to, in words: what can be bound, what would change, what is in doubt, and every line as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any

from handlers.commands import choice
from handlers.messages import Choice, File, Reply
from handlers.people import roster_words
from handlers.people.roster_words import SHOWN, Findings, Line, Say
from handlers.reach import refusals
from handlers.reach.missing import channel_name
from handlers.words import LANGUAGES, say
from quizzes.directory import Compared, Doubt
from quizzes.roster import RosterFile
from storage.rosters import Standing

ALL, LEAVERS = "all", "leavers"
"""Said behind 「确认绑定 N」: those too of whom only the name fits; behind 「确认通讯录 N」: whoever is gone leaves the roster."""


@dataclass(frozen=True)
class Examined:
    """A channel's directory of `listed` people beside the roster as it stands."""

    channel: str
    listed: int
    compared: Compared
    standing: Standing

    @property
    def findings(self) -> Findings:
        """The part that concerns the roster, as the words and the import of a roster file take it."""
        return Findings(RosterFile(self.compared.rows, (), ()), self.compared.diff, self.standing, ())

    @cached_property
    def names(self) -> dict[int, str]:
        """Everybody's name by number."""
        return {who.id: who.name for who in self.standing.people}

    @cached_property
    def units(self) -> dict[int, str]:
        """The name of the unit each person is in now."""
        return roster_words.units_of(self.findings)


def saved(number: int, found: Examined) -> dict[str, Any]:
    """What is kept of a comparison: its report in every language, with names and without, and what a confirmation holds against."""
    compared, diff = found.compared, found.compared.diff
    exact = sum(not each.by_name for each in compared.matches)
    return {
        "state": "ready", "channel": found.channel, "mark": compared.mark, "binding": compared.binding, "roster": compared.roster,
        "pairs": [[each.person_id, each.listed.address, each.by_name] for each in compared.matches],
        "exact": exact, "by_name": len(compared.matches) - exact, "joiners": len(diff.joiners), "transfers": len(diff.transfers),
        "leavers": len(diff.leavers), "bound": False, "applied": False, "files": {},
        "texts": {language: [_text(language, number, found, names=names) for names in (True, False)] for language in LANGUAGES},
    }  # fmt: skip


def doubtful(number: int, channel: str, now: int, before: int) -> dict[str, Any]:
    """The same of a directory that cannot be believed: nothing is proposed."""
    key = "directory.shrunken" if now else "directory.empty"
    texts = {language: [say(language, key, number=number, channel=channel_name(language, channel), now=now, before=before)] * 2 for language in LANGUAGES}  # fmt: skip
    nothing = {"exact": 0, "by_name": 0, "bound": False}
    return {"state": "doubtful", "channel": channel, "now": now, "files": {}, "texts": texts, **nothing}


def report(number: int, kept: dict[str, Any], language: str, *, names: bool, attached: Sequence[File] = ()) -> Reply:
    """The message of a comparison; what was confirmed meanwhile has no button any more."""
    text = kept["texts"].get(language, kept["texts"]["zh"])[0 if names else 1]
    if kept["state"] == "doubtful":
        label = say(language, "directory.believe", n=kept["now"])
        accept = (choice(language, "confirm_directory", number, label=label),) if kept["now"] else ()
        return Reply(text, (*accept, choice(language, "cancel_directory", number)))
    if not names:
        text += "\n" + say(language, "directory.names_elsewhere", number=number)
    elsewhere = () if names else (choice(language, "web_login"),)
    return Reply(text, (*_buttons(number, kept, language), *elsewhere), files=tuple(attached))


def _buttons(number: int, kept: dict[str, Any], language: str) -> tuple[Choice, ...]:
    exact, both = kept["exact"], kept["exact"] + kept["by_name"]
    changes, gone = kept["joiners"] + kept["transfers"], kept["leavers"]
    button = partial(choice, language)
    found = []
    if exact and not kept["bound"]:
        found.append(button("confirm_binding", number, label=say(language, "directory.bind", n=exact)))
    if both > exact and not kept["bound"]:
        found.append(button("confirm_binding", number, ALL, label=say(language, "directory.bind_all", n=both)))
    if changes and not kept["applied"]:
        found.append(button("confirm_directory", number, label=say(language, "directory.apply", n=changes)))
    if gone and not kept["applied"]:
        label = say(language, "directory.apply_leavers", n=changes, gone=gone)
        found.append(button("confirm_directory", number, LEAVERS, label=label))
    return (*found, button("cancel_directory", number)) if found else ()


# The text. -------------------------------------------------------------------------------------------------------------


def _text(language: str, number: int, found: Examined, *, names: bool) -> str:
    """Counts and unit names, and people's names where they may be shown."""
    words, compared, diff = partial(say, language), found.compared, found.compared.diff
    parts = [words("directory.head", number=number, channel=channel_name(language, found.channel), listed=found.listed)]
    exact = [each for each in compared.matches if not each.by_name]
    by_name = [each for each in compared.matches if each.by_name]
    if exact:
        parts.append(words("directory.exact", n=len(exact)))
    parts += _listing(words, "by_name", [_who(words, found, each.person_id) for each in by_name], names=names)
    joiners = [
        words("roster.person", name=each.posts[0].row.name, unit=each.posts[0].row.unit) for each in diff.joiners
    ]
    parts += _listing(words, "joiners", joiners, names=names)
    if diff.transfers:
        parts.append(words("directory.transfers", n=len(diff.transfers)))
    if diff.transfers and names:
        moves = roster_words.moves(words, found.findings)
        parts.append(words("roster.who_moves", names=roster_words.first_of(words, moves)))
    if diff.new_units:
        new = words("roster.comma").join(roster_words.new_units(words, found.findings)[:SHOWN])
        parts.append(words("roster.new_units", n=len(diff.new_units), names=new))
    if compared.gone:
        parts += _listing(words, "gone", [_who(words, found, who) for who, _ in compared.gone], names=names)
        parts += [words("directory.gone_means"), *refusals.helps(language, ["not_visible"])]
    parts += _doubts(words, found) if names else []
    if compared.doubts and not names:
        parts.append(words("directory.doubts", n=len(compared.doubts)))
    if compared.unlisted:
        parts.append(words("directory.unlisted", n=len(compared.unlisted)))
    return "\n".join(parts if compared.says_something else [*parts, words("directory.nothing")])


def _listing(words: Say, key: str, lines: Sequence[str], *, names: bool) -> list[str]:
    """A headcount, and the first names behind it."""
    if not lines:
        return []
    first = words(f"directory.{key}", n=len(lines))
    if not names:
        return [first]
    return [words("directory.with_names", text=first, names=roster_words.first_of(words, lines))]


def _doubts(words: Say, found: Examined) -> list[str]:
    doubts = found.compared.doubts
    if not doubts:
        return []
    lines = [words("directory.doubts", n=len(doubts)), *(_doubt(words, found, each) for each in doubts[:SHOWN])]
    return lines if len(doubts) <= SHOWN else [*lines, words("roster.more", n=len(doubts) - SHOWN)]


def _doubt(words: Say, found: Examined, each: Doubt) -> str:
    """One doubtful line: who it is there, whom it may mean here, and what to do."""
    may_be = words("roster.comma").join(_who(words, found, who) for who in each.people[:SHOWN])
    why = words(f"directory.why_{each.why}", names=may_be)
    return words(
        "directory.doubt", name=each.listed.name or each.listed.address, unit=_path(each.listed.units), why=why
    )


def _path(units: Sequence[str]) -> str:
    return "/".join(units[-2:]) or "—"


def _who(words: Say, found: Examined, person_id: int) -> str:
    return words("roster.person", name=found.names[person_id], unit=found.units.get(person_id, "—"))


# The file. -------------------------------------------------------------------------------------------------------------


def file_name(language: str, day: date) -> str:
    """What the file of a comparison is called."""
    return say(language, "directory.csv_name", day=day.isoformat())


def details(language: str, found: Examined) -> bytes:
    """Every line as CSV for Excel: what, account, name, unit, remark."""
    words: Say = partial(say, language)
    head = tuple(words("directory.csv_head").split("|"))
    return roster_words.as_csv([head, *_csv_people(words, found), *_csv_roster(words, found), *_csv_rest(words, found)])


def _csv_people(words: Say, found: Examined) -> Iterator[Line]:
    names, units = found.names, found.units
    for each in found.compared.matches:
        what = words("directory.csv_by_name" if each.by_name else "directory.csv_exact")
        remark = "/".join(each.listed.units) if each.by_name else ""
        yield what, each.listed.address, names[each.person_id], units.get(each.person_id, ""), remark
    for doubt in found.compared.doubts:
        line, may_be = doubt.listed, words("roster.comma").join(_who(words, found, who) for who in doubt.people)
        why = words(f"directory.why_{doubt.why}", names=may_be)
        yield words("directory.csv_doubt"), line.address, line.name, "/".join(line.units), why


def _csv_roster(words: Say, found: Examined) -> Iterable[Line]:
    diff, listed, names, units = found.compared.diff, found.compared.listed, found.names, found.units
    for joiner in diff.joiners:
        row = joiner.posts[0].row
        yield words("roster.csv_joins"), listed[row.row].address, row.name, row.unit, "/".join(listed[row.row].units)
    for move in diff.transfers:
        row = move.post.row
        yield (
            words("roster.csv_moves"),
            listed[row.row].address,
            names[move.person_id],
            row.unit,
            units.get(move.person_id, ""),
        )


def _csv_rest(words: Say, found: Examined) -> Iterator[Line]:
    names, units = found.names, found.units
    for who, address in found.compared.gone:
        yield words("directory.csv_gone"), address, names[who], units.get(who, ""), ""
    for who in found.compared.unlisted:
        yield words("directory.csv_unlisted"), "", names[who], units.get(who, ""), ""
