"""How many messages are in flight in a process: asked just before it is killed, and proved just after.

Before: a worker says itself what it has in work (`guichet_records_in_work`, `guichet_sends_in_work`), and so does a sender
of the letters that it was handed; of an adapter the
clients know what they handed over and have no answer to; a broker leads partitions with records that groups have not
handled; mongod tells which operations of Guichet's it is carrying out.
After, where it can be had: the dead worker's partitions are its own until its session ends, and what it had not
committed nobody has; the connections of a dead adapter break without an answer; what a dead sender was handed the
notifier records as in doubt.
"""

import re
from dataclasses import dataclass
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.structs import TopicPartition

from guichet.contracts.topics import TOPICS
from guichet.kafka.connection import client_options
from guichet.kafka.consume.membership import member_name
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet_testing.town.store import VAULT, database_of
from guichet_testing.town.town import Town

_IN_WORK = re.compile(r"^guichet_(?:records|sends)_in_work\{[^}]*\} (\S+)$", re.MULTILINE)


def in_work(metrics: str) -> int:
    """Return what a worker's metrics say that it has in work. Pure."""
    return int(sum(float(number) for number in _IN_WORK.findall(metrics)))


@dataclass
class Eyes:
    """What looks into a town's processes. Keep it open while the run lasts; an async context manager."""

    town: Town

    async def __aenter__(self) -> "Eyes":
        self._http = httpx.AsyncClient(trust_env=False, timeout=2.0)
        self.offsets, self.database = self.town.offsets, database_of(self.town.stack)
        options = client_options(self.town.kafka)
        self._admin = AIOKafkaAdminClient(**options)
        self._reader = AIOKafkaConsumer(**options)
        self.erasures = MongoErasureLedger(self.database.client[VAULT])
        await self._admin.start()
        await self._reader.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()
        await self._admin.close()
        await self._reader.stop()

    async def of_worker(self, url: str) -> int:
        """Return the records and sends that a worker, or a sender, has in work; 0 while it does not answer."""
        try:
            return in_work((await self._http.get(f"{url}/metrics")).text)
        except httpx.HTTPError:
            return 0

    async def of_broker(self, node: int) -> int:
        """Return the records that groups have not handled on the partitions that this broker leads."""
        lags = await self.offsets.lags(TOPICS)
        await self._reader._client.force_metadata_update()
        cluster = self._reader._client.cluster
        return sum(lag.records for lag in lags if cluster.leader_for_partition(lag.topic_partition) == node)

    async def all_in_sync(self) -> int:
        """Return 1 when every partition is held by every broker."""
        described = await self._admin.describe_topics([topic.name for topic in TOPICS])
        places = [place for topic in described for place in topic["partitions"]]
        return int(all(len(place["isr"]) == len(place["replicas"]) for place in places))

    async def of_mongod(self) -> int:
        """Return the operations on Guichet's databases that are under way."""
        active = {"active": True, "ns": {"$regex": "^guichet"}}
        answer = await self.database.client.admin.command({"currentOp": 1, **active})
        return len(answer["inprog"])

    async def held_by(self, group: str, pid: int) -> list[TopicPartition]:
        """Return the partitions that a process holds, as the group's coordinator knows them."""
        [answer] = await self._admin.describe_consumer_groups([group])
        return [place for member in members_of(answer) if member[0] == _name_of(group, pid) for place in member[1]]

    async def unfinished(self, group: str, places: list[TopicPartition]) -> int:
        """Return the records of these partitions that the group has not committed."""
        if not places:
            return 0
        ends, committed = await self.offsets.ends(places), await self.offsets.committed(group, places)
        begins = await self.offsets.begins(places)
        found = {place: begins[place] if at is None else at.offset for place, at in committed.items()}
        return sum(max(0, ends[place] - found[place]) for place in places)


def _name_of(group: str, pid: int) -> str:
    return member_name(group).rpartition(":")[0] + f":{pid}"


def members_of(answer: Any) -> list[tuple[str, list[TopicPartition]]]:
    """Read DescribeGroups: (client id, its partitions) for each member. Pure."""
    [group] = answer.groups
    found = []
    for member in group[5]:
        client_id, assignment = member[1], bytes(member[4])
        places = ConsumerProtocolMemberAssignment.decode(assignment).partitions() if assignment else []
        found.append((client_id, [TopicPartition(*place) for place in places]))
    return found
