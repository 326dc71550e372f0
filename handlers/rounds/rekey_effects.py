"""What a 改判 changes: worked out and shown first, confirmed once, then written in parts, and told to those whose score changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from handlers import codec
from handlers.commands import as_number, choice
from handlers.jobs import Work
from handlers.messages import Choice, Reply
from handlers.rounds import rekeying
from handlers.rounds.rekeying import LISTED, Named
from handlers.sitting.scores import points
from handlers.study.addressing import quiet_until
from handlers.turns import Deployment, Turn
from handlers.words import say
from quizzes.rates import Result, Tally, percent
from quizzes.rounds import Round, State
from quizzes.scoring import Action, Ruling
from storage import accounts, audit, banks, deliveries, figures, jobs, keep, people, rescoring, rounds, rulings
from storage.database import Store
from storage.deliveries import Addressed
from storage.rescoring import Effect, Moved

APPLY = "rekey_apply"
DONE = "done"
VERDICTS = ("failed", "passed", "excellent")


# Before: what it would change. -----------------------------------------------------------------------------------------


def work_out(work: Work) -> list[Reply]:
    """The worker of a "rekey_preview" job: how many answered, whose verdict changes, the figures before and after; changes nothing."""
    store, asked = work.store, work.job.params
    named = rekeying.named_of(store, asked["round"], asked["key"])
    assert named is not None
    new = _ruling(named, asked, work.now)
    found = rescoring.effect(store, named.what, new, rescoring.holding(store, named.what.id, named.revision_id))
    question, _ = rekeying.in_force(store, named)
    decision = rekeying.decision_in_words(work.language, question, named.slot, new.action, new.answer)
    lines = [work.say("rekeying.would", title=named.what.title, key=named.name, stem=named.question.stem, decision=decision,
                      reason=asked["reason"])]  # fmt: skip
    lines += _effect_in_words(work.language, store, named.what, found)
    lines.append(work.say("rekeying.keeps" if new.keeps else "rekeying.may_fall"))
    if outside := sum(figures.elsewhere(store, [named.what.id]).values()):
        lines.append(work.say("rekeying.elsewhere", attempts=outside))
    lines.append(work.say("rekeying.ask_confirm"))
    buttons = [choice(work.language, "confirm_rekey", work.job.id)]
    if new.keeps and new.action is Action.REKEY:
        lower = work.say("rekeying.lower_word")
        buttons.append(choice(work.language, "rekey", lower, work.job.id, label=work.say("rekeying.lower_button")))
    return [Reply("\n".join(lines), choices=(*buttons, choice(work.language, "cancel")))]


def _ruling(named: Named, asked: dict[str, object], now: datetime) -> Ruling:
    answer = tuple(str(each) for each in asked["answer"])  # type: ignore[attr-defined]
    return Ruling(named.revision_id, named.item, Action(str(asked["action"])), now, answer, bool(asked["keeps"]))


def _effect_in_words(language: str, store: Store, what: Round, found: Effect) -> list[str]:
    """Headcounts, each change of verdict, and the bureaux whose figures move, in 机构序列."""
    lines = [
        say(language, "rekeying.effect", answered=found.answered, rescored=found.rescored, people=len(found.moved))
    ]
    lines.append(say(language, "rekeying.comma").join(verdicts_in_words(language, found.moved)))
    shifted = rescoring.with_effect(store, what, found)
    for unit in people.units(store):
        if unit.id in shifted:
            before, after = shifted[unit.id]
            lines.append(
                say(language, "rekeying.bureau", unit=unit.name, **_rates("before", before), **_rates("after", after))
            )
    return lines


def _rates(when: str, tally: Tally) -> dict[str, str]:
    return {f"{when}_passed": str(tally.passed), f"{when}_excellent": str(tally.excellent), f"{when}_rate": percent(tally.passed, tally.sat)}  # fmt: skip


def verdict_of(result: Result) -> str:
    """failed, passed or excellent."""
    return "excellent" if result.excellent else "passed" if result.passed else "failed"


def verdicts_in_words(language: str, moved: Sequence[Moved]) -> list[str]:
    """「未合格→合格 3人」 for each change there is; that nobody falls below the line is always said."""
    counted = Counter((verdict_of(each.before), verdict_of(each.after)) for each in moved)
    fixed = [("failed", "passed"), ("passed", "failed")]
    pairs = [
        (one, other)
        for one in VERDICTS
        for other in VERDICTS
        if one != other and counted[one, other] and (one, other) not in fixed
    ]
    return [
        say(language, "rekeying.verdict", before=say(language, f"rekeying.{one}"), after=say(language, f"rekeying.{other}"), people=counted[one, other])
        for one, other in (*fixed, *pairs)
    ]  # fmt: skip


# Confirmed. ------------------------------------------------------------------------------------------------------------


def confirm(turn: Turn, store: Store) -> list[Reply]:
    """「确认改判 7」: makes the ruling that was shown, once; if another was made in between, its effect is worked out anew."""
    words = turn.arguments
    job_id = as_number(words[0]) if words and words[0].isdecimal() else 0
    asked = rekeying.asked_for(store, job_id)
    named = rekeying.named_of(store, asked["round"], asked["key"]) if asked else None
    if asked is None or named is None:
        return [Reply(turn.say("rekeying.stale"), choices=(choice(turn.language, "rekey"),))]
    account_id = turn.account.id if turn.account else None
    rulings.hold(store, named.what.id, to_rule=True)
    if keep.read(store, _once(job_id)) == DONE:
        return [Reply(turn.say("rekeying.already"), choices=(choice(turn.language, "figures", named.what.id),))]
    if len(rulings.of_round(store, named.what.id)) != asked["rulings"]:
        rekeying.ordered(turn, store, named, asked)
        return [Reply(turn.say("rekeying.changed"))]
    keep.write(store, _once(job_id), DONE, turn.now)
    new = _ruling(named, asked, turn.now)
    ruling_id = rulings.add(store, named.what.id, new, reason=asked["reason"], approver_id=turn.me.id)
    suspended = banks.suspend(store, named.revision_id, turn.now)
    jobs.add(store, APPLY, {"ruling": ruling_id, "round": named.what.id, "key": named.name}, person_id=turn.me.id, account_id=account_id, now=turn.now)  # fmt: skip
    details = {"ruling": ruling_id, "question": named.name, "action": new.action.value, "answer": list(new.answer), "keeps": new.keeps,
               "reason": asked["reason"]}  # fmt: skip
    audit.record(store, turn.me.id, "round.rekey", f"round:{named.what.id}", details, turn.now)
    lines = [turn.say("rekeying.made"), *([turn.say("rekeying.suspended", key=named.name)] if suspended else [])]
    return [Reply("\n".join(lines))]


def _once(job_id: int) -> str:
    return f"rekey:{job_id}"


# After: written in parts. ----------------------------------------------------------------------------------------------


def carry_out(work: Work) -> list[Reply]:
    """The worker of a "rekey_apply" job: rescores in parts, each a turn; safe to run again from the beginning."""
    ruling_id, round_id = work.job.params["ruling"], work.job.params["round"]
    made = dict(rulings.numbered(work.store, round_id))[ruling_id]
    concerned = rescoring.holding(work.store, round_id, made.revision_id)
    for start in range(0, len(concerned), rescoring.CHUNK):
        work.write(_part(work, ruling_id, round_id, concerned, start))
    rescored = work.write(lambda store: _finish(store, ruling_id, round_id, work.now))
    what = rounds.get(work.store, round_id)
    lines = [work.say("rekeying.done", title=what.title, key=work.job.params["key"], rescored=rescored)]
    others = _others(work, ruling_id, made)
    if others:
        lines.append(work.say("rekeying.others"))
    return [Reply("\n".join(lines), choices=(choice(work.language, "figures", what.of_round_id or what.id), *others))]


def _part(work: Work, ruling_id: int, round_id: int, concerned: Sequence[int], start: int) -> Callable[[Store], None]:
    def write(store: Store) -> None:
        some = concerned[start : start + rescoring.CHUNK]
        what = rounds.get(store, round_id)
        accounts.lock_sitters(store, enrolments=some)
        moved = rescoring.apply(store, what, ruling_id, some)
        tell(store, what, ruling_id, moved, work.house, work.now)
        jobs.progress(store, work.job.id, start + len(some), len(concerned), work.now)

    return write


def _finish(store: Store, ruling_id: int, round_id: int, now: datetime) -> int:
    """The sums of a closed round anew; gives how many scores the ruling changed."""
    if rounds.get(store, round_id).state is State.CLOSED:
        figures.store_sums(store, round_id, now)
    return sum(row.ruling_id == ruling_id for row in rulings.rescored(store, round_id))


def tell(store: Store, what: Round, ruling_id: int, moved: Sequence[Moved], house: Deployment, now: datetime) -> None:
    """One calm sentence to each person whose score or verdict changed, once per ruling, after the quiet they asked for."""
    reachable = accounts.reachable_accounts(store, [each.person_id for each in moved])
    calm = quiet_until(store, house, now) if moved else {}
    owed = []
    for each in moved:
        if each.person_id in reachable:
            body = codec.to_json(store, notice(store, what, each), each.person_id, now)
            account = reachable[each.person_id]
            owed.append(
                Addressed(
                    f"ruling:{ruling_id}:{each.person_id}",
                    each.person_id,
                    *account,
                    body,
                    calm.get(each.person_id, now),
                )
            )
    deliveries.plan_many(store, "notice", owed, now, round_id=what.id)


def notice(store: Store, what: Round, each: Moved) -> Reply:
    """What the person reads."""
    language = accounts.language_of(store, each.person_id)
    verdict = say(language, f"rekeying.{verdict_of(each.after)}")
    said = say(
        language,
        "rekeying.notice",
        title=what.title,
        before=points(each.before.score),
        after=points(each.after.score),
        verdict=verdict,
    )
    return Reply(said, choices=(choice(language, "record"), choice(language, "why")))


def _others(work: Work, ruling_id: int, made: Ruling) -> tuple[Choice, ...]:
    """The same for other rounds that ask this very question and have decided nothing about it: make-ups, and whatever else."""
    key = work.job.params["key"]
    buttons = []
    for number, revision_id in rescoring.rounds_asking(work.store, key.partition("#")[0], LISTED):
        decided = {(each.revision_id, each.item) for each in rulings.of_round(work.store, number)}
        if revision_id == made.revision_id and (made.revision_id, made.item) not in decided:
            label = work.say("rekeying.same_button", number=number, title=rounds.get(work.store, number).title)
            buttons.append(
                choice(work.language, "rekey", number, key, work.say("rekeying.same_word"), ruling_id, label=label)
            )
    return tuple(each for each in buttons if len(each.says.encode()) <= 64)
