"""The settings of search-indexer, read once, in `__main__`."""

from pathlib import Path

from guichet.runtime.settings import (
    HealthSettings,
    KafkaSettings,
    MongoSettings,
    OpeningSettings,
    ServiceSettings,
    TownSettings,
)


class SearchIndexerSettings(ServiceSettings, TownSettings):
    """search_files: the folder of the search files, which the desk reads."""

    kafka: KafkaSettings
    mongo: MongoSettings
    vault: OpeningSettings
    health: HealthSettings
    search_files: Path
