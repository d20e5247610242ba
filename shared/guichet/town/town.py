"""The configured organisation, whole and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from pydantic import AnyHttpUrl

from guichet.contracts.channels import KnownChannels
from guichet.contracts.inbound import ChannelName
from guichet.contracts.workflow import Workflow
from guichet.ids import AgentId, DepartmentId, ProcedureId, SectorId
from guichet.law.calendar import WorkingDays
from guichet.law.clocks.delay import Delay
from guichet.law.clocks.facts import Saisine
from guichet.law.clocks.rules import TownRules
from guichet.law.territories import Territory
from guichet.rights.scope import Scope
from guichet.town.authorities import Authority
from guichet.town.costs import AccountCosts
from guichet.town.organisation import Department, MailboxEntry, Rule, Sector
from guichet.town.policies import THREATS_KEPT, ChannelPolicy, PublishedTerms, SveStatus
from guichet.town.privacy_notice import PrivacyNotice
from guichet.town.procedure_steps import frozen_steps, parts_of
from guichet.town.procedures import Procedure
from guichet.town.quiet_hours import QUIET_HOURS, QuietHours
from guichet.town.receipt_terms import ReceiptTerms, receipt_terms
from guichet.town.remedies import Remedies
from guichet.town.staff.agents import Agent
from guichet.town.staff.scope_of import Scopes
from guichet.town.staff.staff import Staff
from guichet.town.town_texts import TownTexts


@dataclass(frozen=True)
class Town:
    """Everything a town decides. Made by `load_town`, which checks that every name in it exists."""

    name: str
    main_mailbox: str
    dpo: str | None  # whom gdpr-worker tells of an erasure before it begins
    mailboxes: Mapping[str, MailboxEntry]  # address in lower case → whose it is
    sectors: Mapping[SectorId, Sector]
    departments: Mapping[DepartmentId, Department]
    fallback_department: DepartmentId
    staff: Staff
    procedures: Mapping[ProcedureId, Procedure]  # the catalogue
    rules: tuple[Rule, ...]  # in order: the first that matches wins
    channels: Mapping[ChannelName, ChannelPolicy]  # those that are switched on
    facts: KnownChannels  # of every channel that messages may have come on
    texts: TownTexts
    privacy_notice: PrivacyNotice
    territory: Territory  # whose public holidays the legal calendar skips
    reopen_within: timedelta  # how long a mail may reopen its closed case
    follow_links_last: timedelta  # how long after closing a case's link shows it
    abuse_lasts: timedelta  # how long a sender declared abusive gets no receipts; nobody is silenced for ever
    terms: PublishedTerms | None
    good_friday: bool = True  # whether it is a holiday, of a town in Alsace-Moselle
    rights_roll: bool = True  # whether a month of the GDPR that ends on no working day ends on the next
    demonstration: bool = False  # everybody in it is invented: every page says so, and nothing is ever sent
    costs: Mapping[str, AccountCosts] = field(
        default_factory=dict
    )  # by provider account; one it does not name has no cap
    authorities: Mapping[str, Authority] = field(default_factory=dict)  # by name: to whom something is passed on
    remedies: Remedies = field(default_factory=Remedies)  # where one appeals against what silence rejects
    telephone_relay: AnyHttpUrl | None = None  # for who cannot telephone
    threats_kept: Delay = THREATS_KEPT  # so long after an agent said so a threat is evidence
    quiet_hours: QuietHours = QUIET_HOURS  # when nobody is written to without need

    @property
    def domain(self) -> str:
        """The domain of the town's mail, which our Message-IDs end in."""
        return self.main_mailbox.partition("@")[2]

    @cached_property
    def working_days(self) -> WorkingDays:
        """The town's calendar of working days."""
        return WorkingDays(self.territory, good_friday=self.good_friday)

    @cached_property
    def clock_rules(self) -> TownRules:
        """What the law's clocks ask of the town (guichet.law.clocks)."""
        procedures = {str(name): procedure.rules for name, procedure in self.procedures.items()}
        return TownRules(procedures, self.working_days, self.rights_roll)

    @cached_property
    def processors(self) -> Mapping[str, tuple[str, ...]]:
        """Who processes citizens' data for the town on the channels that are switched on, and on which; in French."""
        found: dict[str, tuple[str, ...]] = {}
        for facts in (self.facts[name] for name in self.channels):
            if facts.processor is not None:
                found[facts.processor.fr] = (*found.get(facts.processor.fr, ()), facts.title.fr)
        return found

    def policy(self, channel: ChannelName) -> ChannelPolicy:
        """Return what the town decided about a channel; a channel it does not name is a saisine (docs/law.md 3)."""
        return self.channels.get(channel) or ChannelPolicy()

    def saisine_on(self, channel: ChannelName) -> Saisine:
        """Return how what came on a channel seized it in law (docs/law.md 3, 15), whoever brought it in."""
        if self.policy(channel).sve_status is not SveStatus.SAISINE:
            return Saisine.CONTACT_ONLY
        return Saisine.ELECTRONIC if self.facts[channel].is_electronic else Saisine.STAMPED

    @cached_property
    def charging(self) -> frozenset[str]:
        """The provider accounts that bill by the letter, of every channel that is known."""
        return frozenset(each.provider for each in self.facts.values() if each.charged is not None)

    def costs_of(self, account: str) -> AccountCosts:
        """Return what letters of a provider account may cost, and where they go."""
        return self.costs.get(account) or AccountCosts()

    @property
    def seize_at(self) -> str | None:
        """Where a message does seize the town, as a courtesy receipt tells it; None: no terms, so on every channel.

        The page of the terms where the town names nothing else: it says by what way (docs/law.md 2).
        """
        return None if self.terms is None else self.terms.seize_at or str(self.terms.url)

    def receipt_terms(self, procedure: ProcedureId | None, department: DepartmentId) -> ReceiptTerms:
        """Return what a full receipt (ARE) tells of who treats a case, and of appeals (CRPA R112-11-1).

        What is unknown since the town's files changed: a procedure as if none were known, a department by the fallback.
        """
        known = None if procedure is None else self.procedures.get(procedure)
        return receipt_terms(known, self.department_or_fallback(department), self.remedies, self.telephone_relay)

    def receipt_overdue_at(self, channel: ChannelName, received_at: datetime) -> datetime | None:
        """Return from when on the receipt of a message is late; None where no legal clock runs.

        received_at: in law (docs/law.md 8, 15).
        """
        is_saisine = self.policy(channel).sve_status is SveStatus.SAISINE
        return self.working_days.aee_deadline(received_at) if is_saisine else None

    def channels_onto(self, topic: str) -> list[ChannelName]:
        """Return the channels that are switched on and whose messages go onto a topic, in the town's order."""
        return [name for name in self.channels if self.facts[name].topic == topic]

    def sector_of(self, department: DepartmentId) -> SectorId:
        """Return the sector that a department belongs to. Raises KeyError for an unknown department."""
        return self.departments[department].sector

    def department_or_fallback(self, department: DepartmentId) -> Department:
        """Return a department; one that the town has since given up is answered for by the fallback."""
        return self.departments.get(department) or self.departments[self.fallback_department]

    def wants_four_eyes(self, department: DepartmentId) -> bool:
        """Say whether nobody signs what they wrote themselves there. A department that is gone asks for nothing."""
        there = self.departments.get(department)
        return there is not None and there.four_eyes

    @cached_property
    def urgent(self) -> frozenset[ProcedureId]:
        """The procedures whose cases do not wait."""
        return frozenset(name for name, procedure in self.procedures.items() if procedure.urgent)

    def is_open(self, department: DepartmentId, at: datetime) -> bool:
        """Say whether a department is open then: never, as far as anybody knows, where it names no hours."""
        there = self.departments.get(department)
        hours = None if there is None else there.opening_hours
        return hours is not None and hours.is_open(at, self.working_days)

    def workflow_of(self, procedure: ProcedureId | None) -> Workflow | None:
        """Return the steps of a procedure as the town's files have them now; None: it has none."""
        return self._workflows.get(procedure) if procedure is not None else None

    @cached_property
    def _workflows(self) -> Mapping[ProcedureId, Workflow]:
        parts = parts_of(self.departments, self.staff.units)
        listed = {name: each.steps for name, each in self.procedures.items() if each.steps}
        return {name: frozen_steps(name, steps, parts) for name, steps in listed.items()}

    def trial_mailboxes(self, day: date) -> frozenset[str]:
        """Return where a trial of the town's words may go: its mailboxes, and those of the agents in its files."""
        own = {each.written_to_at(day) for each in self.agents if each.works_on(day)}
        return frozenset({*self.mailboxes, *(address for address in own if address is not None)})

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The agents whom the town's files name."""
        return self.staff.agents

    def agent(self, agent_id: AgentId) -> Agent | None:
        """Return the agent of that id, if the town still has them."""
        return self.staff.by_id.get(agent_id)

    @cached_property
    def scopes(self) -> Scopes:
        """What makes scopes of assignments in this town."""
        return Scopes(self.sectors, self.departments)

    def scope_of(self, agent: Agent, day: date) -> Scope:
        """Return what the town's files let an agent see and do on a day (of Paris)."""
        return self.scopes.of(agent, self.staff, day)
