"""One suite for agents' accounts, on the twin and on the real MongoDB."""

from datetime import timedelta

import pytest

from guichet.ids import AgentId
from guichet.runtime.settings import MongoSettings
from guichet.store.agents import AgentAccount, AgentAccounts, MongoAgentAccounts
from guichet.store.client import connect
from guichet.testing.a_case import ARRIVED
from guichet.testing.agents import InMemoryAgentAccounts

LEA, SAM = AgentId("lea"), AgentId("sam")


def an_account(agent: AgentId, password_hash: str = "$argon2id$first") -> AgentAccount:
    return AgentAccount(_id=agent, password_hash=password_hash, created_at=ARRIVED)


class AgentAccountsSuite:
    async def test_what_is_missing_is_inserted_and_what_exists_keeps_its_password(self, accounts: AgentAccounts):
        assert await accounts.insert_missing([an_account(LEA)]) == {LEA}
        assert await accounts.insert_missing([an_account(LEA, "$argon2id$second"), an_account(SAM)]) == {SAM}
        assert await accounts.find(LEA) == an_account(LEA)
        assert await accounts.find_ids() == {LEA, SAM}

    async def test_nothing_missing_inserts_nothing(self, accounts: AgentAccounts):
        assert await accounts.insert_missing([]) == frozenset()

    async def test_an_unknown_agent_has_no_account(self, accounts: AgentAccounts):
        assert await accounts.find(LEA) is None

    async def test_an_account_is_replaced_as_it_was_found_and_keeps_its_dates(self, accounts: AgentAccounts):
        await accounts.insert_missing([an_account(LEA)])
        await accounts.note_sign_in(LEA, ARRIVED)
        new = an_account(LEA, "$argon2id$new").model_copy(update={"must_change": True, "disabled_at": ARRIVED})
        assert await accounts.replace(an_account(LEA), new)
        assert await accounts.all() == [new.model_copy(update={"signed_in_at": ARRIVED})]

    async def test_nothing_is_undone_that_another_did_meanwhile(self, accounts: AgentAccounts):
        first = an_account(LEA)
        await accounts.insert_missing([first])
        disabled = first.model_copy(update={"disabled_at": ARRIVED})
        assert await accounts.replace(first, disabled)
        assert not await accounts.replace(first, an_account(LEA, "$argon2id$new"))
        assert await accounts.find(LEA) == disabled
        assert await accounts.replace(disabled, an_account(LEA, "$argon2id$new"))
        assert not await accounts.replace(disabled, first)

    async def test_no_account_comes_of_replacing_one_that_is_not_there(self, accounts: AgentAccounts):
        assert not await accounts.replace(an_account(SAM), an_account(SAM, "$argon2id$new"))
        await accounts.note_sign_in(SAM, ARRIVED)
        assert await accounts.find(SAM) is None

    async def test_the_last_sign_in_moves_forward_only(self, accounts: AgentAccounts):
        await accounts.insert_missing([an_account(LEA)])
        await accounts.note_sign_in(LEA, ARRIVED + timedelta(days=2))
        await accounts.note_sign_in(LEA, ARRIVED)
        found = await accounts.find(LEA)
        assert found is not None
        assert found.signed_in_at == ARRIVED + timedelta(days=2)


class TestInMemoryAgentAccounts(AgentAccountsSuite):
    @pytest.fixture
    def accounts(self) -> AgentAccounts:
        return InMemoryAgentAccounts()


@pytest.mark.real
class TestMongoAgentAccounts(AgentAccountsSuite):
    @pytest.fixture
    async def accounts(self, mongo_server, mongo_database) -> AgentAccounts:
        return MongoAgentAccounts(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))

    async def test_an_account_of_before_its_newer_fields_is_read_and_replaced(self, mongo_server, mongo_database):
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        await database["agents"].insert_one({"_id": LEA, "password_hash": "$argon2id$first", "created_at": ARRIVED})
        accounts = MongoAgentAccounts(database)
        assert await accounts.find(LEA) == an_account(LEA)
        assert await accounts.replace(an_account(LEA), an_account(LEA, "$argon2id$new"))
