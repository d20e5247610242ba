"""What an identity of the provider stands for: the first mapping that fits, as the mappings are now."""

import pytest

from guichet.ids import AgentId
from guichet.town.staff.agents import Agent
from guichet.town.staff.identities import IdentityMapping, ProvidedIdentity, mapping_for
from guichet.town.staff.placed import placed

HALL, SCHOOL = "21350001800017", "21350001800025"
LEA = ProvidedIdentity(siret=HALL, organizational_unit="Voirie", uid="lvasseur")
MAPPINGS = (
    IdentityMapping(siret=HALL, uid="direction", unit="voirie", profile="head"),
    IdentityMapping(siret=HALL, organizational_unit="Voirie", unit="voirie"),
    IdentityMapping(siret=SCHOOL, unit="ecoles"),
)


@pytest.mark.parametrize(
    ("claims", "stands_for"),
    [
        ({}, ("voirie", "agent")),
        ({"uid": "direction"}, ("voirie", "head")),
        ({"organizational_unit": "voirie"}, None),
        ({"organizational_unit": None}, None),
        ({"siret": SCHOOL}, ("ecoles", "agent")),
        ({"siret": SCHOOL, "organizational_unit": None}, ("ecoles", "agent")),
        ({"siret": "55204944776279"}, None),
    ],
)
def test_the_first_mapping_that_fits_says_the_unit_and_the_profile(claims, stands_for):
    found = mapping_for(LEA.model_copy(update=claims), MAPPINGS)
    assert (found and (found.unit, found.profile)) == stands_for


def test_who_signs_in_there_works_where_the_mappings_of_now_put_them():
    agent = Agent(agent_id=AgentId("p-1"), name="Léa Vasseur", sign_in="p-1", identity=LEA)
    here = placed(agent, MAPPINGS)
    assert here is not None
    assert (here.unit, here.profile) == ("voirie", "agent")
    assert placed(agent, MAPPINGS[2:]) is None, "no mapping is about them any more: they are nobody"
    ours = agent.model_copy(update={"identity": None, "unit": "parcs"})
    assert placed(ours, ()) == ours, "who has an account of ours is put by nobody else"
