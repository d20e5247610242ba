"""The view of cases that do not wait, where the town says which do not."""

from dataclasses import replace

import pytest

from guichet.rights.scope import Grant, Scope
from guichet_testing.doors.desk_on_twins import TownHall

HOLES, VIEW = "signalement-voirie", "/demandes?vue=urgentes"
TAB = f'href="{VIEW}"'


@pytest.fixture
def hall():
    town = TownHall().town
    urgent = town.procedures[HOLES].model_copy(update={"urgent": True})
    return TownHall(town=replace(town, procedures={**town.procedures, HOLES: urgent}))


async def test_it_lists_cases_of_urgent_procedures_alone(karim, hall, cases):
    assert "Aucune demande ici" in (await karim.get(VIEW)).text
    hall.cases.put(cases["hole"].model_copy(update={"procedure": HOLES}))
    page = (await karim.get(VIEW)).text
    assert [f'id="r-{case.reference}"' in page for case in (cases["hole"], cases["lamp"])] == [True, False]
    assert '<strong class="tag tag-danger">urgente</strong>' in page
    assert TAB in (await karim.get("/demandes")).text
    with_an_agent = (await karim.get(f"{VIEW}&agent=agent-12")).text  # of these each case is looked at
    assert cases["hole"].reference not in with_an_agent


async def test_who_sees_none_of_these_procedures_has_no_such_view(sign_in, cases):
    fatou = await sign_in("fatou.diallo")
    assert TAB not in (await fatou.get("/demandes")).text
    assert (await fatou.get(VIEW)).text.count('id="r-') == (await fatou.get("/demandes")).text.count('id="r-')


def test_a_scope_of_procedures_is_never_wider():
    departments, sectors = frozenset({"voirie"}), frozenset({"voirie-espace-public"})
    grants = [Grant(departments, sectors, procedures=each) for each in (None, frozenset({"a", "b"}), frozenset({"c"}))]
    limits = [grant.procedures for grant in Scope("lea", tuple(grants)).of_procedures(frozenset({"a"})).grants]
    assert limits == [{"a"}, {"a"}]
