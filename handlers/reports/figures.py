"""参考率: a round's figures in words, one line first, then 班子成员 and every bureau in 机构序列; never by rank."""

from __future__ import annotations

from datetime import datetime

from handlers.commands import as_number, choice
from handlers.messages import Choice, Reply
from handlers.reach.arranged import figures_lines
from handlers.reports import outside_notes
from handlers.rights import scope_of
from handlers.turns import Deployment, Turn
from handlers.views.figures import Past, RoundFigures, Row, round_figures
from handlers.views.figures import trend as past_rounds
from handlers.words import say
from quizzes.people import Person
from quizzes.rates import Tally, percent
from storage import accounts, jobs, rounds
from storage import figures as counts
from storage.database import Store
from storage.footnotes import Composition

ROWS_A_MESSAGE = 20


def figures(turn: Turn, store: Store) -> list[Reply]:
    """The figures of a round (by number, else the current one), as far as the asker may see."""
    round_id = asked_round(store, turn.arguments)
    if round_id is None:
        return [_nothing(turn)]
    shown = round_figures(store, round_id, scope_of(turn.roles, "figures.read"), turn.now)
    head = [opening_lines(store, shown, turn.me, turn.house), *_leader_lines(turn.language, shown)]
    blocks = [row_text(turn.language, row) for row in shown.rows]
    parts = [blocks[start : start + ROWS_A_MESSAGE] for start in range(0, len(blocks), ROWS_A_MESSAGE)] or [[]]
    texts = ["\n\n".join(part) for part in parts]
    texts[0] = "\n\n".join([*head, *([texts[0]] if texts[0] else [])])
    texts[-1] += "\n\n" + turn.say("figures.definitions")
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], choices=buttons(turn.language, round_id))]


def picture(turn: Turn, store: Store) -> list[Reply]:
    """Have the figures of a round drawn; the picture arrives as a message of its own."""
    round_id = asked_round(store, turn.arguments)
    if round_id is None:
        return [_nothing(turn)]
    scope = scope_of(turn.roles, "figures.read")
    wanted = {"round_id": round_id, "reach": scope.reach, "units": sorted(scope.units)}
    account_id = turn.account.id if turn.account else None
    jobs.add(store, "figures_picture", wanted, person_id=turn.me.id, account_id=account_id, now=turn.now)
    return [Reply(turn.say("figures.drawing"))]


def trend(turn: Turn, store: Store) -> list[Reply]:
    """The last closed rounds of the kind of the current one, as a table in text."""
    current = counts.default_round(store)
    past = past_rounds(store, current.counts, scope_of(turn.roles, "figures.read")) if current else []
    if current is None or not past:
        return [Reply(turn.say("figures.trend_none"), choices=(choice(turn.language, "figures"),))]
    kind = turn.say(f"figures.kind_{current.counts}")
    lines = [turn.say("figures.trend_title", rounds=len(past), kind=kind), *(_past_line(turn, each) for each in past)]
    return [
        Reply(
            "\n".join(lines),
            choices=(choice(turn.language, "picture", current.id), choice(turn.language, "figures", current.id)),
        )
    ]


def report(store: Store, round_id: int, leader: Person, house: Deployment, now: datetime) -> Reply:
    """What the clock sends a leader: the figures within the leader's scope in one message, with the way to more."""
    what = rounds.get(store, round_id)
    shown = round_figures(
        store, what.of_round_id or what.id, scope_of(accounts.roles_of(store, leader.id), "figures.read"), now
    )
    rows = [row_text(leader.language, row) for row in shown.rows[:ROWS_A_MESSAGE]]
    if len(shown.rows) > ROWS_A_MESSAGE:
        rows.append(say(leader.language, "figures.more_rows", rows=len(shown.rows)))
    lines = [opening_lines(store, shown, leader, house), *_leader_lines(leader.language, shown), *rows]
    return Reply(
        "\n\n".join([*lines, say(leader.language, "figures.definitions")]),
        choices=buttons(leader.language, shown.round_id),
    )


def asked_round(store: Store, words: list[str]) -> int | None:
    """The round named by number, or the current one if none is named; a make-up stands for its first round. None: there is none."""
    numbers = [as_number(word) for word in words if word.isdecimal()]
    if not numbers:
        current = counts.default_round(store)
        return current.id if current else None
    try:
        what = rounds.get(store, numbers[0])
    except KeyError:
        return None
    return what.of_round_id or what.id


def _nothing(turn: Turn) -> Reply:
    named = bool(turn.arguments)
    return Reply(turn.say("errors.not_found" if named else "figures.none"), choices=(choice(turn.language, "help"),))


def buttons(language: str, round_id: int) -> tuple[Choice, ...]:
    """What one looks at next."""
    return (choice(language, "picture", round_id), choice(language, "trend"), choice(language, "missing", round_id))


