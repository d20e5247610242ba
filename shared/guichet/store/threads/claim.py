"""A case's hold on an anchor, in memory; how it rests: guichet.store.threads.sealed_claim."""

from guichet.contracts.base import Contract
from guichet.ids import CaseId, MessageId


class Claim(Contract):
    """One case's hold on an anchor. `claimed_by`: the message on whose behalf; it leads to its case even when another
    process has not written it yet. `quoted_by`: the case's tag of its sender when it only quoted the Message-ID; None
    for the Message-ID's own mail, for ours and for a conversation."""

    case_id: CaseId
    claimed_by: MessageId
    quoted_by: str | None = None
