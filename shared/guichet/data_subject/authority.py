"""Who asked for an erasure: its request is verified again from the ledger, whatever else the ledger says.

Whoever writes into the vault's database can enter an erasure, or move one on. What they cannot do is sign as a door,
nor mark what gdpr-worker did and found out since: that the DPO was told, the person's other ids, what was theirs alone.
"""

import hmac
from datetime import UTC, datetime

from pydantic import ValidationError

from guichet.contracts.privacy import ErasureRequested
from guichet.contracts.topics import PRIVACY_REQUESTS
from guichet.errors import ForgedError
from guichet.privacy.pseudonyms import ledger_mark
from guichet.privacy.signing.records import Signed, Verifier
from guichet.vault.erasure_ledger.entry import ErasureEntry, ErasureStep, SignedRequest


def kept(signed: Signed) -> SignedRequest:
    """Return a verified record as the ledger keeps it. Pure."""
    return SignedRequest(key=signed.key, value=signed.value, key_id=signed.key_id, signature=signed.signature)


class Authority:
    """Believes the doors that a verifier believes, and whoever has the ledger's key."""

    def __init__(self, verifier: Verifier, ledger_key: bytes) -> None:
        self._verifier = verifier
        self._ledger_key = ledger_key

    def mark(self, entry: ErasureEntry) -> str:
        """Return the mark of how far it is, until when it waits, and what was found out about the person."""
        noted = entry.noted
        found = (*noted.addresses, "", *noted.unfiled, _in_millis(noted.at).isoformat()) if noted else ()
        begins_at = _in_millis(entry.begins_at).isoformat() if entry.begins_at else ""
        return ledger_mark(self._ledger_key, entry.request_id, entry.step, begins_at, *entry.citizens, "", *found)

    def asked_for(self, entry: ErasureEntry) -> bool:
        """Return whether a door signed exactly this request (person, decision, visa, time), and all else is marked."""
        if entry.signed is None or not self._is_marked(entry):
            return False
        try:
            return _said(entry) == _said(ErasureEntry.of(self._verified(entry.signed)))
        except (ForgedError, ValidationError):
            return False

    def _is_marked(self, entry: ErasureEntry) -> bool:
        if entry.mark is None:
            return entry.step is ErasureStep.RECORDED and not entry.citizens and entry.noted is None
        return hmac.compare_digest(entry.mark.encode(), self.mark(entry).encode())

    def _verified(self, kept: SignedRequest) -> ErasureRequested:
        signed = Signed(PRIVACY_REQUESTS.name, kept.key, kept.value, kept.key_id, kept.signature)
        key, event = self._verifier.verify(signed, PRIVACY_REQUESTS), PRIVACY_REQUESTS.events.validate_json(kept.value)
        if not isinstance(event, ErasureRequested) or not key.signs_at(event.occurred_at):
            raise ForgedError("signed, and no request to erase anybody", reason="wrong-signature")
        return event


def _said(entry: ErasureEntry) -> tuple[object, ...]:
    at = _in_millis(entry.requested_at)
    return entry.request_id, entry.citizen, entry.decision, entry.visa, entry.requested_by, at


def _in_millis(at: datetime) -> datetime:
    """As MongoDB keeps it."""
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)
