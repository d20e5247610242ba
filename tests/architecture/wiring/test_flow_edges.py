"""flow.py tells the truth: each worker serves exactly the handlers that it names, and each publishes what it says."""

import importlib
import inspect
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

import case_router.entry.consumers
import gdpr_worker.entry.consumers
import notifier.entry.consumers
from case_router.app import Stores, build_router
from case_router.domain.keys import RouterKeys
from gdpr_worker.entry.erasure_rounds import ErasureWork
from gdpr_worker.handlers.erase_person import ErasureSteps
from gdpr_worker.handlers.record_requests import cancel_erasure, record_request
from guichet.case.case import Case
from guichet.case.record import CaseRecord
from guichet.clock import SystemClock
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.base import Event
from guichet.contracts.case_commands import (
    CaseCommand,
    CloseCase,
    ConfirmSender,
    DeclareAbuse,
    LiftAbuse,
    RerouteCase,
    SendReply,
    SettleDelivery,
)
from guichet.contracts.case_events import (
    AbuseDeclared,
    CaseClosed,
    CaseDestroyed,
    CaseMoved,
    CaseRerouted,
    CaseState,
    DeliverySettled,
    ReplyRequested,
)
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.delivery import DeliveryReported, Settlement
from guichet.contracts.flow import FLOW
from guichet.contracts.inbound import Channel
from guichet.contracts.privacy import CancelErasure, ErasureRequested
from guichet.contracts.topics import CASE_EVENTS, TOPICS, Topic
from guichet.data_subject.personal_data import PersonalData
from guichet.follow_pages.view_writer import ViewWriter
from guichet.ids import AgentId, CitizenId, DepartmentId, EventId, MessageId, receipt_id
from guichet.kafka.records import BatchHandler, Received
from guichet.privacy.follow_link import FollowLink
from guichet.privacy.signing.records import Signed
from guichet.store.deliveries.document import changed_event
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.town import load_town
from guichet.vault.erasure_ledger.entry import BarrierOffset
from guichet.vault.sealing import Thing, seal, unseal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.inbound import TOWN_NUMBER, mail_content, sealed_message, sms_content
from guichet_testing.sealing import seal_model
from guichet_testing.twins.erasure_ledger import InMemoryErasureLedger
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.abuse_declarations import InMemoryAbuseDeclarations
from guichet_testing.twins.store.agents.rights import rights_in
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.store.cases.followed import InMemoryFollowedCases
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.deliveries.store import InMemoryDeliveries
from guichet_testing.twins.store.deliveries.watched import InMemoryDeliveryDecisions
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.store.threads import InMemoryThreadStore
from guichet_testing.twins.vault import InMemoryRotation, InMemoryVault
from notifier.handlers.announce_changes import Announcer
from notifier.handlers.owe_letters import Handlers

ROOT = Path(__file__).parents[3]
CONSUMERS = {  # the module that says what a worker reads, by the worker's package
    (names := path.relative_to(ROOT).with_suffix("").parts[2:])[0]: ".".join(names)
    for path in sorted((ROOT / "services").glob("*/*/**/consumers.py"))
}
ALICE, PHONE = "alice@courriel.example", "+33639980101"
LATER = ARRIVED + timedelta(hours=1)


class Listening:
    """Stands in for the kit's worker: notes what is read, and by what."""

    def __init__(self) -> None:
        self.topics: set[str] = set()
        self.handlers: list[Any] = []

    def read(self, topics: list[Topic[Any]], handle: Any, group: str | None = None, *, batch_size: int = 0) -> None:
        self.topics |= {topic.name for topic in topics}
        self.handlers.append(handle)


def listen(consumers: Any, **collaborators: Any) -> Listening:
    listening = Listening()
    names = list(inspect.signature(consumers.add_consumers).parameters)[1:]
    consumers.add_consumers(listening, **{name: collaborators.get(name, MagicMock()) for name in names})
    return listening


