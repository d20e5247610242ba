"""What services do with topics and groups beyond producing and consuming: each duty with its reason.

Who may do what on the broker follows from the topic registry and from here (guichet.kafka.admin.rights), and from
nothing else: what stands in neither is refused.
"""

from dataclasses import dataclass
from typing import Final, Literal

from guichet.contracts.topics import INBOUND, TOPICS


@dataclass(frozen=True)
class TopicDuty:
    """read: in no group. write: what is no event of its own. look: where a topic begins and ends, no record.

    trim: delete records from the beginning.
    """

    service: str
    act: Literal["read", "write", "look", "trim"]
    topics: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class GroupDuty:
    """To look where groups stand and who is in them, without being one of their members."""

    service: str
    groups: tuple[str, ...]
    why: str


_EVERY_TOPIC: Final = tuple(topic.name for topic in TOPICS)
_CONSUMED: Final = tuple(topic.name for topic in TOPICS if topic.groups)
_DEAD_LETTERS: Final = tuple(topic.dead_letters for topic in TOPICS)
_INBOUND: Final = tuple(topic.name for topic in INBOUND)
_GROUPS: Final = tuple(sorted({group for topic in TOPICS for group in topic.groups}))

TOPIC_DUTIES: Final = (
    TopicDuty("gdpr-worker", "trim", (*_EVERY_TOPIC, *_DEAD_LETTERS), "Kafka deletes nothing by itself (retention)"),
    TopicDuty("gdpr-worker", "read", _DEAD_LETTERS, "a letter that waits is not trimmed; an erasure finds a person's"),
    TopicDuty("gdpr-worker", "read", _INBOUND, "an erasure finds second copies of a person's messages"),
    TopicDuty("ops-console", "look", _EVERY_TOPIC, "how many records came, how many wait, and since when"),
    TopicDuty("ops-console", "read", _DEAD_LETTERS, "which dead letters wait for a decision; their bytes stay sealed"),
    TopicDuty("guichet-cli", "read", _DEAD_LETTERS, "an operator lists dead letters and opens one, audited"),
    TopicDuty("guichet-cli", "write", _DEAD_LETTERS, "what was decided about a dead letter stands behind it"),
    TopicDuty("guichet-cli", "write", _CONSUMED, "a dead letter is replayed, as it was, for the group that gave it up"),
    TopicDuty("guichet-cli", "look", _EVERY_TOPIC, "a backup says up to where every topic was handled"),
)

GROUP_DUTIES: Final = (
    GroupDuty("gdpr-worker", _GROUPS, "only what every group has handled is trimmed, and erased for certain"),
    GroupDuty("ops-console", _GROUPS, "how far each group lags behind"),
    GroupDuty("guichet-cli", _GROUPS, "a backup says up to where every topic was handled"),
)
