"""An express decision as the document that is signed. Pure."""

from agent_desk.domain.express.decision_words import DecisionWords
from agent_desk.domain.paper.letter_frame import address_lines, letterhead_of, paragraphs_of
from guichet.case.record import CaseRecord
from guichet.documents.decision import ExpressDecision
from guichet.documents.sheet import Recipient, Sheet, Signature
from guichet.law.calendar import paris_date
from guichet.town.town import Town


def decision_document(case: CaseRecord, words: DecisionWords, town: Town) -> ExpressDecision:
    """Return it, with the head of the department that treats the case."""
    department = town.department_or_fallback(case.department)
    address = tuple(address_lines(department.postal_address))
    return ExpressDecision(
        sheet=Sheet(
            letterhead_of(department, town.name),
            Recipient(tuple(words.recipient.split("\n"))),
            case.reference,
            words.place,
            words.day,
        ),
        subject=words.subject,
        outcome=words.outcome,
        received_on=paris_date(case.received_at),
        reasons=paragraphs_of(words.reasons) if words.reasons else (),
        remedies=paragraphs_of(words.remedies) if words.remedies else (),
        signature=Signature(words.delegation, words.signatory, words.capacity, address),
    )
