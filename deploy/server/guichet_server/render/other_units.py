"""The units beside the services: Kafka, MongoDB, the nightly backup, and the target that is all of Guichet. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from guichet_server.layout import KAFKA_DATA, MONGODB_DATA, MONGODB_KEY, PREFIX, PYTHON, unit_name
from guichet_server.render.errands import SOCKET as ERRANDS
from guichet_server.render.service_units import PYTHON_VARIABLES, WAITED_FOR, keeps_elsewhere
from guichet_server.render.unit import TARGET, Unit
from guichet_server.users import KAFKA, MONGOD, ROTATES, user_of

BACKUP: Final = "backup"
BACKUP_TIMER: Final = f"{PREFIX}-{BACKUP}.timer"
_STARTS_WITHIN: Final = ("TimeoutStartSec", "300s")  # recovery after a power cut reads every segment, every journal


def server_units(servers: Iterable[str]) -> tuple[Unit, ...]:
    """Return the units of the servers that this machine runs itself."""
    known = {KAFKA: _kafka(), MONGOD: _mongod()}
    return tuple(known[each] for each in servers)


def _kafka() -> Unit:
    return Unit(
        process=KAFKA,
        description="Apache Kafka",
        command=f"{PYTHON} -P -m guichet_server run kafka",
        ready=f"{PYTHON} -P -m guichet_server await kafka",
        writes=(KAFKA_DATA,),
        reaches=False,
        compiles=True,
        goes_with_all=False,
        environment=PYTHON_VARIABLES,
        limits=(("LimitNOFILE", "100000"), _STARTS_WITHIN, ("SuccessExitStatus", "143")),  # Java's 128 + SIGTERM
        patience_s=90,
    )


def _mongod() -> Unit:
    return Unit(
        process=MONGOD,
        description="MongoDB",
        command=f"{PYTHON} -P -m guichet_server run mongod",
        ready=f"{PYTHON} -P -m guichet_server await mongod",
        writes=(MONGODB_DATA,),
        reaches=False,
        compiles=True,
        goes_with_all=False,
        environment=PYTHON_VARIABLES,
        credentials=(f"mongodb.key:{MONGODB_KEY}",),
        limits=(("LimitNOFILE", "64000"), _STARTS_WITHIN, *WAITED_FOR),
        patience_s=90,
    )


def backup_unit(environment: Mapping[str, str], servers: Iterable[str]) -> Unit:
    """Return the unit of the nightly backup. environment: that of the command `guichet backup`. servers: as above."""
    folders = (environment.get("GUICHET_BACKUPS"), environment.get("GUICHET_VAULT_BACKUPS"))
    return Unit(
        process=BACKUP,
        description="nightly backup, and its check",
        command=f"{PYTHON} -P -m guichet_cli backup nightly",
        user=user_of(ROTATES),
        writes=tuple(each for each in folders if each),
        reaches=keeps_elsewhere(environment),
        after=tuple(unit_name(each) for each in servers),
        environment=PYTHON_VARIABLES,
        once=True,
        limits=(("Nice", "10"), ("IOSchedulingClass", "idle")),
    )


def backup_timer() -> str:
    """Render the timer: each night after the rotation of the vault (03:30), and at once where a night was missed."""
    return f"""\
# Written by `guichet-server apply`. Another hour: a drop-in (systemctl edit {BACKUP_TIMER}).
[Unit]
Description=Guichet: a backup every night
PartOf={TARGET}

[Timer]
OnCalendar=*-*-* 04:30:00
Persistent=yes
RandomizedDelaySec=10min
"""


def target(processes: Iterable[str]) -> str:
    """Render the target: every process, and the timer of backups."""
    wanted = "".join(f"Wants={unit_name(each)}\n" for each in processes)
    return f"""\
# Written by `guichet-server apply`. All of Guichet: systemctl start, stop, restart {TARGET}
[Unit]
Description=Guichet: every message a citizen sends the town becomes part of exactly one case
Documentation=file:/opt/guichet/docs/operations.md
{wanted}Wants={BACKUP_TIMER}
Wants={ERRANDS}

[Install]
WantedBy=multi-user.target
"""
