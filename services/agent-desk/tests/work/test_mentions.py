"""To whom a note's words speak, and how each colleague is spoken to."""

import pytest

from agent_desk.domain.work.mentions import mentions_in, note_parts
from guichet.town.staff.agents import Agent
from guichet.town.staff.handles import handles_of
from guichet.town.staff.identities import ProvidedIdentity

HANDLES = {"a": "ines.caron", "b": "karim"}


@pytest.mark.parametrize(
    ("words", "agents", "unknown"),
    [
        ("@ines.caron.", ("a",), ()),
        ("(@Inès.Caron) et @karim, @karim", ("a", "b"), ()),
        ("karim@courriel.example, rdv @ 14 h, @@karim", (), ()),
        ("@paul", (), ("paul",)),
        ("https://exemple.fr/@karim", (), ()),
    ],
)
def test_a_name_after_an_at_that_begins_a_word_is_a_mention(words, agents, unknown):
    said = mentions_in(words, HANDLES, {"a", "b"})
    assert (said.agents, said.unknown) == (agents, unknown)


def test_who_may_not_is_as_unknown_as_who_does_not_exist():
    assert mentions_in("@karim", HANDLES, {"a"}).unknown == ("karim",)


def test_a_name_that_has_changed_hands_marks_nobody():
    assert [each.agent for each in note_parts("Vu, @karim !", ["b"], HANDLES)] == [None, "b", None]
    assert [each.agent for each in note_parts("Vu, @karim !", ["b"], {"c": "karim", "b": "k.haddad"})] == [None]


def test_no_two_agents_bear_one_handle():
    provided = ProvidedIdentity(siret="21750001600019")
    agents = [
        Agent(agent_id="agent-1", name="Inès Caron", sign_in="ines.caron"),
        Agent(agent_id="p-00aa", name="Inès CARON", sign_in="p-00aa", identity=provided),
        Agent(agent_id="p-00bb", name="Jean-Marc d’Ys", sign_in="p-00bb", identity=provided),
    ]
    assert [*handles_of(agents).values()] == ["ines.caron", "ines.caron-00aa", "jean.marc.d.ys"]
