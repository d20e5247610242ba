"""One systemd service unit, hardened. Pure: values in, text out.

What every process is denied stands here once; a unit says only what it may beyond that (systemd.exec(5)).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from guichet.errors import SettingsError
from guichet_server.layout import PREFIX, environment_file
from guichet_server.users import user_of

TARGET: Final = f"{PREFIX}.target"
WAITS_FOR_A_PERSON: Final = 75  # docs/operations.md: it stopped itself, and starting it again would not help

HEAD: Final = "# Written by `guichet-server apply`, and again by the next: what is yours goes into a drop-in.\n"
DENIED: Final = (
    ("NoNewPrivileges", "yes"),
    ("CapabilityBoundingSet", ""),
    ("AmbientCapabilities", ""),
    ("ProtectSystem", "strict"),
    ("ProtectHome", "yes"),
    ("ProtectProc", "invisible"),
    ("PrivateTmp", "yes"),
    ("PrivateDevices", "yes"),
    ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("RemoveIPC", "yes"),
    ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ("RestrictNamespaces", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("LockPersonality", "yes"),
    ("KeyringMode", "private"),
    ("SystemCallArchitectures", "native"),
    ("SystemCallErrorNumber", "EPERM"),
    ("DevicePolicy", "closed"),
)
_FOLDER: Final = re.compile(r"/[A-Za-z0-9._/-]+")  # no blank, specifier (%) or line of systemd's
CALLS: Final = "@system-service"
NOT_CALLED: Final = "~@privileged"
NO_RESOURCES: Final = "~@resources"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """process: its name; its user and the file of its variables follow from that. command: by absolute path.

    shares: whether a group beside its own (sysusers.d says which) opens what it writes. writes: folders, which may be
    missing; all else is read only. reaches: whether it talks to other machines. compiles: whether it makes machine code
    while it runs (Java, MongoDB). sets_limits: whether it limits itself or a child of its own. ready: a command after
    the start. after: units that are started first, where they are. once: it runs to its end, and a timer starts it.
    goes_with_all: whether it stops with the target. Backups and upgrades need the servers while services are stopped.
    """

    process: str
    description: str
    command: str
    user: str | None = None
    shares: bool = False
    writes: tuple[str, ...] = ()
    reaches: bool = True
    compiles: bool = False
    sets_limits: bool = False
    environment: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    ready: str | None = None
    after: tuple[str, ...] = ()
    limits: tuple[tuple[str, str], ...] = ()
    patience_s: int = 30
    once: bool = False
    goes_with_all: bool = True


def render_unit(unit: Unit) -> str:
    """Return the unit file."""
    sections = {"Unit": _unit(unit), "Service": [*_start(unit), *_rights(unit)]}
    parts = ("\n".join([f"[{title}]", *_lines(pairs)]) for title, pairs in sections.items())
    return HEAD + "\n\n".join(parts) + "\n"


def _lines(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"{name}={value}" for name, value in pairs)


def _unit(unit: Unit) -> Iterator[tuple[str, str]]:
    yield "Description", f"Guichet: {unit.description}"
    yield "Documentation", "file:/opt/guichet/docs/operations.md"
    yield "After", " ".join(("network-online.target", *unit.after))
    yield "Wants", "network-online.target"
    if unit.goes_with_all and not unit.once:
        yield "PartOf", TARGET
    if not unit.once:
        yield "StartLimitIntervalSec", "0"  # a part that is away is waited for, however long


def _start(unit: Unit) -> Iterator[tuple[str, str]]:
    yield "Type", "oneshot" if unit.once else "exec"
    yield "User", unit.user or user_of(unit.process)
    yield "Group", unit.user or user_of(unit.process)
    yield "EnvironmentFile", environment_file(unit.process)
    for each in unit.environment:
        yield "Environment", each
    for each in unit.credentials:
        yield "LoadCredential", each
    yield "ExecStart", unit.command
    if unit.ready:
        yield "ExecStartPost", unit.ready
    yield "UMask", "0007" if unit.shares else "0077"
    yield "TimeoutStopSec", f"{unit.patience_s}s"
    if not unit.once:
        yield "Restart", "on-failure"
        yield "RestartSec", "3s"
        yield "RestartPreventExitStatus", str(WAITS_FOR_A_PERSON)
    yield from unit.limits


def _rights(unit: Unit) -> Iterator[tuple[str, str]]:
    yield from DENIED
    if not unit.compiles:
        yield "MemoryDenyWriteExecute", "yes"
        yield "ProcSubset", "pid"
    yield "SystemCallFilter", CALLS
    yield "SystemCallFilter", NOT_CALLED
    if not (unit.sets_limits or unit.compiles):
        yield "SystemCallFilter", NO_RESOURCES
    if wrong := [folder for folder in unit.writes if not _FOLDER.fullmatch(folder)]:
        raise SettingsError(f"{wrong[0]!r}: on a server, a folder's name has letters, digits and . _ - alone.")
    if unit.writes:
        yield "ReadWritePaths", " ".join(f"-{folder}" for folder in unit.writes)
    if not unit.reaches:
        yield "IPAddressDeny", "any"
        yield "IPAddressAllow", "localhost"
