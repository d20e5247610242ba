"""What an acknowledgement (ARE) says, as its delivery keeps it, so that every attempt says the same."""

from guichet.contracts.base import Contract
from guichet.contracts.case_events import SilenceStatement
from guichet.contracts.legal_facts import Day
from guichet.ids import ProcedureId


class Acknowledgement(Contract):
    """See ReceiptOwed. procedure: as it was confirmed when it was owed; None: it was not, whatever routing guessed.

    is_appeal: an agent had said that the case is an appeal, which is contested otherwise than a request.
    is_first: it leaves at once, so that no registration receipt (AEE) brought the citizen their links before.
    """

    received_on: Day
    is_full: bool
    silence: SilenceStatement | None = None
    procedure: ProcedureId | None = None
    is_appeal: bool = False
    corrects: bool = False
    is_first: bool = False
