"""Agents' rights in memory."""

from collections.abc import Iterable

from guichet.ids import AgentId, DepartmentId
from guichet.store.agents.rights import BEGINNING, AgentRight, AgentRights, Changes, by_agent


class InMemoryAgentRights(AgentRights):
    """Twin of MongoAgentRights."""

    def __init__(self, *rights: AgentRight) -> None:
        self.rights: dict[str, AgentRight] = {right.right_id: right for right in rights}

    async def of(self, agents: Iterable[AgentId]) -> dict[AgentId, tuple[AgentRight, ...]]:
        wanted = set(agents)
        return by_agent(right for right in self.rights.values() if right.agent in wanted)

    async def all(self) -> list[AgentRight]:
        return sorted(self.rights.values(), key=lambda right: (right.agent, right.since))

    async def lasting(self) -> list[AgentRight]:
        return [right for right in self.rights.values() if right.until is None]

    async def deploy(self, files: str) -> None:
        for right in await self.lasting():
            self.rights[right.right_id] = right.model_copy(update={"files": files})

    async def change(self, changes: Changes) -> None:
        for right in changes.ended:
            if self.rights[right.right_id].until is None:
                self.rights[right.right_id] = right
        for right in changes.begun:
            self.rights.setdefault(right.right_id, right)


def rights_in(
    departments: Iterable[str], *agents: str, suspended_mail: bool = False, figures: bool = False
) -> InMemoryAgentRights:
    """Return rights of these agents to all these departments, from the beginning on.

    suspended_mail: to their suspended mail, too. figures: they head these departments.
    """
    everywhere = tuple(DepartmentId(department) for department in departments)
    return InMemoryAgentRights(
        *(
            AgentRight(
                _id=f"{agent}:0",
                agent=AgentId(agent),
                departments=everywhere,
                since=BEGINNING,
                suspended_mail=suspended_mail,
                figures=figures,
            )
            for agent in agents
        )
    )
