"""What a case keeps of the law's clocks, which receipt is owed, and of which days people are told. Pure.

Nothing here is of a moment's own: it is a function of the case's facts, the town's rules and a day.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from guichet.case.record import CaseDue
from guichet.contracts.base import Contract
from guichet.contracts.case_events import SilenceStatement
from guichet.contracts.legal_facts import Day
from guichet.law.clocks.case_clocks import CaseClocks, case_clocks
from guichet.law.clocks.clock import Clock, ClockKind, ClockState
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import LegalFact
from guichet.law.clocks.notice import Stage, next_notice_on, notices
from guichet.law.clocks.outcome import EndedClock, ended_clocks
from guichet.law.clocks.rules import SilenceMeans, TownRules
from guichet.law.clocks.statement import full_statement

_MEANS: Final[dict[SilenceMeans | None, Literal["accepts", "rejects"]]] = {
    SilenceMeans.ACCEPTS: "accepts",
    SilenceMeans.REJECTS: "rejects",
}

_SILENCE_DECIDED: Final = f"{ClockKind.SILENCE}:{Stage.DECIDED}:"
"""How the key begins of what people hear when silence decides (guichet.law.clocks.notice)."""


class OwedReceipt(Contract):
    """What an acknowledgement that is to leave says; see ReceiptOwed."""

    is_full: bool
    silence: SilenceStatement | None = None


@dataclass(frozen=True)
class ReachedClock:
    """A day of a clock of which people are told once; see ClockReached. key: what tells it from all others."""

    key: str
    clock: str
    stage: str
    due: Day
    means: Literal["accepts", "rejects"] | None


@dataclass(frozen=True)
class Reckoned:
    """What the clocks of a case say on a day: what it keeps, but for what was owed and told; what is to be told.

    ended: those that are counted.
    """

    due: CaseDue
    reached: tuple[ReachedClock, ...]
    last_day_of_receipt: date | None  # of the ARE, while it is open
    ended: tuple[EndedClock, ...] = ()


def reckon(facts: Collection[LegalFact], town: TownRules, as_of: date) -> Reckoned:
    """Return what a case's facts come to on a day."""
    found = case_clocks(facts, town, as_of)
    reached = tuple(
        ReachedClock(each.key, each.clock.kind, each.stage, each.due, _MEANS.get(each.clock.means))
        for each in notices(found, town.working_days)
    )
    decided, gravest = decided_silence(found), gravest_duty(found)
    due = CaseDue(
        clock=gravest and gravest.kind,
        due_on=gravest and gravest.due,
        is_late=gravest is not None and gravest.due is not None and gravest.due < as_of,
        decided=_MEANS.get(decided.means) if decided else None,
        decided_on=decided and decided.ended,
        changes_on=next_notice_on(found, town.working_days),
        is_doubted=any(each is not Doubt.NO_PROCEDURE or not _asks_what_it_is(found) for each in found.doubts),
    )
    receipt = next((each.due for each in found.clocks if each.kind is ClockKind.ARE and each.is_open), None)
    return Reckoned(due, reached, receipt, tuple(ended_clocks(found.clocks)))


def decided_silence(found: CaseClocks) -> Clock | None:
    """Return the silence that has decided here; None: none has."""
    return next((each for each in found.clocks if _has_decided(each)), None)


def gravest_duty(found: CaseClocks) -> Clock | None:
    """Return the gravest duty of agents that is overdue, else the next one; None: there is none."""
    overdue = next((each for each in found.overdue if _is_agents(each)), None)
    return overdue or _next(found)


def kept_of(found: Reckoned, was: CaseDue | None, today: date) -> CaseDue:
    """Return what a case keeps by now: what was owed and told stays.

    Where a fact brought it about that a day has come of which nobody was told, or was when the message was handed in,
    no day to come would tell of it: so the case is looked at today. Where people have heard that silence decided, and
    by what was stated since it did not, a person looks first.
    """
    was = was or CaseDue()
    own: dict[str, object] = {"receipt": was.receipt, "says": was.says, "announced": was.announced}
    if any(each.key not in was.announced for each in found.reached):
        own["changes_on"] = today
    if found.due.decided is None and any(key.startswith(_SILENCE_DECIDED) for key in was.announced):
        own["is_doubted"] = True
    return found.due.model_copy(update=own)


def owed_receipt(
    kept: CaseDue | None, facts: Iterable[LegalFact], town: TownRules, as_of: date, *, last_day: date | None
) -> OwedReceipt | None:
    """Return the acknowledgement that is to leave on a day; None: none is, or the same was said already.

    last_day: of the ARE; None where none is owed any more. From it on one leaves with what is known (docs/law.md 20).
    """
    was = kept.receipt if kept else None
    statement = full_statement(facts, town, as_of)
    if statement is None:
        is_last = last_day is not None and as_of >= last_day
        return OwedReceipt(is_full=False) if is_last and was is None else None
    means = _MEANS.get(statement.means)
    silence = SilenceStatement(means=means, decides_on=statement.decides_on) if means and statement.decides_on else None
    if was is None:
        return OwedReceipt(is_full=True, silence=silence) if last_day is not None else None
    said_so = was == "full" and kept is not None and kept.says == silence
    return None if said_so or statement.is_over else OwedReceipt(is_full=True, silence=silence)


def _has_decided(clock: Clock) -> bool:
    return clock.kind is ClockKind.SILENCE and clock.state is ClockState.DECIDED and not clock.is_elsewhere


def _asks_what_it_is(found: CaseClocks) -> bool:
    """Say whether a clock asks for the procedure already. Of a letter, or of what is abusive, none does."""
    return any(each.kind is ClockKind.QUALIFICATION and each.is_open for each in found.clocks)


def _is_agents(clock: Clock) -> bool:
    """Whether it is an agent's to do: the notifier sees to the AEE."""
    return clock.kind is not ClockKind.AEE


def _next(found: CaseClocks) -> Clock | None:
    ahead = (each for each in found.clocks if _is_agents(each) and each.is_duty and each.due)
    return min(
        (each for each in ahead if each.due and each.due >= found.as_of),
        key=lambda each: each.due or date.max,
        default=None,
    )
