"""How often a bulk look-up asks the real MongoDB."""

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import monitoring

from guichet.mongo.bulk import find_all


class Asked(monitoring.CommandListener):
    """Notes the names of commands."""

    def __init__(self):
        self.commands = []

    def started(self, event):
        self.commands.append(event.command_name)

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


@pytest.mark.real
async def test_a_whole_batch_is_found_in_one_round_trip(mongo_server, mongo_database):
    asked = Asked()
    client = AsyncIOMotorClient(mongo_server.uri, event_listeners=[asked])
    things = client[mongo_database]["things"]
    await things.insert_many([{"_id": number} for number in range(1000)])
    found = await find_all(things, {"_id": {"$in": [*range(500, 1500)]}})
    assert {each["_id"] for each in found} == {*range(500, 1000)}
    assert asked.commands == ["insert", "find"]
    client.close()
