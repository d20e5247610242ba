"""Stopping a stack, from the process that started it or from another."""

from guichet_local.servers import KAFKA, MONGODB
from guichet_local.supervisor import Supervisor

SERVERS = {KAFKA, MONGODB}


def stop_everything(supervisor: Supervisor) -> None:
    """Stop the services together, then the servers together, then the supervisor. Does nothing when none runs."""
    if not supervisor.is_running:
        return
    names = {state.name for state in supervisor.states()}
    supervisor.end(*(names - SERVERS))
    supervisor.end(*(names & SERVERS))
    supervisor.shutdown()
