"""An operator adds, resets and disables accounts: each act noted first, nobody kept signed in by the old one."""

from datetime import timedelta

import pytest

from guichet.contracts.base import Sealed
from guichet.errors import PermanentError, TransientError
from guichet.ids import AgentId
from guichet.privacy.passwords import password_matches
from guichet.store.agents.accounts import AgentAccount, SecondFactor
from guichet.store.agents.sessions import Session
from guichet.store.audit.trail import Act
from guichet_cli.agents.account_lines import account_lines
from guichet_cli.agents.accounts import AccountActions
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.twins.store.agents.accounts import InMemoryAgentAccounts
from guichet_testing.twins.store.agents.sessions import InMemorySessions
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.vault import InMemoryVault

KARIM = AgentId("agent-12")
TOWN = the_example_town()
OLD = AgentAccount(_id=KARIM, password_hash="$argon2id$old", created_at=ARRIVED)
FACTOR = SecondFactor(
    secret=Sealed(key_id="key-1", box=b"box"), enrolled_at=ARRIVED, last_step=1, recovery_salt=b"s", recovery=("h",)
)
GONE = AgentAccount(_id=AgentId("gone"), password_hash="$argon2id$gone", created_at=ARRIVED)


def acts_on(*accounts: AgentAccount, vault: InMemoryVault | None = None) -> AccountActions:
    keys = vault or InMemoryVault()
    return AccountActions(
        town=TOWN,
        accounts=InMemoryAgentAccounts(*accounts),
        sessions=InMemorySessions(),
        audit=InMemoryAuditTrail(),
        destroy=lambda key_id: keys.destroy_keys([key_id]),
        by=AgentId("uid-1000"),
        now=lambda: ARRIVED,
    )


async def a_session(acts: AccountActions, agent: AgentId = KARIM, name: str = "s1") -> None:
    ends = ARRIVED + timedelta(hours=9)
    await acts.sessions.insert(Session(_id=name, agent_id=agent, started_at=ARRIVED, seen_at=ARRIVED, ends_at=ends))


async def test_a_one_time_password_is_kept_as_a_hash_and_must_be_changed():
    acts = acts_on()
    password = await acts.add("Karim.Haddad")
    account = await acts.accounts.find(KARIM)
    assert account.must_change
    assert password_matches(account.password_hash, password)
    (entry,) = acts.audit.entries
    assert (entry.act, entry.agent, entry.things) == (Act.ACCOUNT_ADDED, "uid-1000", (KARIM,))
    assert password not in entry.model_dump_json()


@pytest.mark.parametrize(("name", "known"), [("nobody", ()), ("karim.haddad", (OLD,)), ("agent-12", (OLD,))])
async def test_nobody_is_added_who_is_not_in_the_files_or_has_an_account(name, known):
    acts = acts_on(*known)
    with pytest.raises(PermanentError):
        await acts.add(name)
    assert await acts.accounts.all() == [*known]
    assert acts.audit.entries == []


async def test_a_reset_leaves_no_session_and_not_the_old_password():
    acts = acts_on(OLD)
    await a_session(acts)
    await a_session(acts, AgentId("agent-99"), "of another")
    password = await acts.reset("karim.haddad")
    account = await acts.accounts.find(KARIM)
    assert account.must_change
    assert password_matches(account.password_hash, password)
    assert await acts.sessions.find("s1") is None
    assert await acts.sessions.find("of another") is not None
    assert acts.audit.entries[-1].act is Act.ACCOUNT_RESET


async def test_a_disabled_account_has_no_session_and_a_reset_opens_it_again():
    acts = acts_on(OLD)
    await a_session(acts)
    await acts.disable("karim.haddad")
    assert (await acts.accounts.find(KARIM)).disabled_at == ARRIVED
    assert await acts.sessions.find("s1") is None
    await acts.disable("karim.haddad")
    await acts.reset("karim.haddad")
    assert (await acts.accounts.find(KARIM)).disabled_at is None


async def test_an_account_is_disabled_even_if_the_files_no_longer_name_its_agent():
    acts = acts_on(GONE)
    await acts.disable("gone")
    assert (await acts.accounts.find(AgentId("gone"))).disabled_at == ARRIVED
    with pytest.raises(PermanentError):
        await acts.reset("gone")


async def test_a_disable_is_not_lost_to_a_password_that_changes_meanwhile(monkeypatch):
    acts = acts_on(OLD)
    true = acts.audit.record

    async def meanwhile(*entries) -> None:
        await true(*entries)
        await acts.accounts.replace(OLD, OLD.model_copy(update={"password_hash": "$argon2id$own"}))

    monkeypatch.setattr(acts.audit, "record", meanwhile)
    await acts.disable("karim.haddad")
    account = await acts.accounts.find(KARIM)
    assert (account.disabled_at, account.password_hash) == (ARRIVED, "$argon2id$own")


