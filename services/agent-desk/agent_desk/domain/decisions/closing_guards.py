"""Why a case is not closed without a word from who closes it. Pure."""

from datetime import datetime

from agent_desk.domain.clocks.clocks_now import ClocksNow
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.town.town import Town

_OURS = frozenset({CaseState.RECEIVED, CaseState.IN_PROGRESS})


def closing_guards(case: CaseRecord, town: Town, at: datetime, *, is_answered: bool = False) -> tuple[str, ...]:
    """Return them: "fallback": no rule knew its department, and nobody has said so since; "unanswered": the citizen
    waits for a word of ours; "call-back": somebody is to be called back; "silence": it runs on, and closing is no
    decision (docs/decisions/0092).

    at: now, aware. is_answered: an answer goes before it.
    """
    waits = case.state in _OURS and not case.at_rest and case.automatic is None and not is_answered
    wrong = {
        "fallback": case.department == town.fallback_department and case.routing.kind == "fallback",
        "unanswered": waits,
        "call-back": case.call_back_at is not None,
        "silence": ClocksNow(case, town, at).silence is not None,
    }
    return tuple(name for name, holds in wrong.items() if holds)
