"""Where an agent works who signs in by the town's identity provider: where the mappings of now put them. Pure."""

from collections.abc import Iterable

from guichet.town.staff.agents import Agent
from guichet.town.staff.identities import IdentityMapping, mapping_for


def placed(agent: Agent, mappings: Iterable[IdentityMapping]) -> Agent | None:
    """Return an agent with the unit and the profile that they have now; None where no mapping is about them any more.

    So a mapping that is changed or taken away counts at once, and not when they next sign in. Who has an account of
    ours stays as they are.
    """
    if agent.identity is None:
        return agent
    mapping = mapping_for(agent.identity, mappings)
    return None if mapping is None else agent.model_copy(update={"unit": mapping.unit, "profile": mapping.profile})
