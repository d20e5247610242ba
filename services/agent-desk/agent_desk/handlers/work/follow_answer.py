"""What an agent gives behind an answer, in the same step: the case is closed, or sleeps until a day."""

from datetime import date

from agent_desk.domain.composer.departure import Then
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.decide import DecisionPorts, close_command
from agent_desk.handlers.work.snooze import snooze_command
from guichet.case.record import CaseRecord
from guichet.contracts.unannounced import Unannounced
from guichet.law.calendar import start_of_day


def behind_answer(
    visitor: Visitor, case: CaseRecord, typed: FormInput, back: date | None, ports: DecisionPorts
) -> Then | None:
    """Return what is given behind an answer, of the same case, so that the router decides it next; None: nothing.

    back: the day until which it sleeps, in Paris.
    """
    if typed.then == "close":
        said = Unannounced.SAID_BEFORE  # by the answer
        return close_command(visitor, case, sheet=typed.sheet, ports=ports, unannounced=said)
    if back is not None:
        return snooze_command(visitor, case, sheet=typed.sheet, until=start_of_day(back), ports=ports)
    return None
