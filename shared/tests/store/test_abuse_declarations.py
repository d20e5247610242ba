"""One suite on the declarations in memory and in MongoDB: whoever is first to change one has it."""

from datetime import timedelta

import pytest

from guichet.contracts.abuse import AbuseGround
from guichet.contracts.authorship import Proof
from guichet.contracts.base import Sealed
from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId, EventId, KeyId
from guichet.mongo.client import Database
from guichet.store.abuse_declarations import AbuseDeclaration, AbuseDeclarations, MongoAbuseDeclarations
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.abuse_declarations import InMemoryAbuseDeclarations


def a_declaration(sender: str = "zoe", version: int = 1, by: str = "lea") -> AbuseDeclaration:
    return AbuseDeclaration(
        _id=sender,
        case_id=CaseId("case"),
        command_id=EventId(f"click-{by}"),
        by=AgentId(by),
        ground=AbuseGround.NUMBER,
        covers=Proof.NONE,
        declared_at=ARRIVED,
        until=ARRIVED + timedelta(days=90),
        reason=Sealed(key_id=KeyId("key"), box=b"box"),
        reason_field=f"click-{by}",
        version=version,
    )


class AbuseDeclarationsSuite:
    async def test_what_is_written_is_found_again(self, declarations: AbuseDeclarations) -> None:
        assert await declarations.write([a_declaration(), a_declaration("bob")])
        assert await declarations.find_many(["zoe", "nobody"]) == {"zoe": a_declaration()}

    async def test_of_two_first_ones_one_is_written(self, declarations: AbuseDeclarations) -> None:
        assert await declarations.write([a_declaration()])
        assert not await declarations.write([a_declaration(by="karim"), a_declaration("bob")])
        assert (await declarations.find_many(["zoe"]))["zoe"].by == "lea"
        assert (await declarations.find_many(["bob"])).keys() == {"bob"}

    async def test_of_two_that_change_the_same_one_is_written(self, declarations: AbuseDeclarations) -> None:
        await declarations.write([a_declaration()])
        assert await declarations.write([a_declaration(version=2, by="karim")])
        assert not await declarations.write([a_declaration(version=2, by="paul")])
        assert (await declarations.find_many(["zoe"]))["zoe"].by == "karim"

    async def test_one_that_went_meanwhile_is_not_brought_back(self, declarations: AbuseDeclarations) -> None:
        """An erasure took it."""
        assert not await declarations.write([a_declaration(version=2)])
        assert await declarations.find_many(["zoe"]) == {}

    async def test_nothing_is_nothing(self, declarations: AbuseDeclarations) -> None:
        assert await declarations.write([])
        assert await declarations.find_many([]) == {}


class TestInMemoryAbuseDeclarations(AbuseDeclarationsSuite):
    @pytest.fixture
    def declarations(self) -> InMemoryAbuseDeclarations:
        return InMemoryAbuseDeclarations()

    async def test_away_raises(self, declarations: InMemoryAbuseDeclarations) -> None:
        declarations.away = True
        for asking in (declarations.find_many(["zoe"]), declarations.write([a_declaration()])):
            with pytest.raises(TransientError):
                await asking


@pytest.mark.real
class TestMongoAbuseDeclarations(AbuseDeclarationsSuite):
    @pytest.fixture
    def declarations(self, database: Database) -> MongoAbuseDeclarations:
        return MongoAbuseDeclarations(database)
