"""flow.py tells the truth: each worker serves exactly the handlers that it names, and each publishes what it says."""

import importlib
from datetime import timedelta

import pytest

import search_indexer.entry.consumers
from guichet.case.case import Case
from guichet.case.record import CaseWorkflow
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.base import Event, Sealed
from guichet.contracts.case_commands import (
    AddNote,
    AssignCase,
    CloseCase,
    ConfirmSender,
    ConfirmSpam,
    DeclareAbuse,
    LiftAbuse,
    MarkTask,
    ReleaseMail,
    ReopenCase,
    RerouteCase,
    SettleDelivery,
    SnoozeCase,
    StateFact,
)
from guichet.contracts.case_events import (
    AbuseDeclared,
    CaseClosed,
    CaseDestroyed,
    CaseEvent,
    CaseMoved,
    CaseOpened,
    CaseReopened,
    CaseRerouted,
    CaseState,
    ClockReached,
    DeliverySettled,
    FactStated,
    MessageFiled,
    ReceiptOwed,
    ReplyRequested,
    StepReached,
    TaskMarked,
    WorkflowBegun,
)
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.delivery import DeliveryChanged, DeliveryReported, DeliveryState, Purpose, Settlement
from guichet.contracts.flow import FLOW
from guichet.contracts.inbound import Suspicion
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.contracts.privacy import CancelErasure, ErasureRequested
from guichet.contracts.topics import CASE_EVENTS, TOPICS
from guichet.contracts.workflow import Workflow, WorkflowStep
from guichet.ids import AgentId, CitizenId, DepartmentId, EventId, MessageId, NoteId, ProcedureId, receipt_id
from guichet.privacy.follow_link import FollowLink
from guichet.store.deliveries.document import changed_event
from guichet.vault.sealing import Thing, seal, unseal
from guichet_testing.builders.given_up import a_given_up
from guichet_testing.builders.inbound import TOWN_NUMBER, mail_content, sealed_message, sms_content
from tests.architecture.wiring.stage import LATER, ROOT, Stage, listen

CONSUMERS = {  # the module that says what a worker reads, by the worker's package
    (names := path.relative_to(ROOT).with_suffix("").parts[2:])[0]: ".".join(names)
    for path in sorted((ROOT / "services").glob("*/*/**/consumers.py"))
}
ALICE, PHONE = "alice@courriel.example", "+33639980101"


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


async def test_every_handler_publishes_what_the_flow_says_and_nothing_else() -> None:
    stage = Stage()
    await citizens_write_and_are_answered(stage)
    await an_agent_looks_at_suspended_mail(stage)
    await an_answer_is_released_once_its_case_is_put_off(stage)
    await a_letter_is_answered(stage)
    await a_provider_reports(stage)
    await an_agent_settles_what_nobody_knows(stage)
    await agents_hand_over_and_close(stage)
    await a_case_goes_through_its_steps(stage)
    await a_citizen_asks_for_a_new_link(stage)
    await pages_change(stage)
    await stage.play("case-router", a_given_up())
    await stage.play("gdpr-worker", an_erasure())
    await stage.play("gdpr-worker", a_cancelling())
    assert dict(stage.seen) == {(edge.service, edge.reads): {*edge.publishes} for edge in FLOW}


async def citizens_write_and_are_answered(stage: Stage) -> None:
    mail = await sealed_message(stage.vault, "question", mail_content(ALICE, message_id="q@courriel.example"))
    [opened] = await stage.play("case-router", mail)
    question = await stage.answer(stage.case(opened), awaits_answer=True)
    await stage.play("case-router", question)
    for until in (LATER + timedelta(days=3), LATER):  # the second is no day to come
        await stage.play("case-router", stage.command(SnoozeCase, stage.case(opened), until=until))
    said = mail_content(ALICE, message_id="a@courriel.example", in_reply_to=["q@courriel.example"])
    await stage.play("case-router", await sealed_message(stage.vault, "answer", said, LATER))


async def an_agent_looks_at_suspended_mail(stage: Stage) -> None:
    """One is spam; one opens a case, once this is closed; its author's reply opens that again."""
    said = {"spam": {}, "first": {}, "reply": {"in_reply_to": ["first@courriel.example"]}}
    for name, about in said.items():
        content = mail_content("bob@courriel.example", message_id=f"{name}@courriel.example", **about)
        mail = await sealed_message(stage.vault, name, content, suspended=Suspicion.SPAM)
        assert await stage.play("case-router", mail) == []
        kind = ConfirmSpam if name == "spam" else ReleaseMail
        published = await stage.play("case-router", stage.mail_command(kind, mail.message_id))
        for opened in (event for event in published if isinstance(event, CaseOpened)):
            await stage.play("case-router", stage.command(CloseCase, stage.case(opened)))


