"""How long it is known that a command was done."""

from datetime import timedelta

import pytest

from guichet.contracts.topics import KEPT_DECIDED, TOPICS
from guichet.ids import CaseId, EventId
from guichet.mongo.client import Database
from guichet.mongo.ended import MongoEnded
from guichet.store.commands import REMEMBERED_FOR, CommandDocument, MongoCommandStore
from guichet.store.setup.schema import ENDING
from guichet_testing.builders.case import ARRIVED


def test_a_command_is_remembered_for_as_long_as_any_topic_or_decided_dead_letter_could_bring_it_again() -> None:
    read = [topic for topic in TOPICS if "case-router" in {consumer.service for consumer in topic.consumers}]
    assert max(topic.retention for topic in read) + KEPT_DECIDED <= REMEMBERED_FOR


@pytest.mark.real
async def test_what_no_topic_can_bring_again_is_not_remembered_for_ever(database: Database) -> None:
    commands = MongoCommandStore(database)
    young, old = EventId("young"), EventId("old")
    times = {young: ARRIVED, old: ARRIVED - timedelta(seconds=1)}
    await commands.insert_causes(
        [CommandDocument(_id=name, type="CloseCase", case_id=CaseId("case-1"), at=at) for name, at in times.items()]
    )
    removed = await MongoEnded(database, ENDING).remove(ARRIVED + REMEMBERED_FOR - timedelta(seconds=1))
    assert removed.get("commands") == 1
    assert set(await commands.find_many([young, old])) == {young}
