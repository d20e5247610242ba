"""Whether a mail still leaves to an agent, and what it may say: asked at the last moment, of what holds then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from guichet.case.record import CaseRecord
from guichet.channel.word_previews import previews, why_none
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.agent_mails import AgentMail, AgentMails, WordsTrial
from guichet.store.agents.news import DAILY_AT_MOST, AgentNews, still_so
from guichet.store.agents.preferences import Preferences
from guichet.store.agents.staff import StaffStore, staff_now
from guichet.store.cases.reader import CaseReader
from guichet.town import Town
from guichet.town.staff.agents import Agent
from guichet.town.staff.staff import Staff
from notifier.domain.agent_letter import MailContent, TrialContent
from notifier.domain.due_lines import DueCase

NOT_WANTED = "not-wanted"
NO_AGENT = "no-agent"  # they left, or their account was taken away
NO_ADDRESS = "no-address"  # or one that may be a successor's by now
OWN_MAILBOX = "own-mailbox"  # what is sent there comes back as a message
NOTHING_TO_TELL = "nothing-to-tell"  # they have seen it, or may answer none of these cases any more


@dataclass(frozen=True)
class AgentMailJudge:
    """Judges as the desk does what « Pour moi » shows. clock: aware UTC."""

    town: Town
    entries: StaffStore
    preferences: Preferences
    mails: AgentMails
    cases: CaseReader
    clock: Callable[[], datetime]

    async def content(self, mail: AgentMail) -> MailContent | TrialContent | str:
        """Return what a mail tells, or why it does not leave. Raises TransientError."""
        liked = await self.preferences.of(mail.agent)
        if mail.trial is None and not liked.is_written_to:
            return NOT_WANTED
        staff = await staff_now(self.town.staff, self.entries)
        agent = staff.by_id.get(mail.agent)
        if agent is None or not agent.works_on(self._today) or await self.mails.is_disabled(agent.agent_id):
            return NO_AGENT
        address = agent.written_to_at(self._today)
        if address is None:
            return NO_ADDRESS
        if address in self.town.mailboxes:
            return OWN_MAILBOX
        if mail.trial is not None:
            return self._trial(mail.trial, address)
        shown = await self._shown(mail, agent, staff)
        about = [(news.kind, case.reference) for news, case in shown if news.reached is None]
        due = [DueCase(case.reference, news.reached) for news, case in shown if news.reached is not None]
        is_more = len(mail.news) >= DAILY_AT_MOST
        return MailContent(address, liked.language, about, due, is_more) if shown else NOTHING_TO_TELL

    def _trial(self, trial: WordsTrial, address: str) -> TrialContent | str:
        if why_none(self.town, trial.kind, trial.channel, trial.procedure) is not None:
            return NOTHING_TO_TELL  # the town's files have changed since
        return TrialContent(address, previews(self.town, trial.kind, trial.channel, trial.procedure)[0])

    async def _shown(self, mail: AgentMail, agent: Agent, staff: Staff) -> list[tuple[AgentNews, CaseRecord]]:
        news = await self.mails.told_by(mail)
        scope = self.town.scopes.of(agent, staff, self._today).unasked.with_act(CaseAct.ANSWER).whole
        found = {case.case_id: case for case in await self.cases.find_many(scope, {each.case_id for each in news})}
        shown = [(each, found[each.case_id]) for each in news if each.case_id in found]
        return [*still_so(shown, agent.agent_id)]

    @property
    def _today(self) -> date:
        return paris_date(self.clock())
