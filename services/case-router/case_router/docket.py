"""What is known while a batch is decided, and what has been decided of it so far. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from case_router.abuse import Sender
from case_router.arrival import Arrival
from guichet.ids import AgentId, AnchorId, CaseId, CitizenId, KeyId, MessageId, Reference, SectorCitizenId, SectorId
from guichet.privacy.sealing import DataKey
from guichet.store.agent_rights import AgentRight
from guichet.store.case_document import CaseDocument
from guichet.store.claim import Claim
from guichet.store.message_document import MessageDocument
from guichet.store.threads import ThreadDocument

CLAIMS_CONSIDERED = 32  # per anchor: who spams one Message-ID must not make every look-up long


@dataclass
class Docket:
    """Documents as they were read."""

    arrivals: dict[MessageId, Arrival] = field(default_factory=dict)
    threads: dict[AnchorId, ThreadDocument] = field(default_factory=dict)
    cases: dict[CaseId, CaseDocument] = field(default_factory=dict)
    by_reference: dict[Reference, CaseId] = field(default_factory=dict)
    filed: dict[MessageId, CaseId] = field(default_factory=dict)  # where messages went that are done
    outbound: dict[MessageId, MessageDocument] = field(default_factory=dict)  # the town's own words
    rights: dict[AgentId, tuple[AgentRight, ...]] = field(default_factory=dict)  # what authors of commands may, might
    people: dict[SectorCitizenId, CitizenId] = field(default_factory=dict)  # whose the cases are that change hands
    senders: dict[tuple[CaseId, SectorId], Sender] = field(default_factory=dict)  # of whom a command of abuse judges
    case_keys: dict[KeyId, DataKey] = field(default_factory=dict)  # of cases whose citizens give a command
    answered: dict[MessageId, MessageDocument] = field(default_factory=dict)  # whose senders might get a new link
    verified: dict[MessageId, CitizenId] = field(
        default_factory=dict
    )  # of those, whose address the registry is sure of
    erasing: dict[CaseId, CaseDocument] = field(default_factory=dict)  # under erasure: nothing leads there any more
    erased: frozenset[CaseId] = frozenset()  # those and the destroyed, of the commands' cases

    def add_cases(self, cases: Iterable[CaseDocument]) -> None:
        """Note cases as they were read."""
        for case in cases:
            (self.erasing if case.erasing else self.cases)[case.case_id] = case

    def claims(self, anchor: AnchorId) -> tuple[Claim, ...]:
        """Return an anchor's claims as they were read."""
        thread = self.threads.get(anchor)
        return thread.claims if thread else ()


def considered(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims that are looked at: those of the Message-ID's own mail before those that quote it.

    The very last is among them: a conversation's present case.
    """
    every = list(claims)
    seen = every if len(every) <= CLAIMS_CONSIDERED else [*every[: CLAIMS_CONSIDERED - 1], every[-1]]
    return sorted(seen, key=lambda claim: claim.quoted_by is not None)
