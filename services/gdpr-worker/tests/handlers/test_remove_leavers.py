"""Who left 90 days ago leaves no account, preference or saved text of their own; who works, or may come back, keeps all."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gdpr_worker.domain.who_left import who_left
from gdpr_worker.handlers.remove_leavers import Leavers
from guichet.contracts.base import Sealed
from guichet.errors import SettingsError
from guichet.ids import AgentId
from guichet.law.calendar import start_of_day
from guichet.mongo.client import connect
from guichet.mongo.prepare import make_views
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.accounts import AgentAccount, MongoAgentAccounts, SecondFactor
from guichet.store.agents.deployed_rights import digest_of
from guichet.store.agents.leaver_retention import KEPT_AFTER_LEAVING
from guichet.store.agents.leavers import VIEWS, LeftBehind, MongoLeftBehind
from guichet.store.agents.preferences import MongoPreferences, Preference
from guichet.store.agents.rights import AgentRight, CommandGrant
from guichet.store.agents.staff import entry_of
from guichet.store.audit.trail import Act
from guichet.store.saved_answers import MongoSavedAnswers, SavedAnswer
from guichet.store.saved_views import MongoSavedViews, SavedView
from guichet.town.staff.agents import Agent, Assignment, VouchedAddress
from guichet.town.staff.identities import ProvidedIdentity
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights
from guichet_testing.twins.store.agents.staff import InMemoryStaff
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.vault import InMemoryVault

KARIM, GONE = AgentId("agent-12"), AgentId("gone")
TOWN = the_example_town()
STAFF = TOWN.staff
LAST_DAY = date(2026, 3, 31)
ENDED = start_of_day(LAST_DAY + timedelta(days=1))
OVER = ENDED + KEPT_AFTER_LEAVING


def a_right(agent=GONE, until=ENDED, last_day=None, nth=0, files=None):
    last = None if last_day is None else start_of_day(last_day + timedelta(days=1))
    grant = CommandGrant(departments=("voirie",), acts=("answer",), until=last)
    return AgentRight(
        _id=f"{agent}:{nth}",
        agent=agent,
        departments=(),
        since=ARRIVED - timedelta(days=900),
        until=until,
        grants=(grant,),
        files=files,
    )


@pytest.mark.parametrize(
    ("rights", "later", "left"),
    [
        ([a_right()], timedelta(0), True),
        ([a_right()], timedelta(seconds=-1), False),
        ([a_right(until=None, last_day=LAST_DAY)], timedelta(0), True),  # a last day, and nothing recorded since
        ([a_right(until=None, last_day=LAST_DAY)], timedelta(seconds=-1), False),
        ([a_right(until=None)], timedelta(days=999), False),
        ([a_right(), a_right(nth=1, until=None)], timedelta(0), False),  # they came back
        ([], timedelta(days=999), False),  # no right tells: a town's files in the wrong place take nothing away
    ],
)
def test_who_left_is_told_by_their_rights(rights, later, left):
    assert who_left(rights, [], STAFF, OVER + later) == ({GONE} if left else set())


def with_karim(**changed):
    karim = STAFF.by_id[KARIM].model_copy(update=changed)
    return replace(STAFF, agents=tuple(karim if each.agent_id == KARIM else each for each in STAFF.agents))


def test_whom_the_staff_knows_at_work_has_not_left():
    assert who_left([a_right(KARIM)], [], STAFF, OVER) == set()
    assert who_left([a_right(KARIM)], [], with_karim(ends=LAST_DAY), OVER) == {KARIM}


def test_a_last_day_tells_it_of_who_never_had_a_right():
    gone = with_karim(ends=LAST_DAY, also=())
    assert who_left([], [], gone, OVER) == {KARIM}
    assert who_left([], [], gone, OVER - timedelta(seconds=1)) == set()
    assert who_left([], [], with_karim(ends=LAST_DAY, also=(Assignment(starts=date(2027, 1, 1)),)), OVER) == set()


def test_an_administrator_who_takes_somebody_off_the_staff_tells_it_too():
    taken_off = entry_of(Overlay(StaffKind.AGENT, GONE, None), at=ENDED, by=KARIM)
    assert who_left([], [taken_off], STAFF, OVER) == {GONE}
    assert who_left([a_right()], [taken_off.model_copy(update={"changed_at": OVER})], STAFF, OVER) == set()
    unreadable = taken_off.model_copy(update={"said": {"of": "a newer version"}})
    assert who_left([a_right()], [unreadable], STAFF, OVER) == set()


@pytest.mark.parametrize("vouched", [None, VouchedAddress(address="karim@ville.fr", on=LAST_DAY)])
def test_whom_a_provider_lets_in_keeps_all_while_they_have_work_to_come_however_long_it_vouches_for_no_address(vouched):
    """It may say their address no more, while they sign in each day; or they are ill for years."""
    staff = with_karim(identity=ProvidedIdentity(siret="1" * 14), vouched=vouched)
    years_later = ENDED + timedelta(days=5 * 365)
    assert who_left([a_right(KARIM, until=None)], [], staff, years_later) == set()
    assert who_left([], [], staff, years_later) == set(), "syntheses alone are work too"


@pytest.mark.parametrize("vouched", [None, VouchedAddress(address="karim@ville.fr", on=LAST_DAY)])
def test_whom_a_provider_lets_in_has_left_once_no_mapping_or_a_last_day_gives_them_work(vouched):
    provided = with_karim(identity=ProvidedIdentity(siret="1" * 14), vouched=vouched)
    karim = provided.by_id[KARIM]
    others = tuple(each for each in provided.agents if each is not karim)
    unmapped = replace(provided, agents=others, nowhere=(karim,))
    retired = replace(provided, agents=(*others, karim.model_copy(update={"ends": LAST_DAY})))
    for staff in (unmapped, retired):
        assert who_left([a_right(KARIM)], [], staff, OVER) == {KARIM}
        assert who_left([a_right(KARIM)], [], staff, OVER - timedelta(seconds=1)) == set()
    years_later = ENDED + timedelta(days=5 * 365)
    assert who_left([a_right(KARIM, until=None)], [], unmapped, years_later) == set(), "a right that is open still"
    assert who_left([], [], unmapped, years_later) == set(), "nothing tells when"


class Kept(LeftBehind):
    """An account of somebody's, and who was removed. between: what happens once it was looked for."""

    def __init__(self, between=lambda: None):
        self.removed = []
        self._between = between

    async def whose(self, agents):
        self._between()
        return frozenset(agents)

    async def secrets_of(self, agents):
        return [f"key-of-{agent}" for agent in agents]

    async def remove(self, agents, at):
        self.removed += agents
        return {"agents": len(agents)}


