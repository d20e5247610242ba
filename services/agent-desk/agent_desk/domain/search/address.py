"""The address of a search: its words stand in it sealed, so that no log and no history bears them.

What is typed is often a person's name or number. So it is sent in a form, and the page that answers has an address that
leads back to it, and on to what else is found, in this session of this desk alone. Pure, but for a random nonce.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Field, ValidationError

from guichet.contracts.base import Contract
from guichet.ids import SectorId
from guichet.search.query import LETTERS_AT_MOST

PATH: Final = "/recherche"
WORD: Final = "q"
_NONCE: Final = 12
_LONGEST: Final = 6 * LETTERS_AT_MOST + 2_000  # characters of a sealed search: more is none


class Asked(Contract):
    """What is looked for. before: in each sector, from which place in its file on; without it, from the newest."""

    typed: str = Field(default="", repr=False)
    before: Mapping[SectorId, int] = {}


@dataclass(frozen=True)
class SearchAddresses:
    """key: the desk's session key."""

    key: bytes = field(repr=False)

    def of(self, asked: Asked, session_id: str) -> str:
        """Return the address of a search, for a session."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, asked.model_dump_json().encode(), session_id.encode())
        return f"{PATH}?{WORD}={base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def read(self, sealed: str, session_id: str) -> Asked | None:
        """Return what an address asks for; None where this session was not given it."""
        if len(sealed) > _LONGEST:
            return None
        try:
            raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            plain = self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], session_id.encode())
            return Asked.model_validate_json(plain)
        except (binascii.Error, InvalidTag, ValidationError, ValueError):
            return None

    @property
    def _cipher(self) -> AESGCM:
        return AESGCM(hmac.digest(self.key, b"guichet-desk-search", "sha256"))
