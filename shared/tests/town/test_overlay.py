"""Changes laid over the town's files: each holds for its own thing alone, and what is named and is not grants nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.ids import AgentId, DepartmentId, ProfileId, SectorId, UnitId
from guichet.town.organisation import Department, Sector, Unit
from guichet.town.staff.agents import Agent, Assignment
from guichet.town.staff.faults import Wrong
from guichet.town.staff.identities import IdentityMapping, ProvidedIdentity
from guichet.town.staff.overlay import Overlay, StaffKind, faults_of, mapping_key, merged, thing
from guichet.town.staff.profiles import Profile
from guichet.town.staff.scope_of import Scopes
from guichet.town.staff.staff import Staff

DAY = date(2026, 11, 27)
SIRET = "21990001500019"
SECTORS = {SectorId("streets"): Sector(name="Voirie"), SectorId("social"): Sector(name="Social", sensitive=True)}
DEPARTMENTS = {
    DepartmentId(name): Department(
        name=name, sector=sector, email="a@b.example", phone="01 99 00 12 00", postal_address="Mairie"
    )
    for name, sector in (("roads", "streets"), ("parks", "streets"), ("ccas", "social"))
}


def agent(name: str, **said: object) -> Agent:
    return Agent.model_validate({"agent_id": name, "name": name, "sign_in": name, **said})


def profile(**said: object) -> Profile:
    return Profile.model_validate({"label": "Profil", "grants": [{"acts": ["read"]}], **said})


def mapping(**said: object) -> IdentityMapping:
    return IdentityMapping.model_validate({"siret": SIRET, "unit": "technical", **said})


WIDE, NARROW = mapping_key(mapping()), mapping_key(mapping(organizational_unit="new"))
KEYS = {
    StaffKind.AGENT: ("lea", "max", "new"),
    StaffKind.PROFILE: ("agent", "chief", "new"),
    StaffKind.UNIT: ("technical", "new"),
    StaffKind.MAPPING: (WIDE, NARROW),
}
FILES = Staff(
    agents=(agent("lea", departments=("roads",)), agent("max", profile="chief", departments=("roads", "ccas"))),
    profiles={ProfileId("agent"): profile(), ProfileId("chief"): profile(administers=True)},
    units={UnitId("technical"): Unit(label="Technique", departments=("roads", "parks"))},
    mappings=(mapping(),),
    caller_gives="reference",
)
MAY_NAME = st.sampled_from(["roads", "ccas", "nowhere"])
VALUES = {
    StaffKind.AGENT: st.builds(
        lambda departments, given, unit: {"departments": departments, "profile": given, "unit": unit},
        st.lists(MAY_NAME, unique=True),
        st.sampled_from(["agent", "chief", "new", "nothing"]),
        st.sampled_from([None, "technical", "new", "nothing"]),
    ),
    StaffKind.PROFILE: st.builds(
        lambda departments: {"label": "Autre", "grants": [{"departments": departments}]},
        st.sampled_from(["own", "all", ("ccas",), ("nowhere", "roads")]),
    ),
    StaffKind.UNIT: st.builds(lambda name: {"label": "Autre", "departments": [name]}, MAY_NAME),
    StaffKind.MAPPING: st.just({"siret": SIRET, "unit": "nothing"}),
}
MODELS = {
    StaffKind.AGENT: Agent,
    StaffKind.PROFILE: Profile,
    StaffKind.UNIT: Unit,
    StaffKind.MAPPING: IdentityMapping,
}


@st.composite
def overlays(draw: st.DrawFn) -> Overlay:
    kind = draw(st.sampled_from(list(StaffKind)))
    key = draw(st.sampled_from(KEYS[kind]))
    said = draw(st.none() | VALUES[kind])
    if said is None:
        return Overlay(kind, key, None)
    more = {
        StaffKind.AGENT: {"agent_id": key, "name": key, "sign_in": key},
        StaffKind.MAPPING: {"organizational_unit": "new"} if key == NARROW else {},
    }.get(kind, {})
    return Overlay(kind, key, MODELS[kind].model_validate({**said, **more}))


def many() -> st.SearchStrategy[list[Overlay]]:
    return st.lists(overlays(), unique_by=lambda each: (each.kind, each.key))


def test_without_changes_the_files_hold() -> None:
    assert merged(FILES, []) == FILES


@given(many())
def test_each_thing_is_as_it_was_changed_and_every_other_as_the_files_say(changes: list[Overlay]) -> None:
    now = merged(FILES, changes)
    changed = {(each.kind, each.key): each.value for each in changes}
    for kind, keys in KEYS.items():
        for key in keys:
            assert thing(now, kind, key) == changed.get((kind, key), thing(FILES, kind, key))


@given(many(), st.randoms())
def test_the_order_of_changes_is_all_one_for_what_anybody_sees(changes: list[Overlay], chance) -> None:
    other = [*changes]
    chance.shuffle(other)
    now, then = merged(FILES, changes), merged(FILES, other)
    scopes = Scopes(SECTORS, DEPARTMENTS)
    for each in now.agents:
        assert scopes.of(each, now, DAY) == scopes.of(then.by_id[each.agent_id], then, DAY)


@given(many())
def test_what_is_named_and_is_not_grants_nothing(changes: list[Overlay]) -> None:
    now = merged(FILES, changes)
    for each in now.agents:
        grants = Scopes(SECTORS, DEPARTMENTS).of(each, now, DAY).grants
        assert all(grant.departments <= DEPARTMENTS.keys() for grant in grants)
        assert not grants or each.profile in now.profiles


@given(many(), overlays())
def test_what_is_taken_names_what_there_is(changes: list[Overlay], change: Overlay) -> None:
    others = [each for each in changes if (each.kind, each.key) != (change.kind, change.key)]
    before, after = merged(FILES, changes), merged(FILES, [*others, change])
    if faults_of(change, before, after, departments=DEPARTMENTS, procedures=(), day=DAY):
        return
    match change.value:
        case Agent() as taken:
            assert taken.profile in after.profiles
            assert set(taken.departments) <= DEPARTMENTS.keys()
            assert taken.unit is None or taken.unit in after.units
        case IdentityMapping() as taken:
            assert (taken.unit in after.units, taken.profile in after.profiles) == (True, True)
        case Unit() as taken:
            assert set(taken.departments) <= DEPARTMENTS.keys()
        case None if change.kind is StaffKind.PROFILE:
            assert not [each for each in after.agents if each.profile == change.key]


REFUSED = {
    Wrong.DEPARTMENT: Overlay(StaffKind.UNIT, "new", Unit(label="Neuve", departments=("nowhere",))),
    Wrong.PROFILE: Overlay(StaffKind.AGENT, "lea", agent("lea", profile="nothing", departments=("roads",))),
    Wrong.UNIT: Overlay(StaffKind.AGENT, "lea", agent("lea", also=[{"unit": "nothing"}], departments=("roads",))),
    Wrong.NOTHING: Overlay(StaffKind.AGENT, "lea", agent("lea")),
    Wrong.SIGN_IN: Overlay(StaffKind.AGENT, "new", agent("new", sign_in="Lea", departments=("roads",))),
    Wrong.USED: Overlay(StaffKind.PROFILE, "agent", None),
    Wrong.LAST_ADMINISTRATOR: Overlay(StaffKind.AGENT, "max", agent("max", departments=("roads",))),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_change_is_refused_for_what_is_wrong_with_it(wrong: Wrong) -> None:
    change = REFUSED[wrong]
    found = faults_of(change, FILES, merged(FILES, [change]), departments=DEPARTMENTS, procedures=(), day=DAY)
    assert {fault.what for fault in found} == {wrong}


@pytest.mark.parametrize(
    "change",
    [
        Overlay(StaffKind.AGENT, "max", None),
        Overlay(StaffKind.PROFILE, "chief", profile()),
        Overlay(StaffKind.AGENT, "max", agent("max", profile="chief", departments=("roads",), ends=DAY)),
        Overlay(
            StaffKind.AGENT,
            "max",
            agent("max", profile="chief", departments=("roads",), starts=DAY + timedelta(days=1)),
        ),
    ],
)
def test_nobody_takes_away_the_last_administrator(change: Overlay) -> None:
    found = faults_of(change, FILES, merged(FILES, [change]), departments=DEPARTMENTS, procedures=(), day=DAY)
    assert Wrong.LAST_ADMINISTRATOR in {fault.what for fault in found}
    other = Overlay(StaffKind.AGENT, "lea", agent("lea", departments=("roads",), also=(Assignment(profile="chief"),)))
    two = merged(FILES, [other])
    after = merged(FILES, [other, change])
    left = [
        each
        for each in faults_of(change, two, after, departments=DEPARTMENTS, procedures=(), day=DAY)
        if each.what is Wrong.LAST_ADMINISTRATOR
    ]
    assert left == ([] if change.kind is StaffKind.AGENT else left)


def test_who_no_mapping_is_about_any_more_is_nobody_and_keeps_their_name() -> None:
    provided = agent("pro-1", identity=ProvidedIdentity(siret=SIRET))
    here = Overlay(StaffKind.AGENT, "pro-1", provided)
    assert merged(FILES, [here]).by_id[AgentId("pro-1")].unit == "technical"
    gone = merged(FILES, [here, Overlay(StaffKind.MAPPING, WIDE, None)])
    assert AgentId("pro-1") not in gone.by_id
    assert gone.names[AgentId("pro-1")] == "pro-1"
    assert thing(gone, StaffKind.AGENT, "pro-1") == provided


def test_a_new_mapping_of_a_unit_or_a_person_comes_before_those_of_everybody() -> None:
    narrow, narrowest = mapping(organizational_unit="Voirie"), mapping(organizational_unit="Voirie", uid="u1")
    wide = mapping(siret="21990001500027")
    changes = [Overlay(StaffKind.MAPPING, mapping_key(each), each) for each in (wide, narrow, narrowest)]
    assert merged(FILES, changes).mappings == (narrowest, narrow, *FILES.mappings, wide)


def test_mappings_are_told_apart_whatever_signs_their_claims_hold():
    claims = [
        {},
        {"organizational_unit": "a"},
        {"organizational_unit": "a/"},
        {"organizational_unit": "a/b"},
        {"organizational_unit": "a", "uid": "b"},
        {"uid": "a"},
    ]
    assert len({mapping_key(mapping(**each)) for each in claims}) == len(claims)


def test_what_nobody_changes_at_the_desk_stays_as_the_files_say():
    files = replace(FILES, reasons={"controle": "Contrôle"}, caller_gives="reference")
    now = merged(files, [Overlay(StaffKind.AGENT, "lea", None)])
    assert (now.reasons, now.caller_gives) == (files.reasons, "reference")