@pytest.mark.parametrize("act", ["reset", "disable"])
async def test_nothing_changes_that_cannot_be_noted(act):
    acts = acts_on(OLD)
    await a_session(acts)
    acts.audit.away = True
    with pytest.raises(TransientError):
        await getattr(acts, act)("karim.haddad")
    assert await acts.accounts.find(KARIM) == OLD
    assert await acts.sessions.find("s1") is not None


@pytest.mark.parametrize("act", ["reset", "disable"])
async def test_who_has_no_account_is_told(act):
    with pytest.raises(PermanentError, match="has no account"):
        await getattr(acts_on(), act)("karim.haddad")


async def test_a_lost_telephone_is_taken_off_the_account_and_ends_its_sessions():
    acts = acts_on(OLD.model_copy(update={"second_factor": FACTOR}))
    await a_session(acts)
    await acts.reset_second_factor("karim.haddad")
    assert await acts.accounts.find(KARIM) == OLD
    assert await acts.sessions.find("s1") is None
    (entry,) = acts.audit.entries
    assert (entry.act, entry.agent, entry.things) == (Act.SECOND_FACTOR_RESET, "uid-1000", (KARIM,))


@pytest.mark.parametrize("act", ["reset", "disable"])
async def test_who_talks_an_operator_into_a_new_password_has_not_got_the_telephone(act):
    acts = acts_on(OLD.model_copy(update={"second_factor": FACTOR}))
    await getattr(acts, act)("karim.haddad")
    assert (await acts.accounts.find(KARIM)).second_factor == FACTOR


async def test_the_key_of_a_second_factor_that_was_reset_is_destroyed():
    vault = InMemoryVault()
    acts = acts_on(OLD, vault=vault)
    (key,) = await vault.new_keys(1)
    sealed = FACTOR.secret.model_copy(update={"key_id": key.key_id})
    assert await acts.accounts.set_second_factor(OLD, FACTOR.model_copy(update={"secret": sealed}))
    await acts.reset_second_factor("karim.haddad")
    assert await vault.open_keys([key.key_id]) == {}


async def test_a_second_factor_is_reset_while_the_vault_is_away():
    """Its key opens nothing any more: it is left."""
    vault = InMemoryVault()
    vault.away = True
    acts = acts_on(OLD.model_copy(update={"second_factor": FACTOR}), vault=vault)
    await acts.reset_second_factor("karim.haddad")
    assert await acts.accounts.find(KARIM) == OLD


async def test_a_second_factor_is_reset_even_if_its_agent_changes_the_password_meanwhile(monkeypatch):
    old = OLD.model_copy(update={"second_factor": FACTOR})
    acts = acts_on(old)
    true = acts.audit.record

    async def meanwhile(*entries) -> None:
        await true(*entries)
        await acts.accounts.replace(old, old.model_copy(update={"password_hash": "$argon2id$own"}))

    monkeypatch.setattr(acts.audit, "record", meanwhile)
    await acts.reset_second_factor("karim.haddad")
    account = await acts.accounts.find(KARIM)
    assert (account.second_factor, account.password_hash) == (None, "$argon2id$own")


async def test_no_second_factor_is_reset_where_there_is_none_or_nothing_can_be_noted():
    with pytest.raises(PermanentError, match="has no second factor"):
        await acts_on(OLD).reset_second_factor("karim.haddad")
    acts = acts_on(OLD.model_copy(update={"second_factor": FACTOR}))
    acts.audit.away = True
    with pytest.raises(TransientError):
        await acts.reset_second_factor("karim.haddad")
    assert (await acts.accounts.find(KARIM)).second_factor == FACTOR


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "never signed in"),
        ({"must_change": True}, "must change password"),
        ({"signed_in_at": ARRIVED}, f"active                   {ARRIVED:%Y-%m-%d}"),
        ({"signed_in_at": ARRIVED, "disabled_at": ARRIVED}, "disabled"),
        ({"second_factor": FACTOR}, "second factor"),
        ({"second_factor": FACTOR, "must_change": True}, "must change password"),
    ],
)
def test_the_list_says_how_each_account_stands(fields, said):
    lines = account_lines(TOWN.agents, [OLD.model_copy(update=fields), GONE])
    (karim,) = [line for line in lines if line.startswith("karim.haddad")]
    assert said in karim
    assert karim.endswith("voirie")
    assert lines[-1].split("  ")[0] == "gone"
    assert "not in the town's files" in lines[-1]
    assert "no account" in next(line for line in lines if line.startswith("paul.mercier"))
