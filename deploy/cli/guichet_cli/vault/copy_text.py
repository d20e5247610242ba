"""What `guichet vault copy` says. Pure."""

from collections.abc import Mapping
from typing import Any

from bson.timestamp import Timestamp


def copy_summary(state: Mapping[str, Any]) -> str:
    """Say how the second copy is. state: guichet.vault.copy.record.CopyRecord.state."""
    until = state.get("until")
    held = f"all until {until.as_datetime():%Y-%m-%d %H:%M:%S} UTC" if isinstance(until, Timestamp) else "nothing yet"
    if state["alive"]:
        return f"The vault's second copy is kept. It holds {held}; nothing newer is used before it holds that too."
    return (
        f"The vault's second copy is not kept for now. It holds {held}. Adapters refuse once their keys are used up: "
        "gdpr-worker's log says what is in the way (docs/operations.md, alarm `vault-copy`)."
    )
