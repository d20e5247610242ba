"""Stopping a stack, from the process that started it or from another."""

from guichet_local.plan.ports import is_server
from guichet_local.processes.supervisor import Supervisor


def stop_everything(supervisor: Supervisor) -> None:
    """Stop the services together, then the servers together, then the supervisor. Does nothing when none runs."""
    if not supervisor.is_running:
        return
    names = {state.name for state in supervisor.states()}
    servers = {name for name in names if is_server(name)}
    supervisor.end(*(names - servers))
    supervisor.end(*servers)
    supervisor.shutdown()
