"""What the town's files let an agent see: profiles, units and dates come to grants, and nobody gets more."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.errors import SettingsError
from guichet.ids import AgentId, DepartmentId, ProfileId, SectorId, UnitId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.town.organisation import Department, Organisation, Sector, Unit
from guichet.town.staff.agents import Agent, Assignment
from guichet.town.staff.load import read_staff
from guichet.town.staff.profiles import Profile, ProfileGrant
from guichet.town.staff.scope_of import Scopes
from guichet.town.staff.staff import Staff

DAY = date(2026, 11, 27)
SECTORS = {
    SectorId("streets"): Sector(name="Voirie"),
    SectorId("social"): Sector(name="Action sociale", sensitive=True),
}


def department(sector: str) -> Department:
    return Department(
        name=sector, sector=SectorId(sector), email="a@b.example", phone="01 99 00 12 00", postal_address="Mairie"
    )


DEPARTMENTS = {
    DepartmentId("roads"): department("streets"),
    DepartmentId("parks"): department("streets"),
    DepartmentId("ccas"): department("social"),
}
SCOPES = Scopes(SECTORS, DEPARTMENTS)


def profile(*grants: ProfileGrant, **said: Any) -> Profile:
    return Profile(label="Profil", grants=grants, **said)


PROFILES = {
    ProfileId("agent"): profile(ProfileGrant(acts=tuple(CaseAct))),
    ProfileId("contact"): profile(ProfileGrant(departments="all", detail="synthesis", caller_identified=True)),
    ProfileId("careless"): profile(ProfileGrant(departments=("ccas",), detail="synthesis")),
    ProfileId("member"): profile(
        ProfileGrant(detail="synthesis"),
        ProfileGrant(departments="all", entered_by="self", acts=(CaseAct.READ, CaseAct.ENTER)),
        member=True,
    ),
    ProfileId("cabinet"): profile(ProfileGrant(departments="all", entered_by="members")),
}


def agent(name: str = "lea", **said: Any) -> Agent:
    return Agent(agent_id=name, name=name, sign_in=name, **said)


def scope_of(who: Agent, *others: Agent, day: date = DAY) -> Scope:
    units = {UnitId("technical"): Unit(label="Services techniques", departments=("roads", "parks"))}
    return SCOPES.of(who, Staff((who, *others), PROFILES, units), day)


def test_an_agent_without_a_profile_works_on_whole_cases_of_their_departments():
    [grant] = scope_of(agent(departments=("roads", "ccas"))).grants
    assert (grant.departments, grant.sectors) == ({"roads", "ccas"}, {"streets", "social"})
    assert (grant.detail, grant.acts) == ("full", frozenset(CaseAct))


def test_a_unit_gives_its_departments_beside_the_agents_own():
    [grant] = scope_of(agent(unit="technical", departments=("ccas",))).grants
    assert grant.departments == {"roads", "parks", "ccas"}


@pytest.mark.parametrize("name", ["contact", "careless", "member"])
def test_a_synthesis_never_holds_a_sensitive_sector(name: str):
    grants = scope_of(agent(profile=name, departments=("roads", "ccas"))).grants
    assert not any("social" in grant.sectors for grant in grants if grant.detail == "synthesis")
    assert scope_of(agent(profile="careless")).grants == ()


def test_all_departments_never_hold_a_sensitive_one():
    assert all("ccas" not in grant.departments for grant in scope_of(agent(profile="cabinet")).grants)


def test_a_member_sees_whole_only_what_they_took_down_and_the_cabinet_what_any_member_did():
    member, other = agent("max", profile="member", departments=("roads",)), agent("ada", departments=("roads",))
    delegation, own = scope_of(member, other).grants
    assert (delegation.detail, delegation.departments, delegation.entered_by) == ("synthesis", {"roads"}, None)
    assert (own.detail, own.entered_by) == ("full", {AgentId("max")})
    [sent_on] = scope_of(agent(profile="cabinet"), member, other).grants
    assert sent_on.entered_by == {AgentId("max")}


def test_a_stand_in_sees_what_they_stand_in_for_on_these_days_alone():
    stand_in = agent(
        departments=("roads",),
        also=(Assignment(departments=("ccas",), starts=date(2026, 11, 27), ends=date(2026, 11, 28)),),
    )
    seen = [scope_of(stand_in, day=date(2026, 11, day)).whole_departments for day in (26, 27, 28, 29)]
    assert seen == [{"roads"}, {"roads", "ccas"}, {"roads", "ccas"}, {"roads"}]


def test_who_has_left_sees_nothing():
    gone = agent(departments=("roads",), ends=date(2026, 11, 26))
    assert scope_of(gone).grants == ()
    assert not gone.works_on(DAY)
    assert gone.works_on(date(2026, 11, 26))
    assert gone.works_from(DAY) is None


def test_whose_work_begins_later_is_told_the_next_day_on_which_any_does():
    later = Assignment(departments=("ccas",), starts=date(2026, 12, 7))
    for first in (date(2026, 11, 30), date(2026, 12, 14)):
        coming = agent(departments=("roads",), starts=first, also=(later,))
        assert coming.works_from(DAY) == min(first, date(2026, 12, 7))
    assert coming.works_from(date(2026, 12, 14)) is None


@given(
    st.sampled_from(sorted(PROFILES)),
    st.lists(st.sampled_from(sorted(DEPARTMENTS)), unique=True),
    st.one_of(st.none(), st.just("technical")),
)
def test_whatever_is_named_a_grant_holds_known_departments_and_their_own_sectors(name, departments, unit):
    for grant in scope_of(agent(profile=name, departments=departments, unit=unit)).grants:
        assert grant.departments <= DEPARTMENTS.keys()
        assert grant.sectors == {DEPARTMENTS[department].sector for department in grant.departments}


SPOILT = {
    "departments: [nowhere]": "no department 'nowhere'",
    "departments: [roads], profile: mayor": "no profile 'mayor'",
    "unit: nowhere": "no unit 'nowhere'",
    "profile: agent": "one's own departments",
    "departments: [roads], also: [{profile: mayor}]": "no profile 'mayor'",
    "departments: [roads], starts: 2026-11-02, ends: 2026-11-01": "ends lies before starts",
    "departments: [roads], ends: 9999-12-31": "less than or equal to 2999-12-31",
    "departments: [roads], also: [{departments: [roads], starts: 0001-01-01}]": "or equal to 1900-01-01",
}


@pytest.mark.parametrize(("said", "complaint"), SPOILT.items())
def test_what_an_agent_names_and_does_not_exist_is_said(tmp_path: Path, said: str, complaint: str):
    (tmp_path / "agents.yaml").write_text(f"agents:\n  - {{ agent_id: lea, name: Lea, sign_in: lea, {said} }}\n")
    organisation = Organisation(sectors=SECTORS, departments=DEPARTMENTS)
    try:
        _, complaints = read_staff(tmp_path, organisation, ())
        heard = "\n".join(complaints)
    except SettingsError as exc:
        heard = str(exc)
    assert complaint in heard
    assert "agents.yaml" in heard


def test_who_manages_on_a_day_and_as_what_people_work_here():
    manages = profile(ProfileGrant(), administers=True)
    staff = Staff(
        agents=(
            agent("lea"),
            agent("ana", profile="manager", ends=date(2026, 11, 26)),
            agent("tom", also=(Assignment(profile=ProfileId("manager"), starts=DAY),)),
        ),
        profiles={**PROFILES, ProfileId("manager"): manages},
    )
    assert [each.agent_id for each in staff.administrators(DAY)] == ["tom"]
    assert [each.agent_id for each in staff.administrators(date(2026, 11, 26))] == ["ana"]
    assert staff.capacities == {"ana": "Profil"}
