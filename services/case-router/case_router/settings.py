"""The settings of the case-router, read once, in `__main__`."""

from datetime import timedelta

from pydantic import Field

from guichet.runtime.settings import (
    HealthSettings,
    KafkaSettings,
    MongoSettings,
    OpeningSettings,
    SecretKey,
    ServiceSettings,
    TownSettings,
    VerifyingSettings,
)


class CaseRouterSettings(ServiceSettings, TownSettings, VerifyingSettings):
    """registry_key, sector_key, thread_key, reference_key: see case_router.domain.keys.

    case_router_sweep_after: how old an unpublished event must be before the sweeper publishes it (ISO 8601, PT30S).
    """

    kafka: KafkaSettings
    mongo: MongoSettings
    vault: OpeningSettings
    health: HealthSettings
    registry_key: SecretKey
    sector_key: SecretKey
    thread_key: SecretKey
    reference_key: SecretKey
    case_router_sweep_after: timedelta = Field(default=timedelta(seconds=30), ge=timedelta(seconds=1))
