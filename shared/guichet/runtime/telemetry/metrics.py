"""Every metric of Guichet, declared once. Labels carry ids of topics, services and codes: never a person.

Names follow Prometheus: base units, `_total` for counters. ops-console reads them; docs/operations.md explains alarms.
"""

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

# guichet.kafka
RECORDS_HANDLED = Counter("guichet_records_handled_total", "Records whose effects are durable", ["service", "topic"])
RECORDS_IN_WORK = Gauge(
    "guichet_records_in_work", "Records taken from a topic whose effects are not durable yet", ["service"]
)
RECORDS_PUBLISHED = Counter("guichet_records_published_total", "Records that the broker confirmed", ["topic"])
BATCH_SECONDS = Histogram(
    "guichet_batch_seconds", "Time to make a batch durable", ["service", "topic"], buckets=_SECONDS
)
RETRIES = Counter("guichet_retries_total", "Batches tried again after a transient error", ["service", "topic"])
DEAD_LETTERS = Counter("guichet_dead_letters_total", "Records put aside", ["service", "topic", "reason"])

# guichet.channel
MESSAGES_ACCEPTED = Counter("guichet_messages_accepted_total", "Messages answered 'accepted'", ["channel"])
MESSAGES_UNREAD = Counter("guichet_messages_unread_total", "Messages accepted that no program could read", ["topic"])
MESSAGES_REFUSED = Counter("guichet_messages_refused_total", "Messages refused at the edge", ["channel", "reason"])
UPDATES_IGNORED = Counter(
    "guichet_updates_ignored_total", "Provider's notices that hold no message", ["channel", "kind"]
)

# mailboxes that are read by IMAP, by the account's name in mail.yaml; absent where another process reads them
MAILBOX_POLLED = Gauge(
    "guichet_mailbox_polled_timestamp_seconds", "When a mailbox was last read to its end", ["account"]
)
MAILBOX_WAITING = Gauge("guichet_mailbox_waiting_mails", "Mails of a mailbox that are not taken in yet", ["account"])

# guichet.privacy
KEY_POOL = Gauge("guichet_key_pool_keys", "Data keys ready to use in this process", ["service"])

# case-router
CASES_OPENED = Counter("guichet_cases_opened_total", "Cases opened", ["department", "channel"])
CASES_CLOSED_ON_THE_SPOT = Counter(
    "guichet_cases_closed_on_the_spot_total",
    "Cases closed as they opened: answered there and then",
    ["department", "channel"],
)
MESSAGES_FILED = Counter("guichet_messages_filed_total", "Messages filed, the opening ones too", ["channel"])
LOST_RACES = Counter("guichet_lost_races_total", "Conditional writes decided anew")
LEFT_OUT_AS_ERASED = Counter(
    "guichet_left_out_as_erased_total", "Records that came (again) after their person was erased", ["event"]
)

# notifier
OUTBOUND = Counter("guichet_outbound_total", "Outbound messages by outcome", ["channel", "purpose", "state"])
POSSIBLE_DOUBLES = Counter(
    "guichet_possible_doubles_total", "Messages sent again without knowing what became of the last attempt", ["channel"]
)
SEND_SECONDS = Histogram("guichet_send_seconds", "Time a provider took to answer", ["provider"], buckets=_SECONDS)
SENDS_IN_WORK = Gauge(
    "guichet_sends_in_work",
    "Attempts to send whose outcome the notifier has not recorded yet, or a sender does not know yet",
    ["provider"],
)
RECEIPTS_OVERDUE = Gauge("guichet_receipts_overdue", "Receipts past the next working day")
DELIVERIES_UNDECIDED = Gauge(
    "guichet_deliveries_undecided", "Messages of which nobody knows whether they left, until an agent says"
)
SPENT = Gauge("guichet_spent", "What letters cost, in the account's currency", ["account", "currency", "period"])
SPENT_UNITS = Gauge("guichet_spent_units", "What was billed, in what its provider bills by", ["account", "period"])
SPENDING_CAP = Gauge("guichet_spending_cap", "What letters may cost; absent: as much as they do", ["account", "period"])

# agent-desk
IDENTITY_PROVIDER_ANSWERS = Counter(
    "guichet_identity_provider_answers_total", "Questions to the identity provider", ["about", "outcome"]
)

# gdpr-worker
VAULT_TURNED = Gauge("guichet_vault_turned_timestamp_seconds", "When the last rotation of the vault was done")
VAULT_COPIED = Gauge("guichet_vault_copied_timestamp_seconds", "When the vault's second copy last held all of it")
RECORDS_TRIMMED = Counter("guichet_records_trimmed_total", "Records deleted from a topic", ["topic"])
RETENTION_REMOVED = Counter(
    "guichet_retention_removed_total", "What went because its time was over, by who deletes", ["executor", "place"]
)
ERASURES_OPEN = Gauge("guichet_erasures_open", "Erasures that are asked for and not finished")
ERASURES_COMPLETED = Counter("guichet_erasures_completed_total", "Erasures certified and announced")
OLDEST_ERASURE = Gauge("guichet_oldest_erasure_seconds", "Age of the oldest erasure that is not finished")

# ops-console: what the broker says, read in no group. Absent while the broker is away, never stale.
TOPIC_RECORDS_IN = Gauge(
    "guichet_topic_records_in", "Records that ever came onto a topic (high-water marks)", ["topic"]
)
LAG_RECORDS = Gauge("guichet_lag_records", "Records that a group has not handled", ["group", "topic"])
OLDEST_UNHANDLED = Gauge(
    "guichet_oldest_unhandled_seconds", "Age of the oldest record that a group has not handled", ["group", "topic"]
)
OPEN_DEAD_LETTERS = Gauge(
    "guichet_open_dead_letters", "Dead letters that wait for a decision", ["topic", "group", "reason"]
)

# every service: 1, set at its start
SERVICE = Gauge("guichet_service", "Which service and version this process is", ["service", "version"])

# alarms: 1 while the cause holds; ops-console shows and announces them (docs/operations.md has an entry for each)
ALARM = Gauge("guichet_alarm", "1 while the alarm's cause holds", ["alarm", "cause"])


def registry() -> CollectorRegistry:
    """Return the registry that /metrics serves."""
    return REGISTRY
