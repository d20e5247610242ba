"""The data map in one piece: the topics', the collections', the object store's and the files' entries."""

from guichet.privacy.data_map import files as files_data_map
from guichet.privacy.data_map import topics as topics_data_map
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.store import objects
from guichet.store.setup.schema import STORE_FILES
from guichet.vault.schema import VAULT_FILES


def whole_data_map() -> tuple[DataMapEntry, ...]:
    """Return every declared place."""
    declared = (topics_data_map, objects, *STORE_FILES, *VAULT_FILES, files_data_map)
    return tuple(entry for file in declared for entry in file.DATA_MAP)