async def an_answer_is_released_once_its_case_is_put_off(stage: Stage) -> None:
    """It came before what it answers, and was held back; the case comes back with it."""
    said = mail_content(ALICE, message_id="early@courriel.example", in_reply_to=["root@courriel.example"])
    early = await sealed_message(stage.vault, "early", said, suspended=Suspicion.SPAM)
    assert await stage.play("case-router", early) == []
    root = await sealed_message(stage.vault, "root", mail_content(ALICE, message_id="root@courriel.example"))
    [opened] = await stage.play("case-router", root)
    await stage.play("case-router", stage.command(SnoozeCase, stage.case(opened), until=LATER + timedelta(days=3)))
    await stage.play("case-router", stage.mail_command(ReleaseMail, early.message_id))


async def a_letter_is_answered(stage: Stage) -> None:
    """No receipt is owed, and what the answer answers was erased since: both are withheld at once."""
    said = mail_content(ALICE, message_id="l@courriel.example")
    letter = await sealed_message(stage.vault, "letter", said, channel="letter")
    [opened] = await stage.play("case-router", letter)
    [withheld] = await stage.play("notifier", opened)
    await stage.play("case-router", withheld)
    await stage.play("notifier", an_acknowledgement(opened))
    for change in changes(opened):
        await stage.play("notifier", change)
    published = await stage.play("case-router", await stage.answer(stage.case(opened)))
    [asked] = [event for event in published if isinstance(event, ReplyRequested)]
    await stage.play("notifier", asked.model_copy(update={"answers": MessageId("erased")}))
    await a_sender_is_declared_abusive(stage, opened)


def an_acknowledgement(opened: CaseOpened) -> ReceiptOwed:
    """Return what no router says of a letter."""
    own = {"type", "schema_version", "event_id", "version"}
    common = {name: getattr(opened, name) for name in CaseEvent.model_fields if name not in own}
    said = {"answers": opened.message_id, "received_on": opened.received_at.date(), "is_full": False}
    return ReceiptOwed(event_id=EventId("owed"), version=opened.version + 1, **common, **said)


def changes(opened: CaseOpened) -> list[CaseEvent]:
    """Return what an agent may do with a case of which its citizen hears: by letter, so withheld at once."""
    own = {"type", "schema_version", "event_id", "version"}
    common = {name: getattr(opened, name) for name in CaseEvent.model_fields if name not in own}
    by_an_agent = common | {"version": opened.version + 1, "by": AgentId("lea")}
    for_a_reason = by_an_agent | {"reason": Sealed(key_id="k", box=b"why")}
    away = for_a_reason | {"from_sector": opened.sector, "from_department": opened.department}
    return [
        CaseClosed(event_id=EventId("closed"), **by_an_agent),
        CaseReopened(event_id=EventId("reopened"), **for_a_reason),
        CaseRerouted(event_id=EventId("rerouted"), **away),
    ]


