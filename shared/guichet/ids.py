"""Typed ids, and the one way to derive an id from what caused it.

An id never contains a person, and none can be verified by guessing a name, an address or a year: it is random, an HMAC
(guichet.privacy.pseudonyms), or derived from such an id.
"""

import hashlib
import re
import secrets
from typing import Final, NewType

MessageId = NewType("MessageId", str)  # one communication, inbound or outbound
LetterId = NewType("LetterId", str)  # of a scanned letter that waits to be taken down
NoteId = NewType("NoteId", str)  # of an internal note
DraftId = NewType("DraftId", str)  # of an answer that is not sent yet
SavedAnswerId = NewType("SavedAnswerId", str)  # of a text for many answers
BulkId = NewType("BulkId", str)  # of one decision about many cases
SavedViewId = NewType("SavedViewId", str)  # of a list that agents open again and again
CaseId = NewType("CaseId", str)
EventId = NewType("EventId", str)
CitizenId = NewType("CitizenId", str)  # lives in the citizen registry only
SectorCitizenId = NewType("SectorCitizenId", str)  # the sector's own id of a citizen
IdentifierId = NewType("IdentifierId", str)  # pseudonym of an e-mail address, phone …
AnchorId = NewType("AnchorId", str)  # what `threads` is keyed by
KeyId = NewType("KeyId", str)  # a data key in the vault
AgentId = NewType("AgentId", str)
SectorId = NewType("SectorId", str)
DepartmentId = NewType("DepartmentId", str)
ProcedureId = NewType("ProcedureId", str)  # an entry of the town's catalogue
ProfileId = NewType("ProfileId", str)
UnitId = NewType("UnitId", str)
Reference = NewType("Reference", str)  # what a citizen reads: 2026-7F3K-29Q


ID: Final = r"^[0-9a-f]{32}$"


def is_id(name: object) -> bool:
    """Return whether a name has the form that ids of keys and files have: 32 hex digits.

    A third party's host says under which key a thing lies, and where its files do, and may say anything.
    """
    return isinstance(name, str) and re.fullmatch(ID, name) is not None


def derive_id(kind: str, *parts: str) -> str:
    """Return 32 hex digits that depend on `kind` and `parts` alone, so that a replay finds the same id.

    Parts are length-prefixed: ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.sha256()
    for part in (kind, *parts):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.hexdigest()[:32]


def random_id() -> str:
    """Return 32 hex digits that nobody can compute. Only for what a lock keeps from being made twice."""
    return secrets.token_hex(16)


def event_id(cause: str, event_type: str, nth: int = 0) -> EventId:
    """Return the id of the `nth` event of this type that `cause` brings about."""
    return EventId(derive_id("event", cause, event_type, str(nth)))


def case_id(opening_cause: str) -> CaseId:
    """Return the id of the case that this message opens."""
    return CaseId(derive_id("case", opening_cause))


def receipt_id(case: CaseId, receipt: str) -> MessageId:
    """Return the outbound id of a case's receipt: at most one of each type ever exists."""
    return MessageId(derive_id("receipt", case, receipt))
