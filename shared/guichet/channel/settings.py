"""The settings that every adapter needs."""

from guichet.runtime.settings import EdgeSettings, HealthSettings, KafkaSettings, ObjectSettings, VaultSettings


class AdapterSettings(KafkaSettings, VaultSettings, ObjectSettings, EdgeSettings, HealthSettings):
    """Broker, vault (to insert keys, never to open one), object store, the keys that name messages, health."""
