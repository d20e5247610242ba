"""Kafka and MongoDB as units of their own: the servers that `make run` starts, with a town's server's measures."""

import os
import shutil
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final, NoReturn

from guichet.contracts.topics import MIB
from guichet.store.setup import roles
from guichet_local.errors import StartFailedError
from guichet_local.kafka.config import KafkaNode, server_flags
from guichet_local.kafka.installation import install_kafka
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.paths import CACHE
from guichet_local.machine.private_file import write_private
from guichet_local.machine.process import wait_until
from guichet_local.mongod.access import MongodAccess
from guichet_local.mongod.binary import find_mongod
from guichet_local.mongod.server import MongoServer
from guichet_local.servers import Server
from guichet_server.layout import KAFKA_DATA, MONGODB_DATA
from guichet_server.render.everything import broker_security
from guichet_server.users import KAFKA, MONGOD
from guichet_topology.ports import PORTS

READY_WITHIN: Final = timedelta(minutes=5)
CACHE_GIB: Final = "MONGODB_CACHE_GIB"
HEAP_MIB: Final = "KAFKA_HEAP_MIB"
LEAST_HEAP_MIB: Final = 256
USUAL_HEAP_MIB: Final = 1024  # at most, unless the town says another; a town's messages need no more
MONGODB_KEY_FILE: Final = Path(MONGODB_DATA, "mongodb.key")
USUAL_CACHE_GIB: Final = "1"
# The local stack's are short, so that faults take seconds; these are Kafka's own defaults.
KAFKA_PROPERTIES: Final = {"broker.session.timeout.ms": "9000", "broker.heartbeat.interval.ms": "2000"}


def server(name: str) -> Server:
    """Return one of the two. It reads its passwords from the environment."""
    return _kafka() if name == KAFKA else _mongod()


def become(name: str) -> NoReturn:
    """Make its folder ready and replace this process by the server."""
    if name == MONGOD:
        _copy_key()
    wanted = server(name)
    wanted.prepare()
    command = wanted.command()
    os.execv(command[0], command)


def wait_for(name: str) -> None:
    """Return when it serves. Raises StartFailedError."""
    wanted = server(name)
    started = time.monotonic()
    wait_until(wanted.is_ready, f"{name} serves", READY_WITHIN, _raise_if_ended, timedelta(milliseconds=250))
    os.write(1, f"{name} serves after {time.monotonic() - started:.1f} s\n".encode())


def _raise_if_ended() -> None:
    """The unit's main process, which systemd tells us, may have ended meanwhile: then it will never serve."""
    pid = os.environ.get("MAINPID", "")
    if not Path("/proc", pid).exists():
        raise StartFailedError("The server ended; what it said is above.")


def _kafka() -> KafkaServer:
    node = KafkaNode(1, PORTS["kafka"], PORTS["kafka-controller"])
    return KafkaServer(
        Path(KAFKA_DATA),
        node,
        install_kafka(CACHE),
        properties=KAFKA_PROPERTIES,
        security=broker_security(os.environ),
        jvm_flags=server_flags(heap_mib(os.environ, _memory_mib())),
    )


def heap_mib(environment: Mapping[str, str], memory_mib: int) -> int:
    """Return how much of the machine's memory Kafka's own heap gets: what is set, or an eighth between two bounds.

    What the disk holds, the kernel keeps in memory for it: a larger heap takes that away.
    """
    if said := environment.get(HEAP_MIB):
        return int(said)
    return min(max(memory_mib // 8, LEAST_HEAP_MIB), USUAL_HEAP_MIB)


def _memory_mib() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // MIB


def _mongod() -> MongoServer:
    folder = Path(MONGODB_DATA)
    access = MongodAccess(MONGODB_KEY_FILE, os.environ[roles.password_variable(roles.ADMINISTRATOR)])
    cache = float(os.environ.get(CACHE_GIB, USUAL_CACHE_GIB))
    return MongoServer(folder, PORTS["mongodb"], _binary(), access=access, cache_gib=cache)


def _binary() -> Path:
    """MongoDB's own package where it is installed: it gets its patches."""
    found = shutil.which("mongod")
    return Path(found) if found else find_mongod()


def _copy_key() -> None:
    """Make systemd's credential a file of its own: where it lies, its mode shows a group, which mongod refuses."""
    given = Path(os.environ["CREDENTIALS_DIRECTORY"], MONGODB_KEY_FILE.name).read_text()
    if not MONGODB_KEY_FILE.exists() or MONGODB_KEY_FILE.read_text() != given:
        write_private(MONGODB_KEY_FILE, given)
