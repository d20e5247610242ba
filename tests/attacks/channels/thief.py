"""What somebody has who wrote a third party's package: all that its host was given."""

from pathlib import Path
from typing import Any

from pymongo import MongoClient

from guichet.runtime.settings import KafkaSettings
from guichet_local.stack import LocalStack


def as_host(stack: LocalStack, provider: str) -> KafkaSettings:
    """Return who its host is to the broker."""
    given = stack.environment_of(f"ingest-{provider}")
    said = {name: given[f"GUICHET_{name.upper()}"] for name in ("kafka_username", "kafka_password")}
    signed_in = KafkaSettings.model_validate(said).model_dump(include=set(said))
    return stack.kafka_admin.model_copy(update={"kafka_mechanism": "SCRAM-SHA-256", **signed_in})


def store_as_host(stack: LocalStack, provider: str) -> MongoClient[dict[str, Any]]:
    """Return the store, signed in as its host."""
    return MongoClient(stack.environment_of(f"ingest-{provider}")["GUICHET_MONGODB_URI"])


def secrets_of(stack: LocalStack) -> dict[str, str]:
    """Return every secret of the town, by the name under which the stack keeps it."""
    lines = (stack.folder / "secrets" / "secrets.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def root_key_of(stack: LocalStack) -> Path:
    """Return the file of the key that opens everything."""
    return stack.folder / "secrets" / "root.key"
