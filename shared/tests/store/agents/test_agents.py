"""One suite for agents' accounts, on the twin and on the real MongoDB."""

import asyncio
from datetime import timedelta

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import AgentId, KeyId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.accounts import AgentAccount, AgentAccounts, MongoAgentAccounts, SecondFactor
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.accounts import InMemoryAgentAccounts

LEA, SAM = AgentId("lea"), AgentId("sam")


def an_account(agent: AgentId, password_hash: str = "$argon2id$first") -> AgentAccount:
    return AgentAccount(_id=agent, password_hash=password_hash, created_at=ARRIVED)


def a_factor(key: str = "key-1", **fields: object) -> SecondFactor:
    return SecondFactor(
        secret=Sealed(key_id=KeyId(key), box=b"\x00box"),
        enrolled_at=ARRIVED,
        last_step=100,
        recovery_salt=b"\x00salt",
        recovery=("one", "two"),
    ).model_copy(update=fields)


async def enrolled(accounts: AgentAccounts, factor: SecondFactor | None = None) -> AgentAccount:
    """Return Léa's account, which has a second factor."""
    await accounts.insert_missing([an_account(LEA)])
    assert await accounts.set_second_factor(an_account(LEA), factor or a_factor())
    found = await accounts.find(LEA)
    assert found is not None
    return found


class AgentAccountsSuite:
    async def test_a_second_factor_is_kept_and_taken_away(self, accounts: AgentAccounts):
        account = await enrolled(accounts)
        assert account.second_factor == a_factor()
        assert await accounts.set_second_factor(account, None)
        assert await accounts.find(LEA) == an_account(LEA)

    async def test_the_code_of_a_step_is_taken_once_also_at_once(self, accounts: AgentAccounts):
        account = await enrolled(accounts)
        assert not await accounts.spend_step(account, 100)
        taken = await asyncio.gather(*(accounts.spend_step(account, 101) for _ in range(10)))
        assert taken.count(True) == 1
        assert not await accounts.spend_step(account, 101)
        assert await accounts.spend_step(account, 103)
        assert not await accounts.spend_step(account, 102)

    async def test_a_recovery_code_is_taken_once_also_at_once(self, accounts: AgentAccounts):
        account = await enrolled(accounts)
        taken = await asyncio.gather(*(accounts.spend_recovery_code(account, "one") for _ in range(10)))
        assert taken.count(True) == 1
        assert not await accounts.spend_recovery_code(account, "never")
        assert (await accounts.find(LEA)).second_factor.recovery == ("two",)

    async def test_renewed_codes_are_the_only_ones(self, accounts: AgentAccounts):
        account = await enrolled(accounts)
        assert await accounts.renew_recovery_codes(account, b"new", ["three"])
        found = (await accounts.find(LEA)).second_factor
        assert (found.recovery_salt, found.recovery) == (b"new", ("three",))

    async def test_nothing_is_taken_of_another_enrolment_or_of_none(self, accounts: AgentAccounts):
        first = await enrolled(accounts)
        assert await accounts.set_second_factor(first, a_factor("key-2"))
        assert not await accounts.spend_step(first, 200)
        assert not await accounts.spend_recovery_code(first, "one")
        assert not await accounts.renew_recovery_codes(first, b"new", ["three"])
        assert not await accounts.set_second_factor(first, None), "what another enrolled meanwhile is gone"
        assert (await accounts.find(LEA)).second_factor == a_factor("key-2")
        assert not await accounts.spend_step(an_account(LEA), 200)

    async def test_a_new_password_keeps_what_was_taken_of_a_second_factor(self, accounts: AgentAccounts):
        account = await enrolled(accounts)
        await accounts.spend_step(account, 101)
        assert await accounts.replace(account, account.model_copy(update={"password_hash": "$argon2id$new"}))
        assert (await accounts.find(LEA)).second_factor.last_step == 101
        assert not await accounts.replace(an_account(LEA, "$argon2id$new"), account), "it does not open like that"

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
        assert await accounts.set_second_factor(an_account(LEA, "$argon2id$new"), a_factor())
