"""Settings of gdpr-worker, read once in `__main__`."""

from datetime import timedelta

from pydantic import Field

from guichet.runtime.settings import (
    HealthSettings,
    KafkaSettings,
    MongoSettings,
    ObjectSettings,
    RotationSettings,
    SecretKey,
    ServiceSettings,
    SmtpSettings,
    TownSettings,
    VerifyingSettings,
)


class GdprWorkerSettings(ServiceSettings, TownSettings, ObjectSettings, VerifyingSettings):
    """registry_key, sector_key: the router's; they lead from a citizen to what is theirs.

    ledger_key: gdpr-worker's and the operator's alone: makes what the ledger keeps of a registry id for good.

    trim_every: pause between two rounds of trimming; GUICHET_TRIM_EVERY in seconds or ISO 8601 (PT1M).

    erasure_waits: how long an erasure may be cancelled once the DPO is told; None: one working day of the town.
    erasure_stuck_after: how long an erasure may be open before an alarm. oplog_kept_for, backups_kept_for: how long
    copies outlive their original; a certificate promises that the last one is gone by then.
    backup_alarm_after: how old the last backup may be that was found good; zero: nobody asks, on a machine for trials.
    """

    kafka: KafkaSettings
    mongo: MongoSettings
    vault: RotationSettings
    smtp: SmtpSettings
    health: HealthSettings
    registry_key: SecretKey
    sector_key: SecretKey
    ledger_key: SecretKey
    trim_every: timedelta = timedelta(minutes=1)
    erasure_waits: timedelta | None = None
    erasure_stuck_after: timedelta = timedelta(hours=6)
    oplog_kept_for: timedelta = timedelta(days=7)
    backups_kept_for: timedelta = timedelta(days=35)
    backup_alarm_after: timedelta = Field(default=timedelta(hours=26), ge=timedelta(0))
