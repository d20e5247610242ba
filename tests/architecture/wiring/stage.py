"""Every worker's consumers with all that they need in memory, and what each publishes for what it reads."""

import inspect
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import case_router.entry.consumers
import gdpr_worker.entry.consumers
import notifier.entry.consumers
import search_indexer.entry.consumers
from case_router.app import build_router
from case_router.domain.keys import RouterKeys
from case_router.entry.parts import Stores
from gdpr_worker.entry.erasure_rounds import ErasureWork
from gdpr_worker.handlers.erase_person import ErasureSteps
from gdpr_worker.handlers.record_requests import cancel_erasure, record_request
from guichet.case.record import CaseRecord
from guichet.clock import SystemClock
from guichet.contracts.base import Event, Sealed
from guichet.contracts.case_commands import (
    CaseCommand,
    MailCommand,
    SendReply,
)
from guichet.contracts.topics import Topic
from guichet.data_subject.personal_data import PersonalData
from guichet.follow_pages.view_writer import ViewWriter
from guichet.ids import AgentId, CaseId, EventId, KeyId, MessageId, NoteId
from guichet.kafka.records import BatchHandler, Received
from guichet.privacy.signing.records import Signed
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.store.notes import Note
from guichet.town import load_town
from guichet.vault.erasure_ledger.entry import BarrierOffset
from guichet.vault.sealing import Thing
from guichet_testing.builders.case import ARRIVED
from guichet_testing.sealing import seal_model
from guichet_testing.twins.erasure_ledger import InMemoryErasureLedger
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.abuse_declarations import InMemoryAbuseDeclarations
from guichet_testing.twins.store.agents.absences import InMemoryAbsences
from guichet_testing.twins.store.agents.news import InMemoryAgentNews
from guichet_testing.twins.store.agents.on_call import InMemoryOnCallRota
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights, rights_in
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.store.cases.followed import InMemoryFollowedCases
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.deliveries.store import InMemoryDeliveries
from guichet_testing.twins.store.deliveries.watched import InMemoryDeliveryDecisions
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.notes import InMemoryNotes
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.store.suspended_mail import InMemorySuspendedMail, InMemoryUnseenMails
from guichet_testing.twins.store.threads import InMemoryThreadStore
from guichet_testing.twins.vault import InMemoryRotation, InMemoryVault
from notifier.domain.wording import Wording
from notifier.handlers.announce_changes import Announcer
from notifier.handlers.owe_letters import Handlers

ROOT = Path(__file__).parents[3]
LATER = ARRIVED + timedelta(hours=1)


class Listening:
    """Stands in for the kit's worker: notes what is read, and by what."""

    def __init__(self) -> None:
        self.topics: set[str] = set()
        self.handlers: list[Any] = []

    def read(self, topics: list[Topic[Any]], handle: Any, group: str | None = None, **_more: Any) -> None:
        self.topics |= {topic.name for topic in topics}
        self.handlers.append(handle)


def listen(consumers: Any, **collaborators: Any) -> Listening:
    listening = Listening()
    names = list(inspect.signature(consumers.add_consumers).parameters)[1:]
    consumers.add_consumers(listening, **{name: collaborators.get(name, MagicMock()) for name in names})
    return listening


class Nobody:
    """A person of whom nothing is there to be found, removed or waited for."""

    async def find(self, *_: Any, **__: Any) -> PersonalData:
        return PersonalData()

    async def divert(self, *_: Any) -> None: ...

    async def release(self, *_: Any) -> None: ...

    async def destroy_keys(self, *_: Any) -> None: ...

    async def delete(self, *_: Any) -> None: ...

    def asked_for(self, _: Any) -> bool:
        return True

    def mark(self, _: Any) -> str:
        return "mark"

    async def notify(self, *_: Any) -> None: ...

    async def now(self) -> tuple[BarrierOffset, ...]:
        return ()

    async def behind(self, _: Any) -> frozenset[tuple[str, str]]:
        return frozenset()


