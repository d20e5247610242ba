"""The `guichet` command against the local stack: the program that operators run, with the stack's own variables."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

from guichet_local.errors import NotRunningError
from guichet_local.plan.environment import stack_values, system_environment
from guichet_local.plan.ports import PortPlan, fixed_plan, setting_of
from guichet_local.plan.secrets import load_or_make_secrets
from guichet_local.plan.started_with import StartedWith, recall_start
from guichet_local.plan.town import Account, accounts_if_legible
from guichet_local.processes.supervisor import supervisor_of
from guichet_topology.environment import Environment, command_line_environment

OF_THE_CALLER: Final = ("TERM", "COLUMNS", "LINES", "NO_COLOR", "SUDO_UID")  # who they are behind root, too


def command_environment(
    folder: Path, caller: Mapping[str, str], settings: Mapping[str, str], arguments: Sequence[str]
) -> Environment:
    """The variables of `guichet ARGUMENTS` for the stack in `folder`. Raises NotRunningError before its first start.

    A stack that runs is met where it was started, with the settings that it was started with; the caller's own win.
    """
    secrets = folder / "secrets"
    if not (secrets / "secrets.env").exists():
        raise NotRunningError("Guichet has never run here: start it with `make run`.")
    started = recall_start(folder) if supervisor_of(folder).is_running else StartedWith()
    settings = {**started.settings, **settings}
    accounts = accounts_if_legible(settings)
    ports, known = _ports(caller, started.ports, accounts), load_or_make_secrets(secrets, accounts)
    values = stack_values(folder, ports, known, settings, accounts)
    return system_environment(caller) | command_line_environment(values, arguments, accounts)


def _ports(caller: Mapping[str, str], started: PortPlan, accounts: Sequence[Account]) -> PortPlan:
    """The fixed table, moved as the stack was, and over that as the caller says. Pure."""
    asked = fixed_plan(caller, accounts)
    return asked | {name: port for name, port in started.items() if setting_of(name) not in caller}


def become_guichet(arguments: Sequence[str], environment: Environment) -> NoReturn:
    """Replace this process by `guichet ARGUMENTS`: its exit status and its Ctrl-C are the command's own."""
    own = {name: os.environ[name] for name in OF_THE_CALLER if name in os.environ}
    os.execve(sys.executable, [sys.executable, "-m", "guichet_cli", *arguments], environment | own)  # noqa: S606