# Sentences. ------------------------------------------------------------------------------------------------------------


def opening_lines(store: Store, shown: RoundFigures, me: Person, house: Deployment) -> str:
    """The one line, then what kind of round it is and what the counts are made of."""
    language = me.language
    closes = house.moment(language, shown.closes_at)
    lines = [headline(store, shown, me, house), ""]
    lines.append(
        say(
            language, "figures.round_closed" if shown.closed else "figures.round_open", title=shown.title, closes=closes
        )
    )
    if shown.notice:
        lines.append(say(language, "figures.notice", notice=shown.notice))
    if not shown.assessed:
        lines.append(say(language, "figures.practice"))
    if shown.late:
        lines.append(say(language, "figures.late"))
    printed = outside_notes.after_close(store, shown.round_id, language, house)
    return "\n".join([*lines, *_made_of(language, shown), *printed, *figures_lines(store, me, shown.round_id)])


def headline(store: Store, shown: RoundFigures, me: Person, house: Deployment) -> str:
    """「截至12月4日：应考186人，实考184人，参考率98.92%；…您本人：已合格。」"""
    language, each = me.language, shown.total.tally
    as_of = shown.as_of.astimezone(house.zone)
    date = say(language, "times.date", month=as_of.month, day=as_of.day)
    mine = say(language, f"figures.mine_{_mine(store, shown, me)}")
    if each.due == 0:
        return say(language, "figures.headline_empty", date=date, mine=mine)
    return say(language, "figures.headline", date=date, rest=_rest(language, shown), mine=mine, **_values(each))


def _rest(language: str, shown: RoundFigures) -> str:
    """未参考 before close; 缺考 exists only after it."""
    absent = shown.total.tally.absent
    if absent == 0:
        return say(language, "figures.rest_none")
    if not shown.closed:
        return say(language, "figures.rest_open", absent=absent)
    key = "figures.rest_arranged" if shown.arranged else "figures.rest_closed"
    return say(language, key, absent=absent, arranged=shown.arranged)


def _mine(store: Store, shown: RoundFigures, me: Person) -> str:
    ids = [shown.round_id, *(each.id for each in counts.makeups(store, shown.round_id))]
    found = counts.result_of(store, ids, me.id)
    if found is None:
        return "none"
    counted, exempt, sat, passed = found
    if sat:
        return "passed" if passed else "sat"
    if exempt and not counted:
        return "exempt"
    return "none" if not counted else "closed" if shown.closed else "open"


def _made_of(language: str, shown: RoundFigures) -> list[str]:
    total, first = shown.total.tally, shown.total.first
    lines = [say(language, "figures.roster", **_values(total))]
    if shown.makeups:
        lines.append(say(language, "figures.makeups", sat=first.sat, passed=first.passed, more_sat=total.sat - first.sat,
                         more_passed=total.passed - first.passed))  # fmt: skip
    lines += outside_notes.sources(language, shown.elsewhere)
    made_of = shown.made_of
    if made_of.exempt or made_of.added or made_of.departed:
        lines.append(say(language, "corrections.figures_line", line=composed(language, made_of), round=shown.round_id))
    return lines


def composed(language: str, made_of: Composition) -> str:
    """「开考时名册195，免考9，补录1，调出1，应考186。」"""
    return say(language, "corrections.made_of", opening=made_of.opening, exempt=made_of.exempt, added=made_of.added,
               departed=made_of.departed, due=made_of.due)  # fmt: skip


def _leader_lines(language: str, shown: RoundFigures) -> list[str]:
    """班子成员, if any are due."""
    leaders = shown.leaders
    return (
        [row_text(language, Row(say(language, "figures.leaders"), leaders.tally, leaders.first))]
        if leaders.tally.roster
        else []
    )


def row_text(language: str, row: Row) -> str:
    """One bureau with all four rates, each beside its fraction."""
    key = "row_empty" if not row.tally.due and not row.tally.exempt else "row_exempt" if row.tally.exempt else "row"
    return say(language, f"figures.{key}", name=row.name, **_values(row.tally))


def _values(each: Tally) -> dict[str, object]:
    return {
        "roster": each.roster, "exempt": each.exempt, "due": each.due, "sat": each.sat, "passed": each.passed,
        "excellent": each.excellent, "rate": percent(each.sat, each.due), "pass_rate": percent(each.passed, each.sat),
        "overall": percent(each.passed, each.due), "excellence": percent(each.excellent, each.sat),
    }  # fmt: skip


def _past_line(turn: Turn, past: Past) -> str:
    opened = past.opens_at.astimezone(turn.house.zone)
    date = turn.say("times.date", month=opened.month, day=opened.day)
    return turn.say("figures.trend_row", date=date, **_values(past.tally))
