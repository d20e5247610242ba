"""Trials of the town's words, in memory."""

from dataclasses import dataclass, field
from datetime import datetime

from guichet.ids import AgentId, MessageId
from guichet.store.agents.agent_mails import AgentMail, WordsTrial, trial_of
from guichet.store.agents.word_trials import WordTrials


@dataclass
class InMemoryWordTrials(WordTrials):
    """Twin of MongoWordTrials."""

    mails: dict[MessageId, AgentMail] = field(default_factory=dict)

    async def ask(self, agent: AgentId, trial: WordsTrial, now: datetime) -> None:
        mail = trial_of(agent, trial, now)
        self.mails.setdefault(mail.mail_id, mail)
