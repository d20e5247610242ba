"""Who types the command, as the audit trail knows them."""

import getpass

from guichet.ids import AgentId


def operator() -> AgentId:
    """Return the id of the system's user that this process runs as."""
    return AgentId(f"operator:{getpass.getuser()}")
