"""The data map: every place where personal data rests, declared once, in code (GDPR art. 30; design 4).

Each store file declares its collections in a module-level `DATA_MAP: tuple[DataMapEntry, ...]`, topics are declared in
guichet.privacy.topics_data_map, files beside the object store. A collection that holds no personal data is declared
too, without fields: forgetting and deciding must not look alike. Sealing, erasure, export, retention runs and the
register read the whole map (guichet.store.whole_data_map); an undeclared place fails a test.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Place = Literal["collection", "topic", "bucket", "vault-collection"]


class Form(StrEnum):
    """How a personal field rests."""

    SEALED = "sealed"  # under the key of its thing: AES-256-GCM
    PSEUDONYM = "pseudonym"  # an HMAC, or an id that leads to a person only through the registry
    CLEAR = "clear"  # needs a reason in `holds`


class Erasure(StrEnum):
    """How an erasure reaches the place."""

    KEY_DESTROYED = "key destroyed"  # what is sealed becomes noise; the rest of the document names nobody
    DELETED = "deleted"
    EXPIRES = "expires"  # gone by its retention at the latest, unreadable before
    NOT_CONCERNED = "not concerned"  # no citizen's data, or kept under a legal duty that `retention` names


@dataclass(frozen=True)
class PersonalField:
    """One field. path: as in the document ("history.reason"). holds: what it tells, and why it is clear if it is."""

    path: str
    form: Form
    holds: str


@dataclass(frozen=True)
class DataMapEntry:
    """One place. `legal_basis`: article and letter. `whose`: the persons concerned. `retention`: how long and why."""

    place: Place
    name: str
    purpose: str
    legal_basis: str
    whose: str
    retention: str
    on_erasure: Erasure
    fields: tuple[PersonalField, ...] = ()


PUBLIC_TASK = "GDPR art. 6(1)(e): public interest task; CRPA L112-8 (saisine par voie électronique)"
LEGAL_OBLIGATION = "GDPR art. 6(1)(c): legal obligation"
SECURITY = "GDPR art. 6(1)(c), art. 32: security of processing"
