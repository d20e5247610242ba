"""The line above a list says what is in it, for whichever profile."""

import pytest

from agent_desk.domain.cases.what_is_listed import what_is_listed
from agent_desk.domain.visitor import Visitor
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.profiled_town import profiled_town

TOWN = profiled_town()
EIGHT = {name for name in TOWN.departments if name not in ("ccas", "tranquillite-publique")}


def listed(sign_in: str):
    [agent] = [each for each in TOWN.agents if each.sign_in == sign_in]
    scope = TOWN.scope_of(agent, ARRIVED.date())
    return what_is_listed(Visitor(agent, scope, "session", "token", "fr", TOWN.staff.names))


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("karim.haddad", {"whole": {"voirie"}}),
        ("of-a-procedure", {"procedures": {"nid-de-poule"}}),
        ("of-own-entries", {"entered": True}),
        ("in-synthesis", {"synthesis": EIGHT}),
        ("synthesis-beside", {"whole": {"voirie"}, "synthesis": EIGHT - {"voirie"}}),
        ("with-a-reason", {"synthesis": {"voirie"}}),
        ("yves.kermarrec", {"synthesis": {"voirie", "proprete"}, "entered": True}),
        ("maud.tessier", {"sent_on": True}),
        ("nadia.belkacem", {"for_callers": True}),
        ("sees-nothing", {}),
    ],
)
def test_a_list_says_what_it_holds_and_nothing_else(who, said):
    found = listed(who)
    assert {name: value for name, value in vars(found).items() if value} == said
    assert found.is_nothing == (not said.keys() - {"for_callers"})
