"""Who left 90 days ago leaves no account, preference or saved text of their own; who works, or may come back, keeps all."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gdpr_worker.domain.who_left import who_left
from gdpr_worker.handlers.remove_leavers import Leavers
from guichet.contracts.base import Sealed
from guichet.ids import AgentId
from guichet.law.calendar import start_of_day
from guichet.mongo.client import connect
from guichet.mongo.prepare import make_views
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.accounts import KEPT_AFTER_LEAVING, AgentAccount, MongoAgentAccounts, SecondFactor
from guichet.store.agents.leavers import VIEWS, MongoLeftBehind
from guichet.store.agents.preferences import MongoPreferences, Preference
from guichet.store.agents.rights import AgentRight, CommandGrant
from guichet.store.audit.trail import Act
from guichet.store.saved_answers import MongoSavedAnswers, SavedAnswer
from guichet.store.saved_views import MongoSavedViews, SavedView
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights
from guichet_testing.twins.store.agents.staff import InMemoryStaff
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.vault import InMemoryVault

KARIM, GONE = AgentId("agent-12"), AgentId("gone")
STAFF = the_example_town().staff
LAST_DAY = date(2026, 3, 31)
ENDED = start_of_day(LAST_DAY + timedelta(days=1))
OVER = ENDED + KEPT_AFTER_LEAVING


def a_right(agent=GONE, until=ENDED, last_day=None, nth=0):
    last = None if last_day is None else start_of_day(last_day + timedelta(days=1))
    grant = CommandGrant(departments=("voirie",), acts=("answer",), until=last)
    return AgentRight(
        _id=f"{agent}:{nth}",
        agent=agent,
        departments=(),
        since=ARRIVED - timedelta(days=900),
        until=until,
        grants=(grant,),
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
    assert who_left(rights, STAFF, OVER + later) == ({GONE} if left else set())


def test_whom_the_staff_knows_at_work_has_not_left():
    assert who_left([a_right(KARIM)], STAFF, OVER) == set()
    karim = STAFF.by_id[KARIM].model_copy(update={"ends": LAST_DAY})
    agents = tuple(karim if each.agent_id == KARIM else each for each in STAFF.agents)
    assert who_left([a_right(KARIM)], replace(STAFF, agents=agents), OVER) == {KARIM}


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
    rights = InMemoryAgentRights(a_right(), a_right(KARIM, until=None))
    round_ = Leavers(MongoLeftBehind(database), rights, STAFF, InMemoryStaff(), audit, vault.destroy_keys)
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
