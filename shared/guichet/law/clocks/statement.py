"""What an acknowledgement (ARE) may say of silence (docs/law.md 11, 20, R3, R4). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from guichet.law.clocks.abuse import abusive_since
from guichet.law.clocks.case_clocks import first_receipt
from guichet.law.clocks.clock import Clock, ClockState
from guichet.law.clocks.decision import express_decision_on
from guichet.law.clocks.facts import LegalFact, Received, Transferred
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.qualification import is_qualified
from guichet.law.clocks.rules import SilenceMeans, TownRules
from guichet.law.clocks.silence import find_silence


@dataclass(frozen=True)
class Statement:
    """means, decides_on: None where silence says nothing of such a request, and the law asks for no mention.

    is_over: nothing is to be said any more. A decision stopped it, another administration acknowledges it, or no
    receipt is owed.
    """

    means: SilenceMeans | None = None
    decides_on: date | None = None
    is_over: bool = False


def full_statement(facts: Iterable[LegalFact], town: TownRules, as_of: date) -> Statement | None:
    """Return it once somebody has confirmed what the case is; None while a mention would have to be guessed.

    So nobody is ever told of an acceptance, or of a day, by a rule whose source is to be confirmed. Nor, once silence
    has decided, by a machine what it decided: whether the request was complete a person says.
    """
    history = KnownFacts(facts, as_of)
    received = first_receipt(history)
    if received is None or not is_qualified(history, town):
        return None
    silence = find_silence(history, received, town)
    if silence.doubts:
        return None
    if _is_over(history, received, silence.clock):
        return Statement(is_over=True)
    return Statement() if silence.clock is None else _of(silence.clock)


def _is_over(history: KnownFacts, received: Received, clock: Clock | None) -> bool:
    own = history.since(received.on)
    ends = (express_decision_on(own), own.first_on(Transferred), abusive_since(own))
    is_stopped = clock is not None and clock.state is ClockState.STOPPED
    return is_stopped or any(day is not None for day in ends)


def _of(clock: Clock) -> Statement | None:
    if clock.due is None or clock.state is ClockState.DECIDED:
        return None
    return Statement(clock.means, clock.due)
