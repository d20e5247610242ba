"""The data map: every place where personal data rests, declared once, in code (GDPR art. 30).

Each store file declares its collections in a module-level `DATA_MAP: tuple[DataMapEntry, ...]`, topics are declared in
guichet.privacy.data_map.topics, files in guichet.privacy.data_map.files, objects beside the object store. A collection
that holds no personal data is declared too, without fields: forgetting and deciding must not look alike. Erasure
and the register read the whole map (guichet.store.setup.schema); an undeclared collection or topic fails a test.

Whose a document is, is declared by what it holds (`belongs`): an erasure walks from a person's ids to the documents
that hold one, from these to the documents that hold theirs, and so on (guichet.data_subject.finder).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from guichet.privacy.data_map.retention import Retention

Place = Literal["collection", "topic", "bucket", "vault-collection", "file"]


class Form(StrEnum):
    """How a personal field rests."""

    SEALED = "sealed"  # AES-256-GCM, under the key of its thing unless the field says otherwise
    PSEUDONYM = "pseudonym"  # an HMAC, or an id that leads to a person only through the registry
    CLEAR = "clear"  # an agent's own, which the town's files hold in clear, too


class Erasure(StrEnum):
    """How an erasure reaches the place."""

    KEY_DESTROYED = "key destroyed"  # what is sealed becomes noise; the rest of the document names nobody
    DELETED = "deleted"
    EXPIRES = "expires"  # gone by its retention at the latest, unreadable before
    NOT_CONCERNED = "not concerned"  # no citizen's data, or kept under a legal duty that `purpose` names


class Bond(StrEnum):
    """What leads from a person to what is theirs: the kinds of ids that documents hold of each other."""

    CITIZEN = "citizen"  # the registry's id
    SECTOR_CITIZEN = "sector citizen"  # a sector's own id of a citizen
    IDENTIFIER = "identifier"
    CASE = "case"
    MESSAGE = "message"
    KEY = "key"


@dataclass(frozen=True)
class Belonging:
    """A document is somebody's when `path` holds an id of theirs.

    shared: other people's ids may stand beside it; such a document stays, and only what is theirs leaves it.
    blind: what stands there is not the id but its blinded form (guichet.privacy.blind_ids).
    """

    bond: Bond
    path: str
    shared: bool = False
    blind: bool = False


@dataclass(frozen=True)
class PersonalField:
    """One field. path: as in the document ("history.reason"). holds: what it tells.

    keyed: False for what is sealed under a service's key instead of a key of its thing's own in the vault.
    seals: kind and name of the sealed field that lies there (guichet.vault.fields).
    """

    path: str
    form: Form
    holds: str
    keyed: bool = True
    seals: tuple[str, str] | None = None

    @property
    def key_path(self) -> str:
        """Where a sealed field of a document names its key (guichet.contracts.base.Sealed)."""
        return f"{self.path}.key_id"


@dataclass(frozen=True)
class Join:
    """A value that may be the same for one person in two sectors, which nothing else may be. reason: why it must.

    path: as in the document; of a record, "key" is the record's own.
    """

    path: str
    reason: str


@dataclass(frozen=True)
class DataMapEntry:
    """One place. `legal_basis`: article and letter. `whose`: the persons concerned.

    retention: how long, and who deletes it (guichet.privacy.data_map.retention).
    belongs: how what lies there is found to be somebody's; needed wherever an erasure reaches.
    documents: what an `_id` there is, where other documents hold it. files: paths of keys in the object store.
    left_keys: paths of ids of vault keys that an erasure destroys even where the document stays.
    joins: what of it may join a person's documents of two sectors; tests/attacks holds that nothing else does.
    """

    place: Place
    name: str
    purpose: str
    legal_basis: str
    whose: str
    retention: Retention
    on_erasure: Erasure
    fields: tuple[PersonalField, ...] = ()
    belongs: tuple[Belonging, ...] = ()
    documents: Bond | None = None
    files: tuple[str, ...] = ()
    left_keys: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()

    @property
    def key_paths(self) -> tuple[str, ...]:
        """Where documents there name the keys of what is sealed in them."""
        return tuple(field.key_path for field in self.fields if field.form is Form.SEALED and field.keyed)


FILE_SIZE = "a file that is sent twice is as long twice; what is sealed of it tells its length anyway"
PUBLIC_TASK = "GDPR art. 6(1)(e): public interest task; CRPA L112-8 (saisine par voie électronique)"
LEGAL_OBLIGATION = "GDPR art. 6(1)(c): legal obligation"
SECURITY = "GDPR art. 6(1)(c), art. 32: security of processing"
