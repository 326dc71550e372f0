"""收尾情况: the road to 100 %: the officer reads a forecast and whom to call; leaders read headcounts and what is arranged."""

from __future__ import annotations

from handlers.commands import choice
from handlers.jobs import Work
from handlers.messages import Link, Reply
from handlers.reach.arranged import arranged_text
from handlers.reach.missing import asked, reason_text, within
from handlers.reach.outlook import Bureau, Outlook, outlook
from handlers.rights import scope_of
from handlers.turns import Turn
from quizzes.forecasting import MINIMUM_CASES, MINIMUM_ROUNDS, At, Evidence, Forecast
from quizzes.missing import Step
from quizzes.rates import percent
from quizzes.rounds import Round, State
from storage import arrangements, jobs, people, rounds
from storage.arrangements import Arranged
from storage.database import Store

JOB = "road"
BUREAUX, NAMED = 20, 30


def road(turn: Turn, store: Store) -> list[Reply]:
    """「收尾情况」 or 「收尾情况 12」, as far as the asker may see."""
    what = asked(store, turn.arguments)
    if what is None:
        return [Reply(turn.say("missing.none"), choices=(choice(turn.language, "help"),))]
    if scope_of(turn.roles, "missing.reasons").everything and what.state is State.OPEN:
        params = {"round_id": what.id, "names": turn.names_allowed}
        jobs.add(
            store, JOB, params, person_id=turn.me.id, account_id=turn.account.id if turn.account else None, now=turn.now
        )
        return [Reply(turn.say("road.working"))]
    return [_leaders(turn, store, what)]


# For the officer. ------------------------------------------------------------------------------------------------------


def work_out(work: Work) -> list[Reply]:
    """The worker of a "road" job: {"round_id", "names"}; a second of reading for 10,000 people, so that nobody's answer waits for it."""
    what = rounds.get(work.store, work.job.params["round_id"])
    return [_officers(work, what, outlook(work.store, what, work.house, work.now))]


def _officers(work: Work, what: Round, found: Outlook) -> Reply:
    total, named = found.total, bool(work.job.params["names"])
    closes = work.house.moment(work.language, what.closes_at)
    lines = [work.say("road.head", title=what.title, closes=closes, due=total.due, sat=total.sat, rate=percent(total.sat, total.due),
                      left=total.due - total.sat)]  # fmt: skip
    lines += _forecast_lines(work, found)
    if found.bureaux:
        lines += ["", work.say("road.bureaux", target=work.house.target)]
        lines += [_bureau_line(work, each) for each in found.bureaux[:BUREAUX]]
        if len(found.bureaux) > BUREAUX:
            lines.append(work.say("road.more_bureaux", bureaux=len(found.bureaux) - BUREAUX))
        lines += _calls(work, found, named=named)
    buttons = (
        choice(work.language, "call_list", what.id), choice(work.language, "hand_over", what.id), choice(work.language, "nudge", what.id),
        choice(work.language, "reminders", what.id), choice(work.language, "missing", what.id),
    )  # fmt: skip
    links = () if named else (Link(work.say("missing.open_web"), f"{work.house.public_url}/"),)
    return Reply("\n".join(lines), choices=buttons if found.bureaux else buttons[-1:], links=links)


def _forecast_lines(work: Work, found: Outlook) -> list[str]:
    if found.total.due == found.total.sat:
        return [work.say("road.all_sat")]
    if found.sat is None:
        return [work.say("road.too_little", rounds=found.known.rounds, cases=found.known.cases, least_rounds=MINIMUM_ROUNDS,
                         least_cases=MINIMUM_CASES)]  # fmt: skip
    lines = [work.say("road.forecast_sat", **_values(found.sat))]
    if found.passed is not None:
        lines.append(work.say("road.forecast_passed", **_values(found.passed)))
    return [
        *lines,
        work.say("road.basis", rounds=found.known.rounds, shares=_shares(work, found.known)),
        work.say("road.range"),
    ]


def _values(each: Forecast) -> dict[str, object]:
    return {
        "expected": each.expected,
        "low": each.low,
        "high": each.high,
        "due": each.due,
        "rate": percent(each.expected, each.due),
    }


def _shares(work: Work, known: Evidence) -> str:
    """「已送达未答 45/60」 for each state, with where it was borrowed and what is left open."""
    told = []
    for at in At:
        share = known.shares.get(at)
        if share is not None and at is not At.FAILED:
            key = "share" if share.own else "share_borrowed"
            told.append(
                work.say(f"road.{key}", at=work.say(f"road.at_{at}"), finished=share.finished, cases=share.cases)
            )
    return work.say("road.semicolon").join(told)


def _bureau_line(work: Work, each: Bureau) -> str:
    if each.forecast is None:
        return work.say("road.bureau_plain", unit=each.unit.name, due=each.due, sat=each.sat, left=each.due - each.sat)
    key = "bureau_short" if each.short else "bureau_well"
    return work.say(f"road.{key}", unit=each.unit.name, due=each.due, sat=each.sat, expected=each.forecast.expected, low=each.forecast.low,
                    high=each.forecast.high, short=each.short)  # fmt: skip


def _calls(work: Work, found: Outlook, *, named: bool) -> list[str]:
    """The fewest calls, by bureau in 机构序列; names only where they may be shown."""
    every = [each for bureau in found.bureaux for each in bureau.to_call]
    away = sum(
        each.step in (Step.DECIDE, Step.OPINION, Step.REST, Step.GRANT)
        for bureau in found.bureaux
        for each in bureau.waiting
    )
    lines = ["", work.say("road.calls" if every else "road.no_calls", people=len(every))]
    if every and not named:
        lines.append(work.say("missing.names_elsewhere"))
    elif every:
        shown = every[:NAMED]
        lines += [work.say("road.call", unit=each.unit, name=each.name, reason=reason_text(work.language, each),
                           advice=work.say(f"handover.say_{each.step}")) for each in shown]  # fmt: skip
        if len(every) > NAMED:
            lines.append(work.say("road.more_calls", people=len(every) - NAMED))
    return [*lines, work.say("road.away", people=away)] if away else lines


# For leaders. ----------------------------------------------------------------------------------------------------------


def _leaders(turn: Turn, store: Store, what: Round) -> Reply:
    """Headcounts per bureau in 机构序列, and what is arranged; never a reason, a forecast or a name."""
    first = _first(store, what)
    scope = scope_of(turn.roles, "figures.read")
    found = arrangements.arranged(store, first, within(store, scope))
    total = sum(found.values(), start=Arranged())
    buttons = (choice(turn.language, "figures", first.id), choice(turn.language, "missing", first.id))
    closes = turn.house.moment(turn.language, first.closes_at)
    if not total.missing:
        return Reply(turn.say("missing.all_sat", title=first.title), choices=buttons)
    key = "leader_closed" if first.state is State.CLOSED else "leader_open"
    lines = [turn.say(f"road.{key}", title=first.title, closes=closes, state=arranged_text(turn.language, total)), ""]
    for unit in people.units(store):
        if unit.id in found:
            lines.append(
                turn.say("road.leader_unit", unit=unit.name, state=arranged_text(turn.language, found[unit.id]))
            )
    return Reply("\n".join(lines), choices=buttons)


def _first(store: Store, what: Round) -> Round:
    return what if what.of_round_id is None else rounds.get(store, what.of_round_id)
