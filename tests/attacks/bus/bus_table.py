"""Who may do what on the broker, written out by hand: the attacks measure the broker against this, not against the code.

Whoever adds a line here gives a stolen service one more thing to do. Everything that does not stand here is refused.
"""

from typing import Final

from guichet.contracts.topics import TOPICS

WORKERS_AND_DOORS: Final = (
    "ingest-email",
    "ingest-sms",
    "ingest-social",
    "case-router",
    "notifier",
    "gdpr-worker",
    "search-indexer",
    "agent-desk",
    "citizen-portal",
    "ops-console",
    "guichet-cli",
)

WRITERS: Final = {
    "inbound-email": {"ingest-email"},
    "inbound-sms": {"ingest-sms"},
    "inbound-social": {"ingest-social"},
    "inbound-third-party": set(),  # in a town that has third parties, their hosts
    "inbound-portal": {"citizen-portal"},
    "inbound-desk": {"agent-desk"},
    "case-commands": {"agent-desk"},
    "citizen-commands": {"citizen-portal"},  # a proof decides
    "case-events": {"case-router"},
    "delivery-reports": {"ingest-email", "ingest-sms"},
    "delivery-events": {"notifier"},
    "privacy-requests": {"guichet-cli"},
    "privacy-events": {"gdpr-worker"},
}
READERS: Final = {
    "inbound-email": {"case-router", "gdpr-worker"},
    "inbound-sms": {"case-router", "gdpr-worker"},
    "inbound-social": {"case-router", "gdpr-worker"},
    "inbound-third-party": {"case-router", "gdpr-worker"},
    "inbound-portal": {"case-router", "gdpr-worker"},
    "inbound-desk": {"case-router", "gdpr-worker"},
    "case-commands": {"case-router"},
    "citizen-commands": {"case-router"},
    "case-events": {"notifier", "gdpr-worker", "search-indexer", "agent-desk"},
    "delivery-reports": {"notifier"},
    "delivery-events": {"case-router"},
    "privacy-requests": {"gdpr-worker"},
    "privacy-events": set(),
}
DEAD_LETTER_WRITERS: Final = {
    "inbound-email": {"ingest-email", "case-router"},
    "inbound-sms": {"ingest-sms", "case-router"},
    "inbound-social": {"ingest-social", "case-router"},
    "inbound-third-party": {"case-router"},
    "inbound-portal": {"case-router"},
    "inbound-desk": {"case-router"},
    "case-commands": {"case-router"},
    "citizen-commands": {"case-router"},
    "case-events": {"notifier", "gdpr-worker", "search-indexer"},
    "delivery-reports": {"ingest-email", "ingest-sms", "notifier"},
    "delivery-events": {"case-router"},
    "privacy-requests": {"gdpr-worker"},
    "privacy-events": set(),
}
# An operator's replay puts a dead letter's record on its topic again, for the group that gave it up.
REPLAYED: Final = {name for name in WRITERS if name != "privacy-events"}
MEMBERS: Final = {name: {name} for name in ("case-router", "notifier", "gdpr-worker", "search-indexer")}
WATCHERS: Final = {"gdpr-worker", "ops-console", "guichet-cli"}


def expected() -> set[tuple[str, str, str]]:
    """Return every (user, operation, topic or `group:NAME`) that the broker is to allow."""
    allowed: set[tuple[str, str, str]] = set()
    for topic in WRITERS:
        operator = {"guichet-cli"} if topic in REPLAYED else set()
        allowed |= {(user, "WRITE", topic) for user in WRITERS[topic] | operator}
        allowed |= {(user, "READ", topic) for user in READERS[topic]}
        allowed |= {(user, "WRITE", f"{topic}-dlq") for user in DEAD_LETTER_WRITERS[topic] | {"guichet-cli"}}
        allowed |= {(user, "READ", f"{topic}-dlq") for user in ("gdpr-worker", "ops-console", "guichet-cli")}
        allowed |= {("gdpr-worker", "DELETE", name) for name in (topic, f"{topic}-dlq")}
        allowed |= {(user, "DESCRIBE", topic) for user in ("ops-console", "guichet-cli")}
    for group, members in MEMBERS.items():
        allowed |= {(user, "READ", f"group:{group}") for user in members}
        allowed |= {(user, "DESCRIBE", f"group:{group}") for user in WATCHERS}
    implied = {(user, "DESCRIBE", name) for user, _, name in allowed}  # by whatever else a user may do there
    return allowed | implied


EVERY_TOPIC: Final = [name for topic in TOPICS for name in (topic.name, topic.dead_letters)]
EVERY_GROUP: Final = sorted(MEMBERS)
