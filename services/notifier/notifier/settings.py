"""The settings of the notifier, read once, in `__main__`."""

from datetime import timedelta
from pathlib import Path

from pydantic import AnyHttpUrl, Field

from guichet.runtime.settings import (
    HealthSettings,
    KafkaSettings,
    MongoSettings,
    OpeningSettings,
    SecretKey,
    ServiceSettings,
    TownSettings,
)


class NotifierSettings(ServiceSettings, TownSettings):
    """reference_key: signs reply addresses, and blinds the addresses that receipts are counted by.

    portal_url: where citizens follow a case. desk_url: where agents work, for mails to them. sender_sockets: the folder
    of the senders' sockets. objects_url: where the files are that go with answers.

    notifier_settle_after: how long after a lost answer a provider is asked, if it can be, what became of a message;
    None: as long as the facts of its channel say.
    notifier_sms_per_second: going away, `per_second` in channels.yaml says it of any channel; what the account that
    carries SMS may send, before anything else that says so.
    notifier_journal: a folder on another disk than the store's, where each letter that leaves is noted
    (guichet.store.sending_journal); None: a restore may send again what left since its backup.
    notifier_receipts_a_day: how many one address gets one by one; further ones leave in one message next morning.
    """

    kafka: KafkaSettings
    mongo: MongoSettings
    vault: OpeningSettings
    health: HealthSettings
    reference_key: SecretKey
    portal_url: AnyHttpUrl
    desk_url: AnyHttpUrl
    sender_sockets: Path
    objects_url: str
    notifier_settle_after: timedelta | None = None
    notifier_sms_per_second: float | None = Field(default=None, gt=0)
    notifier_journal: Path | None = None
    notifier_receipts_a_day: int = Field(default=10, ge=1)
