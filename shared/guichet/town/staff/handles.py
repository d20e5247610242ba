"""How an agent is spoken to by name in an internal note: « @claire.dumas ». Pure."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from guichet.ids import AgentId
from guichet.town.folded import folded
from guichet.town.staff.agents import Agent

_APART: Final = re.compile(r"[^a-z0-9]+")
_LAST: Final = 4  # characters of an id, for two of one name


def handles_of(agents: Iterable[Agent]) -> dict[AgentId, str]:
    """Return each agent's handle, folded: what they sign in as; of whom a provider vouches for, made of their name.

    A second one of the same name bears the end of their id, too, so that nobody is told instead of somebody else; whom
    the provider brings changes no handle that an account has.
    """
    everybody = tuple(agents)
    accounts = {each.agent_id: folded(each.sign_in) for each in everybody if each.identity is None}
    provided = {each.agent_id: _of_name(each) for each in everybody if each.identity is not None}
    borne, borne_by_any = Counter(accounts.values()), Counter([*accounts.values(), *provided.values()])
    return {
        **{agent: name if borne[name] == 1 else _longer(name, agent) for agent, name in accounts.items()},
        **{agent: name if borne_by_any[name] == 1 else _longer(name, agent) for agent, name in provided.items()},
    }


def _of_name(agent: Agent) -> str:
    return _APART.sub(".", folded(agent.name)).strip(".") or folded(agent.agent_id)


def _longer(name: str, agent: AgentId) -> str:
    return f"{name}-{folded(agent[-_LAST:])}"
