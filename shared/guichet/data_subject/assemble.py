"""Finding and removing on the real stores: whoever erases, lists or restores does it with the same pieces."""

from guichet.data_subject.erase import Removal
from guichet.data_subject.finder import PersonFinder
from guichet.mongo.client import Database
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.documents import MongoDocumentFinder
from guichet.store.messages.erase import MongoMessageErasing
from guichet.store.objects import ObjectStore
from guichet.store.registry.erase import MongoCitizenErasing
from guichet.store.shared_documents import MongoSharedDocuments
from guichet.vault.ports import KeyOpener, Vault


def open_finder(database: Database, vault: KeyOpener, *, registry_key: bytes, sector_key: bytes) -> PersonFinder:
    """Return what finds a person's things in `database`. Both keys: 32 bytes, the router's."""
    return PersonFinder(
        documents=MongoDocumentFinder(database), vault=vault, registry_key=registry_key, sector_key=sector_key
    )


def open_removal(database: Database, vault: Vault, objects: ObjectStore, finder: PersonFinder) -> Removal:
    """Return what takes them away."""
    return Removal(
        finder=finder,
        documents=MongoDocumentFinder(database),
        shared=MongoSharedDocuments(database, finder.blind_ids),
        citizens=MongoCitizenErasing(database),
        cases=MongoCaseErasing(database),
        messages=MongoMessageErasing(database),
        vault=vault,
        objects=objects,
    )
