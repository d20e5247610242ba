"""What a citizen holds in hand: the case's reference, the signed reply address. Pure. The link: follow_link.py."""

import base64
import hashlib
import hmac
import re

from guichet.ids import CaseId, Reference
from guichet.privacy.framed_bytes import framed
from guichet.privacy.subaddress import tag_of, tagged

SIGNATURE_BYTES = 10  # 80 bits: each guess costs a mail; a local part has room for 64 characters (RFC 5321 4.5.3.1.1)

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: read aloud and typed without mistakes
_REFERENCE = rf"\d{{4}}-[{_CROCKFORD}]{{4}}-[{_CROCKFORD}]{{3}}"
_SIGNED_TAG = re.compile(rf"({_REFERENCE})\.([A-Z2-7]{{16}})", re.ASCII)


def make_reference(case: CaseId, year: int, attempt: int = 0) -> Reference:
    """Return what the citizen reads and quotes, such as 2026-7F3K-29Q.

    35 bits of the case's id: where another case of the year already has it, raise `attempt`.
    """
    digest = hashlib.sha256(framed("reference", case, str(year), str(attempt))).digest()
    number = int.from_bytes(digest[:5], "big")
    letters = "".join(_CROCKFORD[number >> 5 * place & 31] for place in range(7))
    return Reference(f"{year:04d}-{letters[:4]}-{letters[4:]}")


def reply_address(reference_key: bytes, reference: Reference, mailbox: str) -> str:
    """Return the signed address that joins an answer to its case: contact+2026-7f3k-29q.<signature>@mairie.example.

    mailbox: one of the town's, its local part at most 33 characters. In lower case: mail servers may fold it anyway.
    """
    local, _, domain = mailbox.rpartition("@")
    return f"{tagged(local, f'{reference}.{_signature(reference_key, reference)}')}@{domain}".lower()


def read_reply_address(reference_key: bytes, address: str) -> Reference | None:
    """Return the reference of an address that we signed, in whatever case it comes back; None for any other."""
    found = _SIGNED_TAG.fullmatch(tag_of(address.strip().upper().rpartition("@")[0]))
    if found is None:
        return None
    reference, signature = Reference(found[1]), found[2]
    return reference if hmac.compare_digest(signature, _signature(reference_key, reference)) else None


def _signature(reference_key: bytes, reference: Reference) -> str:
    return base64.b32encode(hmac.digest(reference_key, framed("reply", reference), "sha256")[:SIGNATURE_BYTES]).decode()
