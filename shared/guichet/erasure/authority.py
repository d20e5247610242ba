"""Who asked for an erasure: its request is verified again from the ledger, whatever else the ledger says.

Whoever writes into the vault's database can enter an erasure, or move one on. What they cannot do is sign as a door.
"""

from pydantic import ValidationError

from guichet.contracts.privacy import ErasureRequested
from guichet.contracts.topics import PRIVACY_REQUESTS
from guichet.errors import ForgedError
from guichet.privacy.signing import Signed, Verifier
from guichet.store.erasure_document import ErasureEntry, SignedRequest


def kept(signed: Signed) -> SignedRequest:
    """Return a verified record as the ledger keeps it. Pure."""
    return SignedRequest(key=signed.key, value=signed.value, key_id=signed.key_id, signature=signed.signature)


class Authority:
    """Believes the doors that a verifier believes."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    def asked_for(self, entry: ErasureEntry) -> bool:
        """Return whether a door signed exactly this request: this person, decision, visa and time."""
        if entry.signed is None:
            return False
        try:
            return _said(entry) == _said(ErasureEntry.of(self._verified(entry.signed)))
        except (ForgedError, ValidationError):
            return False

    def _verified(self, kept: SignedRequest) -> ErasureRequested:
        signed = Signed(PRIVACY_REQUESTS.name, kept.key, kept.value, kept.key_id, kept.signature)
        key, event = self._verifier.verify(signed, PRIVACY_REQUESTS), PRIVACY_REQUESTS.events.validate_json(kept.value)
        if not isinstance(event, ErasureRequested) or not key.signs_at(event.occurred_at):
            raise ForgedError("signed, and no request to erase anybody", reason="wrong-signature")
        return event


def _said(entry: ErasureEntry) -> tuple[object, ...]:
    at = entry.requested_at
    in_millis = at.replace(microsecond=at.microsecond // 1000 * 1000)  # MongoDB keeps no more of it
    return entry.request_id, entry.citizen, entry.decision, entry.visa, entry.requested_by, in_millis
