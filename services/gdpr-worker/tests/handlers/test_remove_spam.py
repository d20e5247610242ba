"""Confirmed spam goes after its time with its key and files, and whatever else was of it; nothing else does."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from gdpr_worker.handlers.remove_spam import AT_ONCE, ConfirmedSpam
from guichet.clock import SystemClock
from guichet.data_subject.assemble import open_finder, open_removal
from guichet.errors import TransientError
from guichet.ids import AgentId, EventId, MessageId
from guichet.mongo.client import Database, connect
from guichet.privacy.coarse_times import day_of
from guichet.runtime.settings import MongoSettings
from guichet.store.messages.store import MongoMessageStore
from guichet.store.messages.suspended import SPAM_KEPT_FOR, MongoSuspendedMail, SuspensionDecision
from guichet.store.setup.schema import prepare
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.shared_phone import REGISTRY_KEY, SECTOR_KEY, SharedPhone
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault

pytestmark = pytest.mark.real

SPAM, OTHER = MessageId("amina-suspended"), MessageId("bruno-suspended")
OVER = ARRIVED + SPAM_KEPT_FOR
BY_LEA = SuspensionDecision(OVER, AgentId("lea"), EventId("release"))


class Town:
    """Two people's suspended mail, a file with one, and gdpr-worker's round."""

    def __init__(self, database: Database) -> None:
        self.database, self.vault, self.objects = database, InMemoryVault(), InMemoryObjects()
        self.suspended, self.naps = MongoSuspendedMail(database), 0
        finder = open_finder(database, self.vault, registry_key=REGISTRY_KEY, sector_key=SECTOR_KEY)
        self.removal = open_removal(database, self.vault, self.objects, finder)
        self.round = ConfirmedSpam(self.suspended, finder, self.removal, self._nap)

    async def _nap(self, _length: timedelta) -> None:
        self.naps += 1

    async def confirm(self, message: MessageId, days: int = 0) -> None:
        decision = SuspensionDecision(ARRIVED + timedelta(days=days), AgentId("lea"), EventId("click"))
        assert await self.suspended.confirm_spam(message, decision)

    async def documents(self, collection: str) -> dict[str, Any]:
        return {each["_id"]: each async for each in self.database[collection].find()}


@pytest.fixture
async def town(mongo_server: MongoServer, mongo_database: str) -> AsyncIterator[Town]:
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await prepare(database, clock=SystemClock().now)
    town = Town(database)
    await SharedPhone(database, town.vault, town.objects).insert()
    yield town
    database.client.close()


async def test_its_key_files_and_traces_go_and_its_bare_id_stays(town: Town) -> None:
    before = await town.documents("messages")
    key = before[SPAM]["content"]["key_id"]
    await town.confirm(SPAM)
    assert await town.round.remove(OVER - timedelta(seconds=1)) == {"messages": 0}
    assert await town.round.remove(OVER) == {"messages": 1}
    assert await town.vault.open_keys([key]) == {}
    assert f"file-{SPAM}" not in town.objects.objects
    assert (await town.documents("messages"))[SPAM] == {"_id": SPAM, "erased_at": day_of(OVER)}
    assert set(await town.documents("unseen_mail")) == {OTHER}
    assert f"command-{SPAM}" not in await town.documents("commands")
    assert {key: each for key, each in (await town.documents("messages")).items() if key != SPAM} == {
        key: each for key, each in before.items() if key != SPAM
    }
    assert await town.round.remove(OVER) == {"messages": 0}


async def test_what_waits_or_was_released_is_not_touched_however_old(town: Town) -> None:
    await town.confirm(SPAM)
    assert await town.suspended.release({SPAM: BY_LEA})
    before = await town.documents("messages")
    assert await town.round.remove(OVER + timedelta(days=1000)) == {"messages": 0}
    assert await town.documents("messages") == before


async def test_a_mailbox_that_delivers_it_once_more_brings_nothing_back(town: Town) -> None:
    mail = (await MongoMessageStore(town.database).find_many([SPAM]))[SPAM]
    await town.confirm(SPAM)
    await town.round.remove(OVER)
    assert await MongoMessageStore(town.database).insert_causes([mail]) == {SPAM}
    assert await MongoMessageStore(town.database).find_many([SPAM]) == {}


async def test_killed_between_key_and_document_the_next_round_ends_it(town: Town, monkeypatch) -> None:
    async def dies(*_: Any) -> None:
        raise TransientError("killed here")

    await town.confirm(SPAM)
    with monkeypatch.context() as patch:
        patch.setattr(town.removal, "delete", dies)
        with pytest.raises(TransientError):
            await town.round.remove(OVER)
    assert await town.suspended.release({SPAM: BY_LEA}) == frozenset(), "its key is gone: nobody releases it"
    assert await town.round.remove(OVER) == {"messages": 1}
    assert (await town.documents("messages"))[SPAM] == {"_id": SPAM, "erased_at": day_of(OVER)}


async def test_many_go_some_at_a_time(town: Town) -> None:
    [mail] = (await MongoMessageStore(town.database).find_many([OTHER])).values()
    many = [mail.model_copy(update={"message_id": MessageId(f"spam-{number}")}) for number in range(AT_ONCE + 1)]
    await MongoMessageStore(town.database).insert_causes(many)
    for each in many:
        await town.confirm(each.message_id)
    assert await town.round.remove(OVER) == {"messages": AT_ONCE + 1}
    assert town.naps == 1
