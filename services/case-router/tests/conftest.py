"""The router on twins: `world` takes events in, and shows cases, messages and what was published."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from case_router.app import build_router
from case_router.domain.keys import RouterKeys
from case_router.entry.parts import Stores
from case_router.handlers.file_batch import CaseRouter
from guichet.case.record import CaseRecord
from guichet.contracts.base import Event
from guichet.contracts.case_events import CaseEvent
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import CaseId, MessageId
from guichet.kafka.records import Received
from guichet.store.cases.fields import LINKED_CASES
from guichet.town import Town
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.builders.inbound import TOWN_NUMBER, mail_content, sealed_message, sms_content
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.abuse_declarations import InMemoryAbuseDeclarations
from guichet_testing.twins.store.agents.absences import InMemoryAbsences
from guichet_testing.twins.store.agents.news import InMemoryAgentNews
from guichet_testing.twins.store.agents.on_call import InMemoryOnCallRota
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights, rights_in
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.notes import InMemoryNotes
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.store.suspended_mail import InMemorySuspendedMail, InMemoryUnseenMails
from guichet_testing.twins.store.threads import InMemoryThreadStore
from guichet_testing.twins.vault import InMemoryVault

KEYS = RouterKeys(*(bytes([number]) * 32 for number in range(1, 5)))


@dataclass
class World:
    """Everything the router touches, in memory."""

    town: Town
    cases: InMemoryCaseStore = field(default_factory=InMemoryCaseStore)
    messages: InMemoryMessageStore = field(default_factory=InMemoryMessageStore)
    suspended: InMemorySuspendedMail = field(init=False)
    unseen: InMemoryUnseenMails = field(default_factory=InMemoryUnseenMails)
    commands: InMemoryCommandStore = field(default_factory=InMemoryCommandStore)
    abuse: InMemoryAbuseDeclarations = field(default_factory=InMemoryAbuseDeclarations)
    rights: InMemoryAgentRights = field(init=False)
    news: InMemoryAgentNews = field(default_factory=InMemoryAgentNews)
    on_call: InMemoryOnCallRota = field(default_factory=InMemoryOnCallRota)
    absences: InMemoryAbsences = field(default_factory=InMemoryAbsences)
    notes: InMemoryNotes = field(default_factory=InMemoryNotes)
    threads: InMemoryThreadStore = field(default_factory=InMemoryThreadStore)
    identifiers: InMemoryIdentifierStore = field(default_factory=InMemoryIdentifierStore)
    citizens: InMemoryCitizenStore = field(default_factory=InMemoryCitizenStore)
    vault: InMemoryVault = field(default_factory=InMemoryVault)
    publisher: InMemoryPublisher = field(default_factory=InMemoryPublisher)
    keys: RouterKeys = KEYS
    now: datetime = ARRIVED + timedelta(days=30)  # later than what comes, and no later than a command may

    def __post_init__(self) -> None:
        self.suspended = InMemorySuspendedMail(self.messages)
        self.rights, self.history = rights_in(self.town.departments, "lea"), self.cases.history

    @property
    def stores(self) -> Stores:
        return Stores(
            cases=self.cases,
            history=self.history,
            messages=self.messages,
            suspended=self.suspended,
            unseen=self.unseen,
            commands=self.commands,
            abuse=self.abuse,
            rights=self.rights,
            news=self.news,
            on_call=self.on_call,
            absences=self.absences,
            notes=self.notes,
            threads=self.threads,
            identifiers=self.identifiers,
            citizens=self.citizens,
        )

    async def erase(self, *events: MessageReceived) -> None:
        """Erase these messages and their cases, keys first, as an erasure does."""
        cases = [self.case_of(event).case_id for event in events]
        await self.cases.mark_erasing(cases)
        await self.vault.destroy_keys([event.content.key_id for event in events])
        await self.messages.erase([event.message_id for event in events], ARRIVED)
        await self.cases.destroy(cases, ARRIVED)

    def router(self, **faces: Any) -> CaseRouter:
        """Return a router on this world; faces: stores to put in place of the twins."""
        return build_router(
            replace(self.stores, **faces), self.vault, self.publisher, self.town, self.keys, clock=lambda: self.now
        )

    async def take(self, *events: Event) -> None:
        """Let a router handle these events as one batch."""
        await self.router().handle([received(event) for event in events])

    async def take_one_by_one(self, *events: Event) -> None:
        for event in events:
            await self.take(event)

    async def mail(self, name: str, sender: str, *, at: datetime = ARRIVED, **said: Any) -> MessageReceived:
        """Return a mail's event; its Message-ID is <name>@<sender's domain> unless given."""
        event = {key: said.pop(key) for key in ("accounts", "automatic", "unread", "suspended") if key in said}
        said.setdefault("message_id", f"{name}@{sender.partition('@')[2]}")
        return await sealed_message(self.vault, name, mail_content(sender, **said), at, **event)

    async def sms(self, name: str, sender: str, text: str = "Bonjour", *, at: datetime = ARRIVED, **event: Any):
        event = {"channel": "sms", "accounts": (TOWN_NUMBER,)} | event
        return await sealed_message(self.vault, name, sms_content(sender, text), at, **event)

    def case_of(self, event: MessageReceived) -> CaseRecord:
        """Return the case a message was filed in."""
        filed = self.messages.messages[event.message_id].filed
        assert filed is not None
        return self.cases.cases[filed]

    async def links_of(self, event: MessageReceived) -> tuple[CaseId, ...]:
        """Return the cases that a message's case is linked to, opened."""
        case = self.case_of(event)
        if case.linked_to is None:
            return ()
        keys = await self.vault.open_keys([case.linked_to.key_id])
        return LINKED_CASES.open(keys[case.linked_to.key_id], case.case_id, case.linked_to)

    def filed(self) -> dict[MessageId, CaseId | None]:
        return {key: message.filed for key, message in self.messages.messages.items()}

    def published(self, case: CaseRecord | None = None) -> list[CaseEvent]:
        events: list[Any] = self.publisher.on(CASE_EVENTS)
        return [event for event in events if case is None or event.case_id == case.case_id]

    def check(self) -> None:
        """Assert what must hold whenever the router is done."""
        for case in self.cases.cases.values():
            history = self.history.of(case.case_id)
            assert [entry.version for entry in history] == list(range(1, case.version + 1))
            assert not case.outbox
            events = {event.event_id: event for event in self.published(case)}
            assert sorted(event.version for event in events.values()) == list(range(1, case.version + 1))
            filed = [entry.message_id for entry in history if entry.type in ("CaseOpened", "MessageFiled")]
            assert len(filed) == len(set(filed))
            assert {key for key, at in self.filed().items() if at == case.case_id} >= set(filed)
        assert all(case is not None for case in self.filed().values())
        in_history = [
            entry.message_id for entry in self.history.entries.values() if entry.type in ("CaseOpened", "MessageFiled")
        ]
        assert len(in_history) == len(set(in_history)), "a message in two cases"


def received(event: Event) -> Received[Any]:
    return Received(event, "topic", 0, 0)


@pytest.fixture(scope="session")
def town() -> Town:
    return the_example_town()


@pytest.fixture
def world(town: Town) -> World:
    return World(town)


@pytest.fixture
def new_world(town: Town):
    """For tests that need several worlds."""
    return lambda: World(town)
