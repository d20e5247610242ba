"""What a scope of several grants covers, shows, asks for and allows."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.ids import AgentId, DepartmentId, ProcedureId, SectorId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Grant, Scope

DEPARTMENTS, SECTORS, PROCEDURES, AGENTS = (
    ("voirie", "ccas"),
    ("espace-public", "social"),
    ("trou", "aide"),
    ("lea", "max"),
)


@dataclass(frozen=True)
class Case:
    department: DepartmentId
    sector: SectorId
    procedure: ProcedureId | None
    entered_by: AgentId | None


def some(values):
    return st.frozensets(st.sampled_from(values))


GRANT = st.builds(
    Grant,
    departments=some(DEPARTMENTS),
    sectors=some(SECTORS),
    detail=st.sampled_from(["full", "synthesis"]),
    acts=some(tuple(CaseAct)),
    procedures=st.none() | some(PROCEDURES),
    entered_by=st.none() | some(AGENTS),
    reason_asked=st.booleans(),
    caller_identified=st.booleans(),
)
SCOPE = st.builds(Scope, st.just(AgentId("lea")), st.lists(GRANT, max_size=5).map(tuple))
CASE = st.builds(
    Case,
    st.sampled_from(DEPARTMENTS),
    st.sampled_from(SECTORS),
    st.none() | st.sampled_from(PROCEDURES),
    st.none() | st.sampled_from(AGENTS),
)
WHOLE = Grant(frozenset({DepartmentId("voirie")}), frozenset({SectorId("espace-public")}))
HOLE = Case(DepartmentId("voirie"), SectorId("espace-public"), None, None)


def of(*grants: Grant) -> Scope:
    return Scope(AgentId("lea"), grants)


@given(scope=SCOPE, case=CASE)
def test_the_widest_grants_cover_what_all_do(scope, case):
    assert replace(scope, grants=scope.widest).covers(case) is scope.covers(case)


@given(scope=SCOPE)
def test_of_the_widest_none_holds_another(scope):
    widest = scope.widest
    assert {*widest} <= {*scope.grants}
    assert not [(one, other) for one in widest for other in widest if one is not other and one.holds(other)]


@given(scope=SCOPE, case=CASE)
def test_before_anything_was_asked_nobody_sees_or_may_more(scope, case):
    before = scope.unasked
    assert scope.covers(case) or not before.covers(case)
    assert not before.asks_caller(case)
    assert not before.asks_reason(case)
    assert not [act for act in CaseAct if before.may(act, case) and not scope.may(act, case)]
    if before.detail_of(case) == "full":
        assert scope.detail_of(case) == "full"
        assert not scope.asks_reason(case)
        assert not scope.asks_caller(case)


@given(scope=SCOPE, case=CASE)
def test_what_is_seen_whole_is_what_some_full_grant_covers(scope, case):
    assert scope.whole.covers(case) is (scope.detail_of(case) == "full")


@pytest.mark.parametrize("asked", ["reason_asked", "caller_identified"])
def test_a_synthesis_that_asks_nothing_opens_no_whole_case_that_does(asked):
    """Each is asked for as much as is shown."""
    synthesis, whole = replace(WHOLE, detail="synthesis"), replace(WHOLE, **{asked: True})
    asks = {"reason_asked": Scope.asks_reason, "caller_identified": Scope.asks_caller}[asked]
    assert asks(of(synthesis, whole), HOLE)
    assert not asks(of(synthesis, whole, WHOLE), HOLE)
    assert not asks(of(replace(synthesis, **{asked: True}), WHOLE), HOLE)
    assert of(synthesis, whole).unasked.detail_of(HOLE) == "synthesis"


def test_who_is_asked_sees_no_department_at_once():
    assert of(WHOLE).whole_departments == {"voirie"}
    for limit in ({"reason_asked": True}, {"caller_identified": True}, {"detail": "synthesis"}):
        assert of(replace(WHOLE, **limit)).whole_departments == frozenset()
