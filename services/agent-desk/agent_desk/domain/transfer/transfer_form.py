"""What the form says by which a request is passed on to another administration. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from agent_desk.domain.decisions.decision import LONGEST_REASON, Sheet
from agent_desk.domain.decisions.form_input import once_of, shown_of
from agent_desk.domain.typed_day import fault_of_day
from guichet.case.legal_facts import standing
from guichet.case.record import CaseRecord
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.law.calendar import paris_date, start_of_day

_LONGEST_NAME: Final = 120  # characters, as the directory has it
_LONGEST_DAY: Final = 10
_DID_NOT_LEAVE: Final = frozenset({DeliveryState.FAILED, DeliveryState.WITHHELD})


@dataclass(frozen=True)
class TransferForm:
    """authority: its name. day: on which it was passed on. words: the agent's own. stated_on: on which the person was
    told otherwise than by our letter; blank: they were not.

    seen: the letter that the page showed, by its mark. closes: the case is then closed.
    errors: field → why. problem: why a sound form was not taken; refused: the router's reason.
    """

    once: str
    shown: str | None = None
    authority: str = ""
    day: str = ""
    words: str = field(default="", repr=False)
    stated_on: str = ""
    seen: str = ""
    closes: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    refused: str | None = None

    @property
    def sheet(self) -> Sheet:
        """The rendering that this was typed into."""
        return Sheet(self.once, self.shown)


def transfer_form(form: Mapping[str, str], received_at: datetime, now: datetime) -> TransferForm:
    """Return what was typed, with what is wrong with it but for the authority's name."""
    day, stated_on = form.get("day", "").strip()[:_LONGEST_DAY], form.get("stated_on", "").strip()[:_LONGEST_DAY]
    words = form.get("words", "")
    errors, received_on, today = dict[str, str](), paris_date(received_at), paris_date(now)
    if fault := fault_of_day(day, received_on, today):
        errors["day"] = fault
    if stated_on and (fault := fault_of_day(stated_on, received_on, today)):
        errors["stated_on"] = fault
    if len(words) > LONGEST_REASON:
        errors["words"] = "long"
    return TransferForm(
        once_of(form),
        shown_of(form),
        authority=form.get("authority", "")[:_LONGEST_NAME],
        day=day,
        words=words,
        stated_on=stated_on,
        seen=form.get("seen", "")[:64],
        closes=form.get("closes") == "oui",
        errors=errors,
    )


def moment_of(day: date, received_at: datetime, now: datetime) -> datetime:
    """Return the moment of what an agent says of a day, neither before the receipt nor to come."""
    return now if day == paris_date(now) else max(start_of_day(day), received_at)


def passed_on(case: CaseRecord) -> StatedFact | None:
    """Return the transfer that stands, as the clocks have it; None: none does."""
    return next((each for each in standing(case.facts) if each.event is FactKind.TRANSFERRED), None)


def is_announced(case: CaseRecord) -> bool:
    """Say whether the person was told of the transfer that stands, and not of one before it that was a mistake."""
    told = (each for each in standing(case.facts) if each.event is FactKind.TRANSFER_ANNOUNCED)
    return any(_is_of_what_stands(each, case) for each in told)


def is_under_way(case: CaseRecord) -> bool:
    """Say whether a letter about the transfer that stands is on its way: none more is to be written meanwhile."""
    letters = (
        case.deliveries.get(outbound_id, DeliveryState.PENDING)
        for outbound_id, fact in case.leaving.items()
        if fact.event is FactKind.TRANSFER_ANNOUNCED and _is_of_what_stands(fact, case)
    )
    return not is_announced(case) and any(state not in _DID_NOT_LEAVE for state in letters)


def _is_of_what_stands(announced: StatedFact, case: CaseRecord) -> bool:
    """Say whether an announcement speaks of the transfer that stands, which may have been stated for a day before it.

    Up to the moment when a transfer to another authority was withdrawn, it spoke of that one.
    """
    there = passed_on(case)
    if there is None or announced.at < there.at:
        return False
    withdrawn = (each for each in case.facts if each.what is not None and each.what.event is FactKind.TRANSFERRED)
    return all(announced.at > each.at for each in withdrawn if each.what is not None and each.what.to != there.to)
