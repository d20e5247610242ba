"""Kafka's ids, of a cluster and of a data folder."""

import base64
import secrets


def new_id() -> str:
    """A random id as Kafka writes them: 128 bits, base64-url without padding."""
    while (text := base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")).startswith("-"):
        pass  # StorageTool takes a leading dash for an option
    return text