class Stage:
    """The workers around one store and one broker in memory; `seen` notes what each handler published."""

    def __init__(self) -> None:
        self.town = load_town(ROOT / "deploy" / "local" / "town")
        self.vault, self.publisher, self.deliveries = InMemoryVault(), InMemoryPublisher(), InMemoryDeliveries()
        self.messages, self.cases = InMemoryMessageStore(), InMemoryCaseStore()
        self.notes, self.now = InMemoryNotes(), LATER
        self.seen: dict[tuple[str, type[Event]], set[type[Event]]] = defaultdict(set)
        self.commands = 0
        self._handlers = {
            "case-router": self._router(),
            "notifier": self._notifier(),
            "gdpr-worker": self._gdpr(),
            "search-indexer": self._search_indexer(),
        }

    def _router(self) -> BatchHandler:
        stores = Stores(
            cases=self.cases,
            history=self.cases.history,
            messages=self.messages,
            suspended=InMemorySuspendedMail(self.messages),
            unseen=InMemoryUnseenMails(),
            commands=InMemoryCommandStore(),
            abuse=InMemoryAbuseDeclarations(),
            rights=InMemoryAgentRights(
                *rights_in(self.town.departments, "lea", suspended_mail=True).rights.values(),
                *rights_in(self.town.departments.keys() - {"ccas"}, "only-here").rights.values(),
            ),
            news=InMemoryAgentNews(),
            on_call=InMemoryOnCallRota(),
            absences=InMemoryAbsences(),
            notes=self.notes,
            threads=InMemoryThreadStore(),
            identifiers=InMemoryIdentifierStore(),
            citizens=InMemoryCitizenStore(),
        )
        keys = RouterKeys(*(bytes([number]) * 32 for number in range(1, 5)))
        router = build_router(stores, self.vault, self.publisher, self.town, keys, clock=lambda: self.now)
        return _only(listen(case_router.entry.consumers, handle=router.handle, keep=AsyncMock()))

    def _notifier(self) -> BatchHandler:
        announcer = Announcer(self.deliveries, self.publisher, lambda: LATER)
        handlers = Handlers(
            deliveries=self.deliveries,
            decisions=InMemoryDeliveryDecisions(self.deliveries),
            cases=self.cases,
            messages=self.messages,
            announcer=announcer,
            town=self.town,
            wording=Wording(self.town, "https://portail.example"),
            wake=lambda _: None,
            note_owed=lambda _: None,
            clock=lambda: LATER,
        )
        views = ViewWriter(InMemoryFollowedCases(self.cases), self.messages, self.cases.views, self.vault, self.town)
        handle = _only(listen(notifier.entry.consumers, handlers=handlers, views=views))

        async def handled_then_announced(batch: Sequence[Received]) -> None:
            await handle(batch)
            await announcer.announce_gathered()

        return handled_then_announced

    def _gdpr(self) -> BatchHandler:
        ledger, nobody = InMemoryErasureLedger(), Nobody()
        record = partial(record_request, ledger=ledger, publisher=self.publisher, wake=lambda: None)
        cancel = partial(cancel_erasure, ledger=ledger, tag=str, clock=lambda: LATER)
        steps = ErasureSteps(
            finder=nobody,
            removal=nobody,
            logs=nobody,
            barrier=nobody,
            audit=InMemoryAuditTrail(),
            publisher=self.publisher,
            authority=nobody,
            dpo=nobody,
            begins=lambda told_at: told_at,
            tag=str,
            keys_remembered_for=timedelta(0),
            last_copy=lambda turned_at: turned_at.date(),
            clock=lambda: LATER,
        )
        rotation = InMemoryRotation(lambda: LATER)
        erasures = ErasureWork(
            ledger, steps, rotation, stuck_after=timedelta(hours=6), clock=lambda: LATER, sleep=SystemClock().sleep
        )
        listening = listen(gdpr_worker.entry.consumers, record=record, cancel=cancel, remove=AsyncMock())

        async def recorded_then_erased(batch: Sequence[Received]) -> None:
            for handle in listening.handlers:
                await handle(batch)
            await erasures.one_round()

        return recorded_then_erased

    def _search_indexer(self) -> BatchHandler:
        return _only(listen(search_indexer.entry.consumers, indexer=AsyncMock()))

    async def play(self, service: str, event: Event) -> list[Any]:
        """Let a worker handle it; return what it published."""
        before = len(self.publisher.published)
        signed = Signed("topic", b"", b"", "key", b"")
        await self._handlers[service]([Received(event, "topic", 0, 0, event.event_id, signed=signed)])
        published = [publication.event for publication in self.publisher.published[before:]]
        self.seen[service, type(event)] |= {type(each) for each in published}
        return published

    def case(self, event: Event) -> CaseRecord:
        """Return the case that an event is about."""
        return self.cases.cases[event.case_id]  # type: ignore[attr-defined]

    def command(self, kind: type[CaseCommand], case: CaseRecord, **fields: Any) -> CaseCommand:
        self.commands += 1
        name = EventId(f"click-{self.commands}")
        return kind(event_id=name, occurred_at=LATER, case_id=case.case_id, issued_by=AgentId("lea"), **fields)

    async def note(self, case: CaseId) -> NoteId:
        """Keep a note about a case, as the desk does before its command."""
        words = Sealed(key_id=KeyId("key"), box=b"box")
        await self.notes.insert(Note(_id=NoteId("note"), case_id=case, author=AgentId("lea"), at=LATER, words=words))
        return NoteId("note")

    def mail_command(self, kind: type[MailCommand], message: MessageId) -> MailCommand:
        self.commands += 1
        name = EventId(f"click-{self.commands}")
        return kind(event_id=name, occurred_at=LATER, message_id=message, issued_by=AgentId("lea"))

    async def answer(self, case: CaseRecord, **fields: Any) -> CaseCommand:
        """Return an agent's command to send an answer that the desk has kept."""
        [key] = await self.vault.new_keys(1)
        outbound = MessageId(f"answer-{self.commands}")
        await self.messages.insert_outbound(
            MessageDocument(
                _id=outbound,
                direction=Direction.OUTBOUND,
                channel=case.channel,
                accounts=(case.account,),
                at=LATER,
                filed=case.case_id,
                content=seal_model(key, Thing("message", outbound), "content", OutboundContent(text="Bonjour")),
            )
        )
        return self.command(SendReply, case, outbound_id=outbound, **fields)


def _only(listening: Listening) -> BatchHandler:
    [handle] = listening.handlers
    return handle  # type: ignore[no-any-return]
