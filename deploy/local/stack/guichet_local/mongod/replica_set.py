"""What makes mongods one replica set: one member, or three that elect among themselves."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from guichet_local.machine.ports import HOST
from guichet_local.mongod.access import REPLICA_SET

NOT_YET_INITIALISED: Final = 94  # MongoDB's error code
# After kill -9 of a primary another is one in 3 s instead of 10; production keeps MongoDB's default.
ELECTION_AFTER: Final = timedelta(seconds=3)
Document = dict[str, Any]


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
