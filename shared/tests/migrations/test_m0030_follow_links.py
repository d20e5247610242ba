"""Links that were sent when one key made them all open the sealed page, and no service needs that key."""

import base64
import hmac
from types import SimpleNamespace
from typing import cast

import pytest
from pydantic import SecretBytes

from guichet.case.record import CaseRecord
from guichet.contracts.delivery import Purpose
from guichet.errors import SettingsError
from guichet.ids import CaseId, MessageId
from guichet.migrations.context import MigrationContext, Steps
from guichet.migrations.m0030_follow_links import run
from guichet.mongo.client import Database
from guichet.privacy.follow_link import read_follow_link
from guichet.privacy.framed_bytes import framed
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.follow_views.document import FollowPage, open_view
from guichet.store.follow_views.store import MongoFollowViews
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.store.setup.migration_records import MigrationRecords
from guichet.town.load import load_town
from guichet.vault.sealing import Thing, seal
from guichet_local.machine.paths import REPOSITORY
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.sealing import seal_model
from guichet_testing.twins.vault import InMemoryVault

pytestmark = pytest.mark.real
FOLLOW_KEY = b"f" * 32


def sent_token(case: CaseId) -> str:
    """The token of a link as version 1129a30 made it."""
    digest = hmac.digest(FOLLOW_KEY, framed("follow", case), "sha256")[:24]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class OldStore:
    """Cases as they were written before."""

    def __init__(self, database: Database) -> None:
        self.database, self.vault = database, InMemoryVault()
        self.records = MigrationRecords(database)

    async def add(self, name: str, *, department: str = "voirie", answer: str = "C’est réparé.") -> CaseRecord:
        of_case, of_answer = await self.vault.new_keys(2)
        sent = MessageId(f"answer-{name}")
        history = [
            {"version": 1, "type": "CaseOpened", "at": ARRIVED, "department": department},
            {"version": 2, "type": "ReplyRequested", "at": ARRIVED, "message_id": sent},
        ]
        case = a_case(name, version=2, department=department, follow="old lookup")
        subject = seal(of_case, Thing("case", case.case_id), "subject", b"Trou")
        message = MessageDocument(
            _id=sent,
            direction=Direction.OUTBOUND,
            channel=case.channel,
            accounts=(case.account,),
            at=ARRIVED,
            filed=case.case_id,
            purpose=Purpose.REPLY,
            content=seal_model(of_answer, Thing("message", sent), "content", OutboundContent(text=answer)),
        )
        document = case.model_copy(update={"subject": subject}).model_dump(by_alias=True, exclude={"link"})
        await self.database["cases"].insert_one({**document, "history": history})
        await self.database["messages"].insert_one(message.model_dump(by_alias=True))
        return case

    async def migrate(self, *, follow_key: bytes | None = FOLLOW_KEY) -> None:
        async with self.records.lease() as lease:
            record = await self.records.begin(30, "follow-links", ARRIVED)
            settings = SimpleNamespace(follow_key=follow_key and SecretBytes(follow_key))
            context = SimpleNamespace(
                database=self.database,
                vault=self.vault,
                settings=settings,
                town=load_town(REPOSITORY / "deploy" / "local" / "town"),
            )
            await run(cast(MigrationContext, context), Steps(record, self.records, lease, lambda _: None))

    async def page(self, token: str) -> FollowPage | None:
        link = read_follow_link(token)
        assert link is not None
        view = await MongoFollowViews(self.database).find(link.lookup)
        return None if view is None else open_view(link, view)


@pytest.fixture
def store(prepared_database: Database) -> OldStore:
    return OldStore(prepared_database)


async def test_a_link_that_was_sent_before_opens_the_page(store: OldStore) -> None:
    case = await store.add("case-1")
    await store.migrate()
    page = await store.page(sent_token(case.case_id))
    assert page is not None
    assert page.reference == case.reference
    assert [answer.text for answer in page.answers] == ["C’est réparé."]


async def test_once_more_changes_nothing(store: OldStore) -> None:
    await store.add("case-1")
    await store.migrate()
    first = await store.database["cases"].find_one()
    views = await store.database["follow_views"].find().to_list(None)
    await store.migrate()
    assert await store.database["cases"].find_one() == first
    assert await store.database["follow_views"].find().to_list(None) == views


async def test_a_kill_between_case_and_page_is_made_good(store: OldStore) -> None:
    case = await store.add("case-1")
    await store.migrate()
    await store.database["follow_views"].delete_many({})
    await store.database["migrations"].delete_many({"place": {"$exists": True}})
    await store.migrate(follow_key=None)  # the case has its secret already
    assert await store.page(sent_token(case.case_id)) is not None


async def test_of_erased_and_destroyed_cases_no_page_comes_back(store: OldStore) -> None:
    gone, keyless = await store.add("gone"), await store.add("keyless")
    await MongoCaseErasing(store.database).destroy([gone.case_id], ARRIVED)
    [document] = await store.database["cases"].find({"_id": keyless.case_id}).to_list(None)
    await store.vault.destroy_keys([document["subject"]["key_id"]])
    await store.migrate()
    assert await store.database["follow_views"].count_documents({}) == 0


async def test_the_page_of_a_sensitive_case_keeps_its_answers_to_itself(store: OldStore) -> None:
    case = await store.add("case-1", department="ccas", answer="Votre aide est accordée.")
    await store.migrate()
    page = await store.page(sent_token(case.case_id))
    assert page is not None
    assert [answer.text for answer in page.answers] == [None]


async def test_without_the_key_nothing_is_changed_and_the_sentence_says_which(store: OldStore) -> None:
    await store.add("case-1")
    with pytest.raises(SettingsError, match="GUICHET_FOLLOW_KEY is not set"):
        await store.migrate(follow_key=None)
    document = await store.database["cases"].find_one()
    assert document is not None
    assert document["follow"] == "old lookup"
