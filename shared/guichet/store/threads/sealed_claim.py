"""Claims as they rest in `threads`: sealed for their anchor, with blind values by which an erasure finds them.

The key is made from the router's thread key: no key of the vault an anchor, since a claim is nobody's words, and goes
with its case by being deleted. Who has no key sees how many claims an anchor has, and nothing of whose.
"""

import secrets
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guichet.ids import AnchorId, CaseId, MessageId
from guichet.privacy.blind_ids import BlindIds
from guichet.privacy.data_map.entry import Bond
from guichet.privacy.pseudonyms import claims_key
from guichet.runtime.telemetry.tampering_alarm import tampered
from guichet.store.threads.claim import Claim
from guichet.vault.sealing import NONCE_BYTES

_SEPARATOR: Final = "\n"  # in no id


class ClaimSealing:
    """Seals claims and opens them. thread_key, registry_key: 32 bytes each, the router's."""

    def __init__(self, thread_key: bytes, registry_key: bytes) -> None:
        self._cipher = AESGCM(claims_key(thread_key))  # random nonces: far below the 2³² seals of SP 800-38D 8.3
        self._blind_ids = BlindIds(registry_key)

    def seal(self, anchor: AnchorId, claim: Claim) -> dict[str, Any]:
        """Return a claim as it rests."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = _SEPARATOR.join((claim.case_id, claim.claimed_by, claim.quoted_by or ""))
        return {
            "box": nonce + self._cipher.encrypt(nonce, plain.encode(), anchor.encode()),
            "of_case": self._blind_ids.blind(Bond.CASE, claim.case_id),
            "of_message": self._blind_ids.blind(Bond.MESSAGE, claim.claimed_by),
        }

    def open(self, anchor: AnchorId, resting: dict[str, Any]) -> Claim:
        """Return a claim. Raises TamperedError when it was not sealed for this anchor."""
        box = resting["box"]
        try:
            plain = self._cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], anchor.encode())
        except (InvalidTag, ValueError) as exc:  # ValueError: cut short
            raise tampered("thread", f"anchor {anchor}: a claim does not open") from exc
        case, message, quoted_by = plain.decode().split(_SEPARATOR)
        return Claim(case_id=CaseId(case), claimed_by=MessageId(message), quoted_by=quoted_by or None)
