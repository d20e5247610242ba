"""The settings that every adapter needs."""

from guichet.runtime.settings import EdgeSettings, KafkaSettings, ObjectSettings, ServiceSettings, VaultSettings


class AdapterSettings(ServiceSettings, ObjectSettings):
    """vault: to insert keys, never to open one. edge: the keys that name messages and senders."""

    kafka: KafkaSettings
    vault: VaultSettings
    edge: EdgeSettings
