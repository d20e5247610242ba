"""A broker and a mongod of one's own, empty, on free ports, for as long as a block lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from guichet_local.kafka.config import KafkaNode
from guichet_local.kafka.installation import KafkaInstallation
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.binary import find_mongod
from guichet_local.mongod.server import MongoServer


@contextmanager
def running_kafka(folder: Path, installation: KafkaInstallation) -> Iterator[KafkaServer]:
    """Run a broker whose data lies in this folder."""
    server = KafkaServer(folder, KafkaNode(1, *free_ports(2)), installation)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def running_mongod(folder: Path, *, sweeps_every: int | None = None, **options: Any) -> Iterator[MongoServer]:
    """Run a mongod on the data of this folder, or on none. options: of MongoServer.

    sweeps_every: in seconds, how often it removes by itself what a TTL index says is over. None: never, since tests
    write of a day long past, and what a server's own clock takes from under one fails it once in a hundred runs.
    """
    sweep = "ttlMonitorEnabled=false" if sweeps_every is None else f"ttlMonitorSleepSecs={sweeps_every}"
    no_diary = "diagnosticDataCollectionEnabled=false"  # each second, for who asks MongoDB's makers what was wrong
    parameters = ("--setParameter", sweep, "--setParameter", no_diary)
    server = MongoServer(folder, free_ports(1)[0], find_mongod(), options=parameters, **options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