@pytest.mark.parametrize("package", CONSUMERS)
def test_a_worker_serves_exactly_the_handlers_of_the_flow(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    consumers, service = importlib.import_module(CONSUMERS[package]), package.replace("_", "-")
    monkeypatch.setattr(consumers, "dispatch", set, raising=False)
    listening = listen(consumers)
    served = getattr(consumers, "SERVES", None) or set().union(*listening.handlers)  # a whole batch at a time: SERVES
    assert served == {edge.reads for edge in FLOW if edge.service == service}
    assert listening.topics == {topic.name for topic in TOPICS if service in topic.groups}


def test_every_service_with_handlers_is_a_worker() -> None:
    assert {edge.service.replace("-", "_") for edge in FLOW} == {*CONSUMERS}


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
    """The three workers around one store and one broker in memory; `seen` notes what each handler published."""

    def __init__(self) -> None:
        self.town = load_town(ROOT / "deploy" / "local" / "town")
        self.vault, self.publisher, self.deliveries = InMemoryVault(), InMemoryPublisher(), InMemoryDeliveries()
        self.messages, self.cases = InMemoryMessageStore(), InMemoryCaseStore()
        self.seen: dict[tuple[str, type[Event]], set[type[Event]]] = defaultdict(set)
        self.commands = 0
        self._handlers = {"case-router": self._router(), "notifier": self._notifier(), "gdpr-worker": self._gdpr()}

    def _router(self) -> BatchHandler:
        stores = Stores(
            cases=self.cases,
            history=self.cases.history,
            messages=self.messages,
            commands=InMemoryCommandStore(),
            abuse=InMemoryAbuseDeclarations(),
            rights=rights_in(self.town.departments, "lea"),
            threads=InMemoryThreadStore(),
            identifiers=InMemoryIdentifierStore(),
            citizens=InMemoryCitizenStore(),
        )
        keys = RouterKeys(*(bytes([number]) * 32 for number in range(1, 5)))
        router = build_router(
            stores, self.vault, self.publisher, self.town, keys, clock=lambda: LATER + timedelta(days=400)
        )
        return _only(listen(case_router.entry.consumers, handle=router.handle))

    def _notifier(self) -> BatchHandler:
        announcer = Announcer(self.deliveries, self.publisher, lambda: LATER)
        handlers = Handlers(
            deliveries=self.deliveries,
            decisions=InMemoryDeliveryDecisions(self.deliveries),
            cases=self.cases,
            messages=self.messages,
            announcer=announcer,
            town=self.town,
            wake=lambda _: None,
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


async def test_every_handler_publishes_what_the_flow_says_and_nothing_else() -> None:
    stage = Stage()
    await citizens_write_and_are_answered(stage)
    await a_letter_is_answered(stage)
    await a_provider_reports(stage)
    await an_agent_settles_what_nobody_knows(stage)
    await agents_hand_over_and_close(stage)
    await a_citizen_asks_for_a_new_link(stage)
    await pages_change(stage)
    await stage.play("gdpr-worker", an_erasure())
    await stage.play("gdpr-worker", a_cancelling())
    assert dict(stage.seen) == {(edge.service, edge.reads): {*edge.publishes} for edge in FLOW}


async def citizens_write_and_are_answered(stage: Stage) -> None:
    mail = await sealed_message(stage.vault, "question", mail_content(ALICE, message_id="q@courriel.example"))
    [opened] = await stage.play("case-router", mail)
    question = await stage.answer(stage.case(opened), awaits_answer=True)
    await stage.play("case-router", question)
    said = mail_content(ALICE, message_id="a@courriel.example", in_reply_to=["q@courriel.example"])
    await stage.play("case-router", await sealed_message(stage.vault, "answer", said, LATER))


async def a_letter_is_answered(stage: Stage) -> None:
    """Nothing electronic can be sent: receipt and answer are withheld at once."""
    said = mail_content(ALICE, message_id="l@courriel.example")
    letter = await sealed_message(stage.vault, "letter", said, channel=Channel.LETTER)
    [opened] = await stage.play("case-router", letter)
    [withheld] = await stage.play("notifier", opened)
    await stage.play("case-router", withheld)
    published = await stage.play("case-router", await stage.answer(stage.case(opened)))
    [asked] = [event for event in published if isinstance(event, ReplyRequested)]
    await stage.play("notifier", asked)
    await a_sender_is_declared_abusive(stage, opened)


async def a_provider_reports(stage: Stage) -> None:
    sms = await sealed_message(stage.vault, "sms", sms_content(PHONE), channel=Channel.SMS, accounts=(TOWN_NUMBER,))
    [opened] = await stage.play("case-router", sms)
    await stage.play("notifier", opened)
    delivered = DeliveryReported(
        event_id=EventId("report"),
        occurred_at=LATER,
        outbound_id=receipt_id(opened.case_id, "AEE"),
        channel=Channel.SMS,
        provider_id="SM1",
        status="delivered",
    )
    await stage.play("notifier", delivered)


async def an_agent_settles_what_nobody_knows(stage: Stage) -> None:
    """And another agent, too late."""
    mail = await sealed_message(stage.vault, "lost", mail_content(ALICE, message_id="lost@courriel.example"))
    [opened] = await stage.play("case-router", mail)
    await stage.play("notifier", opened)
    receipt = receipt_id(opened.case_id, "AEE")
    held = await stage.deliveries.claim("mail", "sender", LATER, timedelta(minutes=1), 1)
    await stage.deliveries.leave_undecided(held, LATER, "timed-out")
    [undecided] = [each for each in await stage.deliveries.of_case(opened.case_id) if each.outbound_id == receipt]
    await stage.play("case-router", changed_event(undecided))
    for _ in range(2):
        said = {"outbound_id": receipt, "settlement": Settlement.RECEIVED}
        published = await stage.play("case-router", stage.command(SettleDelivery, stage.case(opened), **said))
        for settled in (event for event in published if isinstance(event, DeliverySettled)):
            await stage.play("notifier", settled)


async def agents_hand_over_and_close(stage: Stage) -> None:
    mail = await sealed_message(stage.vault, "other", mail_content(ALICE, message_id="o@courriel.example"))
    [opened] = await stage.play("case-router", mail)
    for _ in range(2):  # nobody vouches for the mail; once it is confirmed, there is nothing left to confirm
        case = stage.case(opened)
        await stage.play("case-router", stage.command(ConfirmSender, case, citizen=case.citizen))
    for department in ("ccas", "no-such-department"):
        case = stage.case(opened)
        [key] = (await stage.vault.open_keys([case.subject.key_id])).values()
        reason = seal(key, Thing("case", case.case_id), f"click-{stage.commands + 1}", b"pas pour nous")
        handed = stage.command(RerouteCase, case, department=DepartmentId(department), reason=reason)
        await stage.play("case-router", handed)
    for _ in range(2):
        await stage.play("case-router", stage.command(CloseCase, stage.case(opened)))
    await stage.play("case-router", await stage.answer(stage.case(opened)))  # too late


async def a_sender_is_declared_abusive(stage: Stage, opened: Event) -> None:
    """And again, and lifted, and again. Whom no electronic way leads to is not told."""
    for kind in (DeclareAbuse, DeclareAbuse, LiftAbuse, LiftAbuse):
        case = stage.case(opened)
        assert case.subject is not None
        [key] = (await stage.vault.open_keys([case.subject.key_id])).values()
        reason = seal(key, Thing("case", case.case_id), f"click-{stage.commands + 1}", b"trente par jour")
        fields = {"ground": AbuseGround.NUMBER, "reason": reason} if kind is DeclareAbuse else {}
        published = await stage.play("case-router", stage.command(kind, case, sector=case.sector, **fields))
        for declared in (event for event in published if isinstance(event, AbuseDeclared)):
            await stage.play("notifier", declared)


async def a_citizen_asks_for_a_new_link(stage: Stage) -> None:
    """The link of a closed case has ended, and whoever holds it gets a new one: by letter, so withheld at once."""
    case = next(each for each in stage.cases.cases.values() if each.channel is Channel.LETTER)
    case = case.model_copy(update={"state": CaseState.CLOSED, "closed_at": LATER})
    stage.cases.cases[case.case_id] = case
    assert case.link is not None
    [key] = (await stage.vault.open_keys([case.link.key_id])).values()
    link = FollowLink(unseal(key, Thing("case", case.case_id), "link", case.link))
    later, command = LATER + timedelta(days=400), EventId("renewal")
    asked = RenewLink(event_id=command, occurred_at=later, case_id=case.case_id, proof=link.proof(command))
    [renewed] = await stage.play("case-router", asked)
    await stage.play("notifier", renewed)


async def pages_change(stage: Stage) -> None:
    """What citizens are shown follows what happened, up to the end of the case."""
    told = [publication.event for publication in stage.publisher.published]
    gone = Case(next(iter(stage.cases.cases.values()))).destroy(LATER)
    for event in [*told, *(CASE_EVENTS.events.validate_python(entry.event) for entry in gone.outbox)]:
        if isinstance(event, CaseMoved | CaseClosed | CaseRerouted | CaseDestroyed):
            await stage.play("notifier", event)
        if isinstance(event, CaseDestroyed):
            await stage.play("gdpr-worker", event)


def a_cancelling() -> CancelErasure:
    asked = {"request_id": EventId("erasure"), "cancelled_by": AgentId("dpo")}
    return CancelErasure(event_id=EventId("cancelling"), occurred_at=LATER, **asked)


def an_erasure() -> ErasureRequested:
    asked = {"citizen": CitizenId("citizen-1"), "requested_by": AgentId("dpo"), "decision": "DPO-2026-014"}
    return ErasureRequested(event_id=EventId("erasure"), occurred_at=LATER, **asked)