def leavers(kept, *, files=lambda: TOWN, deployed=TOWN, entries=None):
    vault, audit = InMemoryVault(), InMemoryAuditTrail()
    rights = InMemoryAgentRights(a_right(), a_right(KARIM, until=None, files=digest_of(deployed)))
    return Leavers(kept, rights, files, entries or InMemoryStaff(), audit, vault.destroy_keys), audit


async def test_while_other_files_are_deployed_than_lie_here_nobody_is_removed():
    """Who comes back with syntheses alone has no right that lasts: the files that were deployed alone know them."""
    back = Agent(agent_id=GONE, name="Zoé", sign_in="zoe", profile="director")
    comes_back = replace(TOWN, staff=replace(STAFF, agents=(*STAFF.agents, back)))
    for files, deployed, removed in ((TOWN, TOWN, [GONE]), (TOWN, comes_back, []), (comes_back, comes_back, [])):
        kept = Kept()
        round_, audit = leavers(kept, files=lambda files=files: files, deployed=deployed)
        await round_.remove(OVER)
        assert kept.removed == removed
        assert len(audit.entries) == len(removed)


async def test_while_the_files_cannot_be_read_nobody_is_removed():
    def broken():
        raise SettingsError("agents.yaml: …")

    kept = Kept()
    assert await leavers(kept, files=broken)[0].remove(OVER) == {}
    assert kept.removed == []


async def test_who_comes_back_while_the_round_looks_keeps_all():
    entries = InMemoryStaff()
    back = entry_of(
        Overlay(StaffKind.AGENT, GONE, STAFF.by_id[KARIM].model_copy(update={"agent_id": GONE})), at=OVER, by=KARIM
    )
    kept = Kept(between=lambda: entries.entries.update({back.entry_id: back}))
    round_, audit = leavers(kept, entries=entries)
    assert await round_.remove(OVER) == {}
    assert (kept.removed, audit.entries) == ([], [])


@pytest.mark.real
async def test_what_is_left_of_them_goes_with_its_key_and_nothing_else_does(mongo_server, mongo_database):
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await make_views(database, VIEWS)
    vault, audit = InMemoryVault(), InMemoryAuditTrail()
    kept = {GONE: await vault.new_keys(3), KARIM: await vault.new_keys(3)}
    for agent, (factor, answer, view) in kept.items():
        sealed = Sealed(key_id=factor.key_id, box=b"box")
        second = SecondFactor(secret=sealed, enrolled_at=ARRIVED, last_step=1, recovery_salt=b"s", recovery=())
        account = AgentAccount(_id=agent, password_hash="$argon2id$", created_at=ARRIVED, second_factor=second)
        await MongoAgentAccounts(database).insert_missing([account])
        await MongoPreferences(database).put(Preference(_id=agent, keys=False), over=Preference(_id=agent))
        about = {"owner": agent, "changed_at": ARRIVED, "changed_by": agent}
        words, listed = Sealed(key_id=answer.key_id, box=b"box"), Sealed(key_id=view.key_id, box=b"box")
        await MongoSavedAnswers(database).insert(SavedAnswer(_id=f"a-{agent}", words=words, **about))
        shared = about | {"owner": None, "department": "voirie"}
        await MongoSavedAnswers(database).insert(SavedAnswer(_id=f"d-{agent}", words=words, **shared))
        await MongoSavedViews(database).put(SavedView(_id=f"v-{agent}", list=listed, **about))
    rights = InMemoryAgentRights(a_right(), a_right(KARIM, until=None, files=digest_of(TOWN)))
    round_ = Leavers(MongoLeftBehind(database), rights, lambda: TOWN, InMemoryStaff(), audit, vault.destroy_keys)
    assert await round_.remove(OVER - timedelta(seconds=1)) == {}
    gone = {"agents": 1, "preferences": 1, "saved_answers": 1, "saved_views": 1}
    assert await round_.remove(OVER) == gone
    assert await round_.remove(OVER) == {}
    for name in ("agents", "preferences"):
        assert [each["_id"] async for each in database[name].find()] == [KARIM]
    answers = MongoSavedAnswers(database)
    assert {each.answer_id for each in await answers.of(GONE, {"voirie"})} == {"d-agent-12", "d-gone"}
    assert await MongoSavedViews(database).of(GONE, ()) == ()
    assert len(await MongoSavedViews(database).of(KARIM, ())) == 1
    factors = {keys[0].key_id for keys in kept.values()}
    assert {*await vault.open_keys(factors)} == {kept[KARIM][0].key_id}
    [noted] = audit.entries
    assert (noted.act, noted.things) == (Act.LEAVERS_REMOVED, (GONE,))
