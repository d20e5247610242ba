"""What ops-console knows at one moment, as /api/overview gives it and `guichet top` and tests read it. No person in it.

Ages and rates are of `taken_at`; where the broker is away, topics are those of `broker.answered_at`.
"""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Part(BaseModel):
    """Base of every part: frozen; a reader of another version overlooks what it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class BrokerStanding(Part):
    """Whether Kafka answers. trouble: what it said instead. answered_at: None before the first answer."""

    answers: bool
    trouble: str = ""
    answered_at: AwareDatetime | None = None


class GroupStanding(Part):
    """One consumer group on one topic. oldest_unhandled_s: age of its oldest unhandled record, None without any."""

    group: str
    lag_records: int
    oldest_unhandled_s: float | None


class DeadLetterStanding(Part):
    """Open dead letters of one group on one topic that share a reason code."""

    group: str
    reason: str
    count: int
    oldest_at: AwareDatetime


class TopicStanding(Part):
    """One topic. records_in: high-water marks added up. per_second: over the last seconds, None until known.

    last_hour: records a second, minute by minute, oldest first; None where nothing was measured.
    """

    topic: str
    records_in: int
    per_second: float | None
    records_last_hour: int
    last_hour: tuple[float | None, ...]
    groups: tuple[GroupStanding, ...]
    dead_letters: tuple[DeadLetterStanding, ...]


class ServiceState(StrEnum):
    """How a service answers."""

    AWAITED = "awaited"  # not seen yet, and the console itself has just started
    READY = "ready"
    NOT_READY = "not-ready"  # it answers, but a part it cannot do without does not
    SILENT = "silent"  # it missed its last scrape
    DOWN = "down"  # it has missed them for too long: an alarm


class ServiceStanding(Part):
    """One process of a service. missing: the parts it waits for. started_at: of the process.

    removed: how much it has removed since then because its time was over, by place of the data map.
    """

    service: str
    url: str
    state: ServiceState
    missing: tuple[str, ...] = ()
    version: str | None = None
    started_at: AwareDatetime | None = None
    removed: dict[str, int] = {}


class SpendingStanding(Part):
    """What letters of a provider account cost in a period ("day", "month"). units: as its provider bills them.

    cap: what they may cost; None: as much as they do.
    """

    account: str
    period: str
    currency: str
    amount: float
    units: int
    cap: float | None = None


class AlarmStanding(Part):
    """One cause of an alarm. raised_by: who says so. cleared_at: None while it holds. told: where it was announced."""

    alarm: str
    cause: str
    raised_by: tuple[str, ...]
    since: AwareDatetime
    cleared_at: AwareDatetime | None = None
    told: tuple[str, ...] = ()


class Overview(Part):
    """Everything at once. alarms: the holding ones, oldest first; cleared: those of the last hour, newest first.

    spending: as the notifier last said.
    """

    town: str
    taken_at: AwareDatetime
    broker: BrokerStanding
    alarms: tuple[AlarmStanding, ...]
    cleared: tuple[AlarmStanding, ...]
    topics: tuple[TopicStanding, ...]
    services: tuple[ServiceStanding, ...]
    spending: tuple[SpendingStanding, ...] = ()
