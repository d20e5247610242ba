"""One suite for agents' accounts, on the twin and on the real MongoDB."""

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

    async def test_a_new_hash_replaces_the_old_one_of_an_account_that_exists(self, accounts: AgentAccounts):
        await accounts.insert_missing([an_account(LEA)])
        await accounts.replace_hash(LEA, "$argon2id$new")
        await accounts.replace_hash(SAM, "$argon2id$new")
        assert await accounts.find(LEA) == an_account(LEA, "$argon2id$new")
        assert await accounts.find(SAM) is None


class TestInMemoryAgentAccounts(AgentAccountsSuite):
    @pytest.fixture
    def accounts(self) -> AgentAccounts:
        return InMemoryAgentAccounts()


@pytest.mark.real
class TestMongoAgentAccounts(AgentAccountsSuite):
    @pytest.fixture
    async def accounts(self, mongo_server, mongo_database) -> AgentAccounts:
        return MongoAgentAccounts(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
