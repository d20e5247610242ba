"""The view of cases that do not wait, where the town says which do not."""

from dataclasses import replace
from html import unescape

import pytest

from guichet.rights.scope import Grant, Scope
from guichet_testing.doors.desk_on_twins import TownHall

HOLES, VIEW = "signalement-voirie", "/demandes?vue=urgentes"
MARK = '<strong class="tag tag-danger">urgente</strong>'
TAB = f'href="{VIEW}"'


@pytest.fixture
def hall(request):
    """In a town that calls a procedure urgent, unless a test says otherwise."""
    town = TownHall().town
    urgent = town.procedures[HOLES].model_copy(update={"urgent": getattr(request, "param", True)})
    return TownHall(
        town=replace(town, procedures={**town.procedures, HOLES: urgent, "demande-voirie": town.procedures[HOLES]})
    )


async def test_it_lists_cases_of_urgent_procedures_alone(karim, hall, cases):
    assert "Aucune demande ici" in (await karim.get(VIEW)).text
    hall.cases.put(cases["hole"].model_copy(update={"procedure": HOLES}))
    page = (await karim.get(VIEW)).text
    assert [f'id="r-{case.reference}"' in page for case in (cases["hole"], cases["lamp"])] == [True, False]
    assert MARK in page
    assert TAB in (await karim.get("/demandes")).text
    assert '<span class="count" id="n-urgent">1</span>' in page
    assert MARK in (await karim.get(f"/demandes/{cases['hole'].reference}")).text
    assert MARK not in (await karim.get(f"/demandes/{cases['lamp'].reference}")).text
    with_an_agent = (await karim.get(f"{VIEW}&agent=agent-12")).text  # of these each case is looked at
    assert cases["hole"].reference not in with_an_agent


@pytest.mark.parametrize("more", ["", "&service=ccas", "&canal=email", "&etat=closed"])
async def test_who_sees_none_of_these_procedures_is_offered_no_such_view_and_a_kept_one_says_why(sign_in, cases, more):
    fatou = await sign_in("fatou.diallo")
    everything = (await fatou.get("/demandes")).text
    assert TAB not in everything
    assert 'id="r-' in everything
    kept = unescape((await fatou.get(f"{VIEW}{more}")).text)
    assert 'id="r-' not in kept
    assert "Aucune démarche que vous voyez n’est dite urgente" in kept


async def test_of_a_procedure_that_can_wait_it_lists_nothing(karim, hall, cases):
    hall.cases.put(cases["hole"].model_copy(update={"procedure": HOLES}))
    shown = [(await karim.get(f"{VIEW}&demarche={each}")).text for each in (HOLES, "demande-voirie")]
    assert [cases["hole"].reference in page for page in shown] == [True, False]


@pytest.mark.parametrize(("hall", "named"), [(True, True), (False, False)], indirect=["hall"])
async def test_the_help_of_keys_names_it_where_the_town_calls_something_urgent(karim, named):
    assert (f'data-key="{VIEW}"' in (await karim.get("/preferences")).text) is named


def test_a_scope_of_procedures_is_never_wider():
    departments, sectors = frozenset({"voirie"}), frozenset({"voirie-espace-public"})
    grants = [Grant(departments, sectors, procedures=each) for each in (None, frozenset({"a", "b"}), frozenset({"c"}))]
    limits = [grant.procedures for grant in Scope("lea", tuple(grants)).of_procedures(frozenset({"a"})).grants]
    assert limits == [{"a"}, {"a"}]
