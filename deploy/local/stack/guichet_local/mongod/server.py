"""One mongod, as a member of a replica set of one or three, on this machine."""

import contextlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from guichet_local.machine.ports import HOST, answers
from guichet_local.machine.process import ServerProcess, wait_until
from guichet_local.machine.wait_for_room import after_room
from guichet_local.mongod.access import MongodAccess
from guichet_topology.sign_in import REPLICA_SET, uri_of

CACHE_GIB: Final = 0.25
Document = dict[str, Any]


class MongoServer:
    """A mongod with its data in `folder`; start again on the same folder and the documents are there.

    options: further words of its command line. cache_gib: what it may keep of data and indexes in memory; the usual is
    enough for a trial, a town with many cases gives its own server more (docs/operations.md). access: how it asks who
    is there; None lets anybody do anything, which only tests have. members: the ports of the whole set, the first of
    which brings it together; alone it needs none.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        binary: Path,
        options: Sequence[str] = (),
        *,
        cache_gib: float = CACHE_GIB,
        access: MongodAccess | None = None,
        members: Sequence[int] = (),
    ) -> None:
        self.port = port
        self.uri = uri_of(f"{HOST}:{port}")  # of whom it lets in without asking
        self._folder = folder
        self._binary = binary
        self._options = options
        self._cache_gib = cache_gib
        self._access = access
        self._members = [*members] or [port]
        self.process = ServerProcess("MongoDB", self.command(), folder / "mongod.log")

    def command(self) -> list[str]:
        """What starts the server, once `prepare` has run."""
        return [
            *after_room(self._folder),
            *(str(self._binary), "--replSet", REPLICA_SET, "--dbpath", str(self._folder / "data")),
            *("--bind_ip", HOST, "--port", str(self.port), "--nounixsocket"),
            *("--wiredTigerCacheSizeGB", str(self._cache_gib), "--oplogSize", "256"),
            *(self._access.options() if self._access else ()),
            *self._options,
        ]

    @property
    def patience_s(self) -> int:
        """A last checkpoint of a full cache takes some seconds."""
        return 20

    def prepare(self) -> None:
        """Make the data folder, and the key file of who signs in."""
        (self._folder / "data").mkdir(parents=True, exist_ok=True)
        if self._access:
            self._access.make_key_file()

    def start(self) -> None:
        """Start it and return when it takes writes. Raises StartFailedError."""
        self.prepare()
        self.process.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when it takes writes."""
        wait_until(self.is_ready, "MongoDB takes writes", check=self.process.raise_if_ended)

    def is_ready(self) -> bool:
        """True when it is a primary that has its administrator, or follows one.

        Makes it a member where the data folder is new or had another port; one that nobody signed in to is taken over.
        """
        if not answers(self.port):
            return False
        with contextlib.suppress(PyMongoError), self._connect() as client:
            if self.port == self._members[0]:
                bring_together(client, self._members)
            hello = client.admin.command("hello")
            if hello.get("isWritablePrimary"):
                if self._access:
                    self._access.admit_administrator(client)
                return True
            return bool(hello.get("secondary")) and hello.get("primary") not in {None, hello["me"]}
        return False

    def stop(self) -> None:
        """Stop it in order. The data stays."""
        self.process.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()

    def drop_databases(self, prefix: str) -> None:
        """Drop every database whose name begins with `prefix`."""
        with self._connect() as client:
            for name in client.list_database_names():
                if name.startswith(prefix):
                    client.drop_database(name)

    def _connect(self) -> MongoClient[Document]:
        if self._access:
            return self._access.connect_as_itself(self.port)
        return MongoClient(HOST, self.port, directConnection=True, serverSelectionTimeoutMS=2000)


NOT_YET_INITIALISED: Final = 94  # MongoDB's error code
# After kill -9 of a primary another is one in 3 s instead of 10; production keeps MongoDB's default.
ELECTION_AFTER: Final = timedelta(seconds=3)


def bring_together(client: MongoClient[Document], ports: Sequence[int]) -> None:
    """Make the members on these ports one set, unless they are; one of them that listens elsewhere now is found again.

    client: connected to the first of them alone. Raises OperationFailure until every one of them answers.
    """
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as exc:
        if exc.code == NOT_YET_INITIALISED:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, **_members(ports)})
        return
    if [each["host"] for each in config["members"]] != _hosts(ports):
        moved = config | {"version": config["version"] + 1, "members": _members(ports)["members"]}
        client.admin.command("replSetReconfig", moved, force=True)


def _members(ports: Sequence[int]) -> Document:
    members = [{"_id": nth, "host": host} for nth, host in enumerate(_hosts(ports))]
    if len(members) == 1:
        return {"members": members}
    return {"members": members, "settings": {"electionTimeoutMillis": ELECTION_AFTER // timedelta(milliseconds=1)}}


def _hosts(ports: Sequence[int]) -> list[str]:
    return [f"{HOST}:{port}" for port in ports]
