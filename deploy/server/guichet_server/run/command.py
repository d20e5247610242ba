"""`guichet ARGUMENTS` on a server: root reads the secrets, hands on what a command may know, and lays its rights down.

What follows runs as a user of the system who owns nothing of root's: neither what stores answer nor a channel's code
meets one who may do everything (docs/decisions/0049).
"""

import os
import pwd
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from guichet.errors import SettingsError
from guichet_server.installation import read_installation
from guichet_server.layout import ERRANDS_SOCKET, OPERATOR_HOME, PYTHON
from guichet_server.processes import SETTINGS_OF_OURS
from guichet_server.run.by_root import refuse_what_root_must_not_be_told
from guichet_server.users import KEYS
from guichet_topology.commands import (
    ERRANDS_APART,
    KAFKA_ADMINISTRATOR,
    MONGODB_ADMINISTRATOR,
    OPERATOR,
    ROOT,
    RUN_CHANNELS,
    system_user_of,
)
from guichet_topology.environment import command_line_environment

OF_THE_CALLER: Final = (
    *("TERM", "COLUMNS", "LINES", "NO_COLOR", "LANG", "LC_ALL", "SUDO_UID"),
    *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"),
)
BY_US: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "NO_PROXY": "127.0.0.1,localhost",
    ERRANDS_APART: ERRANDS_SOCKET,
}
BY_ROOT: Final = {"SUDO_UID": "0"}  # who called it where nobody did through sudo: the audit trail names no other user
READS_NO_TOWN: Final = frozenset({"", "town init", "town migrate"})  # there is none yet, or none of today's form
FILES_OF_ROOT: Final = (*KAFKA_ADMINISTRATOR, *MONGODB_ADMINISTRATOR)  # variables that name one
ROOT_KEY: Final = "GUICHET_ROOT_KEY_FILE"


def become_guichet(arguments: Sequence[str]) -> NoReturn:
    """Replace this process by the command. Raises SettingsError where it was not root who called."""
    if os.geteuid() != 0:
        raise SettingsError("Only root reads the secrets: sudo guichet …")
    environment = command_environment(arguments, os.environ)
    user = system_user_of(arguments) if arguments else ROOT  # which then only says what commands there are
    environment["HOME"] = home_of(user)
    command = ["guichet_cli", *arguments]
    if user == ROOT:
        refuse_what_root_must_not_be_told(arguments)
    else:
        environment |= handed_over(environment, in_memory(arguments), _account(user))
        command = ["guichet_server.run.as_user", user, ",".join(withheld_groups(arguments)), *arguments]
    os.execve(PYTHON, [PYTHON, "-P", "-m", *command], environment)


def home_of(user: str) -> str:
    """Return where programs look for what tunes them (git, uv): never where another may write. Pure."""
    return {ROOT: "/root", OPERATOR: OPERATOR_HOME}.get(user, "/")


def command_environment(arguments: Sequence[str], caller: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of `guichet ARGUMENTS`; before there is a town, only the machine's. Raises SettingsError."""
    system = BY_ROOT | {name: caller[name] for name in OF_THE_CALLER if name in caller} | BY_US
    if " ".join(arguments[:2]) in READS_NO_TOWN:
        return system
    here = read_installation()
    own = command_line_environment(here.values, arguments, here.town.accounts)
    return system | {name: value for name, value in own.items() if not name.startswith(SETTINGS_OF_OURS)}


def in_memory(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the variables whose files a command is handed in memory, and nothing that it starts is. Pure.

    The root key where it has a channel's code run: by a process of the same user, which may read what files that may.
    """
    return (*FILES_OF_ROOT, ROOT_KEY) if {*arguments[:1]} & RUN_CHANNELS else FILES_OF_ROOT


def withheld_groups(arguments: Sequence[str]) -> frozenset[str]:
    """Return the groups that a command's user has and that it goes without. Pure."""
    return frozenset({KEYS}) if ROOT_KEY in in_memory(arguments) else frozenset()


def handed_over(environment: Mapping[str, str], variables: Sequence[str], user: pwd.struct_passwd) -> dict[str, str]:
    """Hand on what the command may not read by itself, as files in memory that end with it."""
    said = {}
    for variable in variables:
        if variable in environment:
            with open(environment[variable], "rb") as file:
                content = file.read()
            descriptor = os.memfd_create(variable, 0)  # inherited: the command opens it by its number
            os.write(descriptor, content)
            os.fchown(descriptor, user.pw_uid, user.pw_gid)
            os.fchmod(descriptor, 0o400)
            said[variable] = f"/proc/self/fd/{descriptor}"
    return said


def _account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise SettingsError(f"This machine has no user {user} yet. Run: guichet-server apply") from None
