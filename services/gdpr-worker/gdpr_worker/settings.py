"""Settings of gdpr-worker, read once in `__main__`."""

from datetime import timedelta

from guichet.runtime.settings import HttpSettings, KafkaSettings, MongoSettings, OpeningSettings


class GdprWorkerSettings(KafkaSettings, MongoSettings, OpeningSettings, HttpSettings):
    """trim_every: pause between two rounds of trimming; GUICHET_TRIM_EVERY in seconds or ISO 8601 (PT1M)."""

    trim_every: timedelta = timedelta(minutes=1)
