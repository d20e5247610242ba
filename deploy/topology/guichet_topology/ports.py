"""Which port each process and server listens on, where nobody says otherwise. Pure."""

from collections.abc import Mapping
from typing import Final

PORTS: Final[Mapping[str, int]] = {
    "agent-desk": 8000,
    "citizen-portal": 8001,
    "ops-console": 8002,
    "citizen-sandbox": 8003,
    "citizen-sandbox-smtp": 8025,
    "ingest-email-lmtp": 8024,
    "ingest-sms": 8011,
    "ingest-social": 8012,
    # health and metrics, for operators: the public port + 1000; workers have no public one
    "agent-desk-health": 9000,
    "citizen-portal-health": 9001,
    "ops-console-health": 9002,
    "citizen-sandbox-health": 9003,
    "ingest-email-health": 9024,
    "ingest-sms-health": 9011,
    "ingest-social-health": 9012,
    "case-router-health": 9021,
    "notifier-health": 9022,
    "gdpr-worker-health": 9023,
    "sender-mail-health": 9031,
    "sender-twilio-health": 9032,
    "sender-telegram-health": 9033,
    "kafka": 9092,
    "kafka-controller": 9093,
    "mongodb": 27017,
}


def health_port_name(process: str) -> str:
    """The name of the port on which a process tells how it is. Pure."""
    return f"{process}-health"
