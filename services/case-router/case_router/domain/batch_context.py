"""What is known while a batch is decided, and what has been decided of it so far. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from case_router.domain.arrival import Arrival
from case_router.domain.commands.abuse import Sender
from case_router.domain.earlier_mail import COMPARED_AT_MOST, EarlierMail
from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import Identifier
from guichet.ids import (
    AgentId,
    AnchorId,
    CaseId,
    CitizenId,
    KeyId,
    MessageId,
    NoteId,
    Reference,
    SectorCitizenId,
    SectorId,
)
from guichet.store.agents.rights import AgentRight
from guichet.store.cases.history import Done
from guichet.store.messages.document import MessageDocument
from guichet.store.notes import Note
from guichet.store.threads.claim import Claim
from guichet.store.threads.store import ThreadDocument
from guichet.vault.sealing import DataKey

# Per anchor, of quoters and of own mails each: who spams one Message-ID makes no look-up long and no document grow.
CLAIMS_CONSIDERED = 32

FILINGS = frozenset({"CaseOpened", "MessageFiled"})


@dataclass
class BatchContext:
    """Documents as they were read."""

    arrivals: dict[MessageId, Arrival] = field(default_factory=dict)
    threads: dict[AnchorId, ThreadDocument] = field(default_factory=dict)
    cases: dict[CaseId, CaseRecord] = field(default_factory=dict)
    by_reference: dict[Reference, CaseId] = field(default_factory=dict)
    by_question: dict[MessageId, CaseId] = field(default_factory=dict)  # of arrivals that prove what they answer
    filed: dict[MessageId, CaseId] = field(default_factory=dict)  # where messages went that are done
    outbound: dict[MessageId, MessageDocument] = field(default_factory=dict)  # the town's own words
    chosen: dict[MessageId, Identifier] = field(default_factory=dict)  # where their agents chose to send these words
    proven: dict[MessageId, frozenset[CitizenId]] = field(default_factory=dict)  # whose that is, proven, by all ids
    wrote: dict[MessageId, frozenset[CitizenId]] = field(
        default_factory=dict
    )  # whose the addresses are that wrote what these words answer, by all ids; not of what came without an address
    notes: dict[NoteId, Note] = field(default_factory=dict)  # what agents said to each other
    rights: dict[AgentId, tuple[AgentRight, ...]] = field(default_factory=dict)  # what authors of commands may, might
    people: dict[SectorCitizenId, CitizenId] = field(default_factory=dict)  # whose the cases are that change hands
    senders: dict[tuple[CaseId, SectorId], Sender] = field(default_factory=dict)  # of whom a command of abuse judges
    case_keys: dict[KeyId, DataKey] = field(default_factory=dict)  # of cases whose citizens give a command
    answered: dict[MessageId, MessageDocument] = field(default_factory=dict)  # whose senders might get a new link
    verified: dict[MessageId, CitizenId] = field(
        default_factory=dict
    )  # of those, whose address the registry is sure of
    erasing: dict[CaseId, CaseRecord] = field(default_factory=dict)  # under erasure: nothing leads there any more
    erased: frozenset[CaseId] = frozenset()  # those and the destroyed, of the commands' cases
    happened: dict[Done, set[str]] = field(default_factory=dict)  # types of events of causes that are in the history
    earlier: dict[MessageId, EarlierMail] = field(default_factory=dict)  # mails under the arrivals' own Message-IDs
    moves: dict[CaseId, list[HistoryEntry]] = field(default_factory=dict)  # who had the commands' cases when, so far

    def add_cases(self, cases: Iterable[CaseRecord]) -> None:
        """Note cases as they were read."""
        for case in cases:
            (self.erasing if case.erasing else self.cases)[case.case_id] = case

    def has_room(self, arrival: Arrival, more: Iterable[Claim] = ()) -> bool:
        """Say whether a message's own anchor takes one more own mail. more: claims that are still to be made on it."""
        own = [claim for claim in (*self.claims(arrival.marks.own), *more) if claim.quoted_by is None]
        return len(own) < CLAIMS_CONSIDERED

    def own_claim_of(self, arrival: Arrival) -> Claim | None:
        """Return the claim that a message made in its own name, as it was read."""
        every = (*self.claims(arrival.marks.own), *self.claims(arrival.marks.apart))
        return next((claim for claim in every if claim.claimed_by == arrival.message_id), None)

    def own_claims_before(self, arrival: Arrival, more: Iterable[Claim] = ()) -> list[Claim]:
        """Return which mails claimed a mail's own anchor as theirs before it did, the newest few; none without a head.

        more: claims that are still to be made on it.
        """
        if arrival.opened.head is None:
            return []
        own = [claim for claim in (*self.claims(arrival.marks.own), *more) if claim.quoted_by is None]
        mine = next((place for place, claim in enumerate(own) if claim.claimed_by == arrival.message_id), len(own))
        return own[:mine][-COMPARED_AT_MOST:]

    def is_done(self, case: CaseRecord, cause: str) -> bool:
        """Say whether a case has what this cause brings about: in its outbox, or in its history by now."""
        return (case.case_id, cause) in self.happened or any(entry.cause == cause for entry in case.outbox)

    def has_message(self, case: CaseRecord, message: MessageId) -> bool:
        """Say whether a citizen's message is one of the case's."""
        waiting = (entry.event["type"] for entry in case.outbox if entry.cause == message)
        return not FILINGS.isdisjoint({*self.happened.get((case.case_id, message), ()), *waiting})

    def claims(self, anchor: AnchorId) -> tuple[Claim, ...]:
        """Return an anchor's claims as they were read."""
        thread = self.threads.get(anchor)
        return thread.claims if thread else ()


def considered(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims that are looked at: those of the Message-ID's own mails before those that quote it.

    However many quote it, its own mails are among them, and so is the very last: a conversation's present case.
    """
    every = sorted(claims, key=lambda claim: claim.quoted_by is not None)
    return every if len(every) <= CLAIMS_CONSIDERED else [*every[: CLAIMS_CONSIDERED - 1], every[-1]]
