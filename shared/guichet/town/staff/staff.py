"""Profiles, units, agents and mappings together, as they hold at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from guichet.ids import AgentId, DepartmentId, ProfileId, UnitId
from guichet.town.organisation import Unit
from guichet.town.staff.agents import Agent, Assignment
from guichet.town.staff.handles import handles_of
from guichet.town.staff.identities import IdentityMapping
from guichet.town.staff.profiles import ORDINARY, REASONS, WITHOUT_A_FILE, CallerGives, Profile


@dataclass(frozen=True)
class Staff:
    """Whoever works for the town. An assignment whose profile or unit does not exist grants nothing.

    nowhere: who signed in by the provider, and whom no mapping is about any more: nobody now, named in what they did.
    """

    agents: tuple[Agent, ...]
    profiles: Mapping[ProfileId, Profile] = field(default_factory=lambda: WITHOUT_A_FILE)
    units: Mapping[UnitId, Unit] = field(default_factory=dict)
    mappings: tuple[IdentityMapping, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=lambda: REASONS)
    nowhere: tuple[Agent, ...] = ()
    caller_gives: CallerGives = "two-facts"

    @cached_property
    def by_id(self) -> Mapping[AgentId, Agent]:
        """The agents by their ids."""
        return {agent.agent_id: agent for agent in self.agents}

    @cached_property
    def names(self) -> Mapping[AgentId, str]:
        """What everybody is called, who works here or did."""
        return {agent.agent_id: agent.name for agent in (*self.agents, *self.nowhere)}

    @cached_property
    def handles(self) -> Mapping[AgentId, str]:
        """How colleagues speak to each of the agents by name, in an internal note."""
        return handles_of(self.agents)

    def administers(self, profile: ProfileId) -> bool:
        """Say whether who has a profile changes profiles and agents."""
        return profile in self.profiles and self.profiles[profile].administers

    @cached_property
    def capacities(self) -> Mapping[AgentId, str]:
        """As what agents work here whose own work is no agent's ordinary one: as they sign, else as their profile."""
        return {
            agent.agent_id: agent.capacity or self.profiles[agent.profile].label
            for agent in self.agents
            if agent.profile != ORDINARY and agent.profile in self.profiles
        }

    def administrators(self, day: date) -> tuple[Agent, ...]:
        """Return who changes profiles and agents on a day."""
        return tuple(
            agent for agent in self._ever_administers if any(self.administers(each) for each in agent.profiles_on(day))
        )

    @cached_property
    def _ever_administers(self) -> tuple[Agent, ...]:
        """Few of many, whom each page then asks about its day."""
        return tuple(
            agent for agent in self.agents if any(self.administers(each.profile) for each in agent.assignments)
        )

    @cached_property
    def members(self) -> frozenset[AgentId]:
        """The elected members of the council, whenever they are or were assigned to it."""
        return frozenset(
            agent.agent_id
            for agent in self.agents
            if any(self.is_member(assignment.profile) for assignment in agent.assignments)
        )

    def is_member(self, profile: ProfileId) -> bool:
        """Say whether a profile is an elected member's."""
        return profile in self.profiles and self.profiles[profile].member

    def own_departments(self, assignment: Assignment) -> frozenset[DepartmentId]:
        """Return the departments that are the agent's own under an assignment."""
        unit = self.units.get(assignment.unit) if assignment.unit is not None else None
        return frozenset(assignment.departments) | frozenset(unit.departments if unit is not None else ())