async def a_provider_reports(stage: Stage) -> None:
    sms = await sealed_message(stage.vault, "sms", sms_content(PHONE), channel="sms", accounts=(TOWN_NUMBER,))
    [opened] = await stage.play("case-router", sms)
    await stage.play("notifier", opened)
    delivered = DeliveryReported(
        event_id=EventId("report"),
        occurred_at=LATER,
        outbound_id=receipt_id(opened.case_id, "AEE"),
        channel="sms",
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
    await stage.play(
        "case-router", stage.command(AddNote, stage.case(opened), note_id=await stage.note(opened.case_id))
    )
    await stage.play("case-router", stage.command(AddNote, stage.case(opened), note_id=NoteId("nobodys")))
    for _ in range(2):  # the second gives it to whom it is given already
        await stage.play("case-router", stage.command(AssignCase, stage.case(opened), to=AgentId("only-here")))
    for department in ("ccas", "no-such-department"):
        case = stage.case(opened)
        [key] = (await stage.vault.open_keys([case.subject.key_id])).values()
        reason = seal(key, Thing("case", case.case_id), f"click-{stage.commands + 1}", b"pas pour nous")
        handed = stage.command(RerouteCase, case, department=DepartmentId(department), reason=reason)
        await stage.play("case-router", handed)
    for _ in range(2):  # the second says what stands so already
        fact = StatedFact(event=FactKind.QUALIFIED, at=LATER, nature="information")
        await stage.play("case-router", stage.command(StateFact, stage.case(opened), fact=fact))
    for _ in range(2):
        await stage.play("case-router", stage.command(CloseCase, stage.case(opened)))
    await stage.play("case-router", await stage.answer(stage.case(opened)))  # too late
    for _ in range(2):  # the second finds it open
        await stage.play("case-router", stage.command(ReopenCase, stage.case(opened), reason=case.subject))


async def a_case_goes_through_its_steps(stage: Stage) -> None:
    """By tasks, by facts that agents state, and by what answers do once they have left. It came on paper: what is
    written of a step is withheld at once.
    """
    said = mail_content(ALICE, message_id="steps@courriel.example")
    [opened] = await stage.play("case-router", await sealed_message(stage.vault, "steps", said, channel="letter"))
    there = {"department": DepartmentId("urbanisme"), "sector": stage.town.sector_of(DepartmentId("urbanisme"))}
    stage.cases.cases[opened.case_id] = stage.case(opened).model_copy(update=there)
    fact = StatedFact(event=FactKind.PROCEDURE_CONFIRMED, at=LATER, procedure=ProcedureId("arrete-circulation"))
    begun = await stage.play("case-router", stage.command(StateFact, stage.case(opened), fact=fact))
    run = stage.case(opened).workflow
    assert run is not None
    for _ in range(2):  # the second finds it done
        done = {"workflow": run.frozen.version, "task": "lieu-et-dates", "is_done": True}
        begun += await stage.play("case-router", stage.command(MarkTask, stage.case(opened), **done))
    complete = StatedFact(event=FactKind.FILE_COMPLETE, at=LATER)
    await stage.play("case-router", stage.command(StateFact, stage.case(opened), fact=complete))
    for event in begun:
        if isinstance(event, WorkflowBegun | StepReached):
            await stage.play("notifier", event.model_copy(update={"step": "panneaux"}))
        if isinstance(event, TaskMarked):
            await stage.play("notifier", event)
    await answers_leave_that_end_steps(stage, opened)


async def answers_leave_that_end_steps(stage: Stage, opened: CaseOpened) -> None:
    """One is known to have left, which writes to nobody; of another an agent says so."""
    answers = {"first": FactKind.RIGHTS_ANSWERED, "second": FactKind.TRANSFER_ANNOUNCED}
    steps = tuple(WorkflowStep(name=name, label=name, ends_on=(kind,)) for name, kind in answers.items())
    run = CaseWorkflow(frozen=Workflow.of(ProcedureId("arrete-circulation"), steps), step="first")
    leaving = {name: StatedFact(event=kind, at=LATER) for name, kind in answers.items()}
    waits = {"workflow": run, "leaving": leaving, "undecided": (MessageId("second"),)}
    stage.cases.cases[opened.case_id] = stage.case(opened).model_copy(update=waits)
    left = DeliveryChanged(
        event_id=EventId("left"),
        occurred_at=LATER,
        outbound_id=MessageId("first"),
        case_id=opened.case_id,
        purpose=Purpose.REPLY,
        channel="email",
        state=DeliveryState.SENT,
    )
    await stage.play("case-router", left)
    settled = {"outbound_id": MessageId("second"), "settlement": Settlement.RECEIVED}
    await stage.play("case-router", stage.command(SettleDelivery, stage.case(opened), **settled))


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
    case = next(each for each in stage.cases.cases.values() if each.channel == "letter")
    case = case.model_copy(update={"state": CaseState.CLOSED, "closed_at": LATER})
    stage.cases.cases[case.case_id] = case
    assert case.link is not None
    [key] = (await stage.vault.open_keys([case.link.key_id])).values()
    link = FollowLink(unseal(key, Thing("case", case.case_id), "link", case.link))
    stage.now, command = LATER + timedelta(days=400), EventId("renewal")
    asked = RenewLink(event_id=command, occurred_at=stage.now, case_id=case.case_id, proof=link.proof(command))
    [renewed] = await stage.play("case-router", asked)
    await stage.play("notifier", renewed)


async def pages_change(stage: Stage) -> None:
    """What citizens are shown follows what happened, up to the end of the case."""
    told = [publication.event for publication in stage.publisher.published]
    gone = Case(next(iter(stage.cases.cases.values()))).destroy(LATER)
    for event in [*told, *(CASE_EVENTS.events.validate_python(entry.event) for entry in gone.outbox)]:
        if isinstance(event, MessageFiled | CaseMoved | CaseClosed | CaseRerouted | CaseDestroyed | FactStated):
            await stage.play("notifier", event)
        if isinstance(event, CaseDestroyed):
            await stage.play("gdpr-worker", event)
        if type(event) in search_indexer.entry.consumers.SERVES:
            await stage.play("search-indexer", event)
    said = next(each for each in told if isinstance(each, FactStated)).model_dump(exclude={"type", "schema_version"})
    clock = {"clock": "silence", "stage": "decided", "due": LATER.date(), "event_id": "reached"}
    fields = {name: value for name, value in said.items() if name in ClockReached.model_fields}
    await stage.play("notifier", ClockReached.model_validate(fields | clock))


def a_cancelling() -> CancelErasure:
    asked = {"request_id": EventId("erasure"), "cancelled_by": AgentId("dpo")}
    return CancelErasure(event_id=EventId("cancelling"), occurred_at=LATER, **asked)


def an_erasure() -> ErasureRequested:
    asked = {"citizen": CitizenId("citizen-1"), "requested_by": AgentId("dpo"), "decision": "DPO-2026-014"}
    return ErasureRequested(event_id=EventId("erasure"), occurred_at=LATER, **asked)
