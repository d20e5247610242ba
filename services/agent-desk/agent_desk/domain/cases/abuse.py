"""What an agent sees of a declaration that a sender's messages are abusive (docs/decisions/0025)."""

from dataclasses import dataclass, field
from datetime import datetime

from agent_desk.domain.cases.moments import Words
from guichet.case.record import CaseRecord
from guichet.contracts.authorship import Proof, proof_of, written_by
from guichet.contracts.channels import ChannelFacts
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.ids import CaseId
from guichet.store.abuse_declarations import NoReceipt
from guichet.vault.fields import Opened


@dataclass(frozen=True)
class AbuseView:
    """A case's sender and their receipts. address: whom a declaration would be about; None: nobody, or erased.

    stands_until: what this case knows of stands until then. no_receipt: why the case had no receipt, opened; None, too,
    where another sector declared it.
    """

    address: Identifier | None = field(repr=False)
    proof: Proof
    stands_until: datetime | None
    no_receipt: NoReceipt | None = field(repr=False)
    no_receipt_tampered: bool = False

    @property
    def is_proven(self) -> bool:
        """Whether somebody vouches for the sender: else an agent looks twice."""
        return self.proof is Proof.PROVEN


def abuse_of(
    case: CaseRecord, opening: Words | None, facts: ChannelFacts, no_receipt: Opened[CaseId, NoReceipt], now: datetime
) -> AbuseView:
    """Return what a case says of its sender. opening, facts: see sender_of. now: aware UTC."""
    address, proof = sender_of(case, opening, facts)
    why = _of_its_sector(case, no_receipt.values.get(case.case_id))
    return AbuseView(address, proof, stands_until(case, why, now), why, bool(no_receipt.tampered))


def sender_of(case: CaseRecord, opening: Words | None, facts: ChannelFacts) -> tuple[Identifier | None, Proof]:
    """Return who wrote, and how far somebody vouches for it.

    opening: the words of the case's first message; facts: of its channel.
    """
    if not isinstance(opening, InboundContent):
        return None, Proof.NONE
    return written_by(opening, case.automatic), proof_of(opening, facts)


def _of_its_sector(case: CaseRecord, why: NoReceipt | None) -> NoReceipt | None:
    """Return why there was no receipt; another sector that has the case now learns neither who nor why."""
    return why if why is not None and why.sector == case.sector else None


def stands_until(case: CaseRecord, why: NoReceipt | None, now: datetime) -> datetime | None:
    """Return until when, if what the case knows of stands in the sector that has it now.

    Lifted from another case, it learns that when a lifting of its own comes to nothing.
    """
    of_its_sector = _of_its_sector(case, why)
    until = case.abusive_until or (of_its_sector.until if of_its_sector else None)
    return until if until is not None and now < until and not case.abuse_lifted else None
