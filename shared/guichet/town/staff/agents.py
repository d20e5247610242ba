"""Agents, and what each is assigned to (agents.yaml)."""

from datetime import date, timedelta
from typing import Annotated, Final

from pydantic import Field, model_validator

from guichet.ids import AgentId, ProfileId
from guichet.town.organisation import DepartmentName, UnitName
from guichet.town.staff.identities import ProvidedIdentity
from guichet.town.staff.profiles import ORDINARY, ProfileName
from guichet.town.values import IdText, Mailbox, TownModel

AgentName = Annotated[AgentId, IdText]
FILE: Final = "agents.yaml"
VOUCHED_FOR: Final = timedelta(days=30)
# Rights are recorded as instants: with the year 9999, a date as any, nobody's could be recorded any more.
WorkDay = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2999, 12, 31))]


class Assignment(TownModel):
    """What an agent does beside their ordinary work, or for a while. starts, ends: days of Paris, both included.

    departments, unit: the agent's "own" ones under this profile.
    """

    profile: ProfileName = ORDINARY
    unit: UnitName | None = None
    departments: tuple[DepartmentName, ...] = ()
    starts: WorkDay | None = None
    ends: WorkDay | None = None

    @model_validator(mode="after")
    def _end_after_start(self) -> "Assignment":
        if self.starts is not None and self.ends is not None and self.ends < self.starts:
            raise ValueError("ends lies before starts.")
        return self

    def holds_on(self, day: date) -> bool:
        """Say whether it holds on a day."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)


class VouchedAddress(TownModel):
    """An address at work as the identity provider last said it. on: the day of Paris when that was noted."""

    address: Mailbox
    on: date

    def is_old_on(self, day: date) -> bool:
        """Say whether the provider may have given it to a successor since: whose it was signs in there no more."""
        return day - self.on > VOUCHED_FOR


class Agent(TownModel):
    """Someone who answers citizens. sign_in: the name typed at the desk; the password is never in these files.

    profile, unit, departments, starts, ends: their ordinary work; also: what they do beside it.
    suspended_mail: they also look at the mail that the town's own filter held back from their departments' mailboxes.
    figures: they also see how much there is to do in the departments of which they see every case, and who has it.
    capacity: as what they sign their answers (« Technicienne voirie »); without it, « Agent ».
    work_email: their own address, where a mail may say that something is addressed to them (docs/decisions/0085).
    vouched: what the provider last said of it; work_email may be what an administrator wrote instead.
    anonymous: their answers name their capacity alone, where public security or people's asks for it (docs/law.md 58).
    identity: they sign in by the town's identity provider, and by nothing else; what it last said of them. Their unit
    and profile are what that stands for (`placed`).
    """

    agent_id: AgentName
    name: str
    sign_in: str
    profile: ProfileName = ORDINARY
    unit: UnitName | None = None
    departments: tuple[DepartmentName, ...] = ()
    starts: WorkDay | None = None
    ends: WorkDay | None = None
    also: tuple[Assignment, ...] = ()
    suspended_mail: bool = False
    figures: bool = False
    capacity: str | None = Field(default=None, min_length=1, max_length=80)
    work_email: Mailbox | None = None
    vouched: VouchedAddress | None = None
    anonymous: bool = False
    identity: ProvidedIdentity | None = None

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Everything they are assigned to, whenever it holds: the ordinary work first."""
        ordinary = Assignment(
            profile=self.profile, unit=self.unit, departments=self.departments, starts=self.starts, ends=self.ends
        )
        return (ordinary, *self.also)

    @model_validator(mode="after")
    def _end_after_start(self) -> "Agent":
        assert self.assignments  # an Assignment refuses what ends before it starts
        return self

    def written_to_at(self, day: date) -> str | None:
        """Return their address, unless it is one that the provider vouched for too long ago."""
        vouched = self.vouched
        if vouched is not None and vouched.address == self.work_email and vouched.is_old_on(day):
            return None
        return self.work_email

    def works_on(self, day: date) -> bool:
        """Say whether any assignment of theirs holds on a day."""
        return any(assignment.holds_on(day) for assignment in self.assignments)

    def works_from(self, day: date) -> date | None:
        """Return the next day, past this one, on which an assignment of theirs begins; None: there is none."""
        return min(
            (each.starts for each in self.assignments if each.starts is not None and day < each.starts), default=None
        )

    def profiles_on(self, day: date) -> frozenset[ProfileId]:
        """Return the profiles that they have on a day."""
        return frozenset(each.profile for each in self.assignments if each.holds_on(day))


class AgentList(TownModel):
    """agents.yaml"""

    agents: tuple[Agent, ...] = Field(min_length=1)
