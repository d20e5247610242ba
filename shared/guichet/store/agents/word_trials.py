"""Trials of the town's words: the desk asks for one, the notifier writes it to whoever asked (agent_mails)."""

from datetime import datetime
from typing import Protocol

from guichet.ids import AgentId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.store.agents.agent_mails import COLLECTION, WordsTrial, trial_of


class WordTrials(Protocol):
    """What is asked for. It only ever goes to the mailbox of who asks, which the notifier looks up when it leaves."""

    async def ask(self, agent: AgentId, trial: WordsTrial, now: datetime) -> None:
        """Keep one, if it is new. Raises TransientError."""


class MongoWordTrials(WordTrials):
    """The trials in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._mails = database[COLLECTION]

    @translate_errors
    async def ask(self, agent: AgentId, trial: WordsTrial, now: datetime) -> None:
        await insert_new(self._mails, [trial_of(agent, trial, now).model_dump(by_alias=True)])
