"""What an acknowledgement (ARE) may say of silence (docs/law.md 11, 20, R3, R4). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from guichet.law.clocks.case_clocks import first_receipt
from guichet.law.clocks.clock import ClockState
from guichet.law.clocks.facts import LegalFact, Qualified
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.procedure_in_force import procedure_of
from guichet.law.clocks.rules import SilenceMeans, TownRules
from guichet.law.clocks.silence import find_silence


@dataclass(frozen=True)
class Statement:
    """means, decides_on: None where silence says nothing of such a request, and the law asks for no mention.

    is_over: a decision, or whoever else is competent, stopped it.
    """

    means: SilenceMeans | None = None
    decides_on: date | None = None
    is_over: bool = False


def full_statement(facts: Iterable[LegalFact], town: TownRules, as_of: date) -> Statement | None:
    """Return it once somebody has confirmed what the case is; None while a mention would have to be guessed.

    So nobody is ever told of an acceptance, or of a day, by a rule whose source is to be confirmed.
    """
    history = KnownFacts(facts, as_of)
    received = first_receipt(history)
    if received is None or not _is_known(history, town, received.on):
        return None
    silence = find_silence(history, received, town)
    if silence.doubts:
        return None
    if silence.clock is None:
        return Statement()
    if silence.clock.state is ClockState.STOPPED:
        return Statement(is_over=True)
    if silence.clock.due is None or silence.clock.means is None:
        return None
    return Statement(silence.clock.means, silence.clock.due)


def _is_known(history: KnownFacts, town: TownRules, on: date) -> bool:
    return procedure_of(history, town, on) is not None or history.latest(Qualified) is not None
