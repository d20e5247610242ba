"""One suite for agents' rights and their twin; what a change of the town's files comes to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from guichet.ids import AgentId, DepartmentId
from guichet.mongo.client import Database
from guichet.rights.case_acts import EVERY_ACT
from guichet.store.agents.rights import (
    BEGINNING,
    AgentRight,
    AgentRights,
    Changes,
    CommandGrant,
    MayNow,
    MongoAgentRights,
    Wanted,
    changes,
    deployed_files,
    record_rights,
    record_rights_as_they_change,
    wanted_rights,
)
from guichet.town.staff.agents import Agent, Assignment
from guichet.town.staff.profiles import ORDINARY
from guichet.town.town import Town
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights

DAY = timedelta(days=1)


EVERY = tuple(sorted(EVERY_ACT))


def may(*departments: str, suspended_mail: bool = False, figures: bool = False, **limits: Any) -> MayNow:
    grant = CommandGrant(departments=tuple(sorted(departments)), **{"acts": EVERY, **limits})
    return MayNow((grant,), suspended_mail, figures)


async def record(rights: AgentRights, wanted: Wanted, at: datetime) -> Changes:
    changed = changes(await rights.all(), wanted, at)
    await rights.change(changed)
    return changed


def spans(rights):
    return [(right.agent, right.departments, right.since, right.until) for right in rights]


class AgentRightsSuite:
    async def test_what_is_there_first_held_from_the_beginning(self, rights: AgentRights):
        await record(rights, {"lea": may("voirie")}, ARRIVED)
        assert spans(await rights.all()) == [("lea", ("voirie",), BEGINNING, None)]

    async def test_a_change_ends_one_entry_and_begins_another(self, rights: AgentRights):
        await record(rights, {"lea": may("voirie"), "max": may("ccas")}, ARRIVED)
        changed = await record(rights, {"lea": may("ccas", "accueil"), "max": may("ccas")}, ARRIVED + DAY)
        assert (len(changed.ended), len(changed.begun)) == (1, 1)
        assert spans(await rights.all()) == [
            ("lea", ("voirie",), BEGINNING, ARRIVED + DAY),
            ("lea", ("accueil", "ccas"), ARRIVED + DAY, None),
            ("max", ("ccas",), BEGINNING, None),
        ]

    async def test_what_lasts_says_by_which_files_it_stands_and_what_ended_goes_on_saying_it(self, rights: AgentRights):
        await record(rights, {"lea": may("voirie"), "max": may("ccas")}, ARRIVED)
        await rights.deploy("some")
        await record(rights, {"lea": may("ccas"), "max": may("ccas")}, ARRIVED + DAY)
        await rights.deploy("others")
        assert [(each.agent, each.until, each.files) for each in await rights.all()] == [
            ("lea", ARRIVED + DAY, "some"),
            ("lea", None, "others"),
            ("max", None, "others"),
        ]
        lasting = await rights.lasting()
        assert sorted(each.right_id for each in lasting) == ["lea:1", "max:0"]
        assert deployed_files(lasting) == "others"

    async def test_suspended_mail_is_a_right_with_dates_of_its_own(self, rights: AgentRights):
        for day, held in enumerate((False, True, True, False)):
            await record(rights, {"lea": may("voirie", suspended_mail=held)}, ARRIVED + day * DAY)
        assert [(each.suspended_mail, each.since, each.until) for each in await rights.all()] == [
            (False, BEGINNING, ARRIVED + DAY),
            (True, ARRIVED + DAY, ARRIVED + 3 * DAY),
            (False, ARRIVED + 3 * DAY, None),
        ]

    async def test_who_heads_a_department_is_a_right_with_dates_of_its_own(self, rights: AgentRights):
        for day, heads in enumerate((False, True, False)):
            await record(rights, {"lea": may("voirie", figures=heads)}, ARRIVED + day * DAY)
        [*known] = (await rights.of(["lea"]))["lea"]
        headed = [[each.heads_at("voirie", ARRIVED + day * DAY) for each in known] for day in range(3)]
        assert headed == [[False, False, False], [False, True, False], [False, False, False]]
        assert not known[1].heads_at("ccas", ARRIVED + DAY)

    async def test_who_sees_a_part_of_a_departments_cases_heads_it_not(self, rights: AgentRights):
        await record(rights, {"lea": may("voirie", figures=True, procedures=("nid-de-poule",))}, ARRIVED)
        [known] = await rights.all()
        assert not known.heads_at("voirie", ARRIVED)

    async def test_nothing_changed_is_nothing_written(self, rights: AgentRights):
        await record(rights, {"lea": may("voirie", "ccas")}, ARRIVED)
        before = await rights.all()
        await record(rights, {"lea": may("ccas", "voirie")}, ARRIVED + DAY)
        assert await rights.all() == before

    async def test_who_leaves_and_comes_back_has_a_gap(self, rights: AgentRights):
        for day, wanted in enumerate(({"lea": may("voirie")}, {}, {"lea": may("voirie")})):
            await record(rights, wanted, ARRIVED + day * DAY)
        assert spans(await rights.all()) == [
            ("lea", ("voirie",), BEGINNING, ARRIVED + DAY),
            ("lea", ("voirie",), ARRIVED + 2 * DAY, None),
        ]

    async def test_of_two_deployments_at_once_one_decides(self, rights: AgentRights):
        await record(rights, {"lea": may("voirie")}, ARRIVED)
        known = await rights.all()
        for nth in (1, 2):
            await rights.change(changes(known, {"lea": may("ccas")}, ARRIVED + nth * DAY))
        assert spans(await rights.all()) == [
            ("lea", ("voirie",), BEGINNING, ARRIVED + DAY),
            ("lea", ("ccas",), ARRIVED + DAY, None),
        ]

    async def test_what_is_limited_is_kept_as_it_is_and_no_earlier_version_takes_it_for_all(self, rights: AgentRights):
        limited = may(
            "voirie",
            acts=("close", "read"),
            procedures=("nid-de-poule",),
            entered_by=("max",),
            since=ARRIVED,
            until=ARRIVED + DAY,
        )
        for _ in range(2):
            await record(rights, {"lea": limited}, ARRIVED)
        [right] = await rights.all()
        assert right.grants == limited.grants
        assert right.departments == ()
        assert [right.grants_at(ARRIVED + offset) for offset in (-DAY, 0 * DAY, DAY)] == [(), limited.grants, ()]

    async def test_a_right_of_before_ends_and_its_own_time_is_judged_as_it_was(self, rights: AgentRights):
        before = AgentRight(_id="lea:0", agent=AgentId("lea"), departments=(DepartmentId("voirie"),), since=BEGINNING)
        await rights.change(Changes(begun=(before,)))
        await record(rights, {"lea": may("voirie", acts=("read",))}, ARRIVED)
        [then, now] = (await rights.of(["lea"]))["lea"]
        [whole] = then.grants_at(ARRIVED - DAY)
        assert {*whole.acts} == EVERY_ACT
        assert (then.grants_at(ARRIVED), now.grants_at(ARRIVED)) == ((), may("voirie", acts=("read",)).grants)

    async def test_they_are_found_by_agent(self, rights: AgentRights):
        await record(rights, {"lea": may("voirie"), "max": may("ccas")}, ARRIVED)
        found = await rights.of(["lea", "nobody"])
        assert {agent: spans(each) for agent, each in found.items()} == {"lea": [("lea", ("voirie",), BEGINNING, None)]}


@pytest.mark.parametrize("end", [date(1900, 1, 1), date(2999, 12, 31)])
async def test_the_first_and_the_last_day_that_a_town_may_name_are_recorded(end: date):
    lent = Assignment(departments=("voirie",), starts=end, ends=end)
    [agent] = the_example_town().agents[:1]
    town = the_example_town()
    staff = replace(town.staff, agents=(agent.model_copy(update={"also": (lent,)}),))
    [right] = (await record_rights(InMemoryAgentRights(), replace(town, staff=staff), ARRIVED)).begun
    [dated] = [grant for grant in right.grants or () if grant.since is not None]
    assert dated.until is not None
    assert [each.astimezone(UTC).year for each in (dated.since, dated.until) if each] == [
        (end - DAY).year,
        end.year,
    ]


async def test_a_towns_rights_are_its_assignments_with_their_days_and_nothing_of_a_synthesis():
    lent = Assignment(profile=ORDINARY, departments=("voirie",), starts=date(2026, 12, 1), ends=date(2026, 12, 24))
    agents = (
        Agent(agent_id="lea", name="Léa", sign_in="lea", departments=("accueil",), also=(lent,)),
        Agent(agent_id="mona", name="Mona", sign_in="mona", profile="contact"),
        Agent(agent_id="elie", name="Élie", sign_in="elie", profile="elu", departments=("voirie",)),
    )
    town = the_example_town()
    town = replace(town, staff=replace(town.staff, agents=agents))
    assert set(wanted_rights(town)) == {"lea", "elie"}
    rights = InMemoryAgentRights()
    await record_rights(rights, town, ARRIVED)
    of = await rights.of(["lea", "elie"])
    [lea], [elie] = of["lea"], of["elie"]
    assert lea.departments == ("accueil",)
    at = {day: lea.grants_at(datetime.fromisoformat(day)) for day in SEEN}
    assert {day: [grant.departments for grant in grants] for day, grants in at.items()} == SEEN
    [entered] = elie.grants_at(ARRIVED)
    assert (entered.acts, entered.entered_by) == (("enter", "read"), ("elie",))
    assert not {"ccas", "tranquillite-publique"} & {*entered.departments}


SEEN = {  # of Paris, both days included
    "2026-11-30T23:59:59+01:00": [("accueil",)],
    "2026-12-01T00:00:00+01:00": [("accueil",), ("voirie",)],
    "2026-12-24T23:59:59+01:00": [("accueil",), ("voirie",)],
    "2026-12-25T00:00:00+01:00": [("accueil",)],
}


class TestInMemoryAgentRights(AgentRightsSuite):
    @pytest.fixture
    def rights(self) -> AgentRights:
        return InMemoryAgentRights()


@pytest.mark.real
class TestMongoAgentRights(AgentRightsSuite):
    @pytest.fixture
    def rights(self, database: Database) -> AgentRights:
        return MongoAgentRights(database)


async def test_who_read_the_staff_earlier_and_records_it_later_gives_nobody_back_what_was_taken():
    town = the_example_town()
    lea = Agent(agent_id="lea", name="Léa", sign_in="lea", departments=("accueil", "voirie"))
    narrowed = lea.model_copy(update={"departments": ("accueil",)})
    before, after = (replace(town, staff=replace(town.staff, agents=(each,))) for each in (lea, narrowed))
    rights, readings = InMemoryAgentRights(), [before]
    await record_rights(rights, before, ARRIVED - DAY)

    async def town_now() -> Town:
        if not readings:
            return after
        await record_rights(rights, after, ARRIVED)  # another process narrows them after the first reading
        return readings.pop()

    await record_rights_as_they_change(rights, town_now, ARRIVED + timedelta(seconds=1))
    [lasting] = [right for right in (await rights.of(["lea"]))["lea"] if right.until is None]
    assert lasting.departments == ("accueil",)
