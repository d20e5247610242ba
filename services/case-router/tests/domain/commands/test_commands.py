"""What agents decide, and what the notifier reports."""

from datetime import timedelta

import pytest

from guichet.contracts.case_commands import CloseCase, RerouteCase, SendReply
from guichet.contracts.case_events import CaseClosed, CaseMoved, CaseRerouted, CaseState, CommandRefused, ReplyRequested
from guichet.contracts.delivery import DeliveryChanged, mail_message_id
from guichet.privacy.pseudonyms import identifier_id, sector_citizen_id
from guichet.store.messages.document import Direction, MessageDocument
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED

ALICE, BOB = "alice@courriel.example", "bob@boite.example"
LATER = ARRIVED + timedelta(hours=1)


class Desk:
    """An agent on one case."""

    def __init__(self, world, mail) -> None:
        self.world, self.mail, self.clicks = world, mail, 0

    @property
    def case(self):
        return self.world.case_of(self.mail)

    def _command(self, kind, **fields):
        self.clicks += 1
        about = {"case_id": self.case.case_id, "issued_by": "lea", "occurred_at": LATER}
        return kind(event_id=f"click-{self.clicks}", **about, **fields)

    async def reply(self, **fields):
        [key] = await self.world.vault.new_keys(1)
        outbound = f"reply-{self.clicks}"
        await self.world.messages.insert_outbound(
            MessageDocument(
                _id=outbound,
                direction=Direction.OUTBOUND,
                channel=self.case.channel,
                accounts=(self.case.account,),
                at=LATER,
                filed=self.case.case_id,
                sector=self.case.sector,
                citizen=self.case.citizen,
                content=seal(key, Thing("message", outbound), "content", b"{}"),
            )
        )
        return self._command(SendReply, **({"outbound_id": outbound} | fields))

    async def reroute(self, department):
        keys = await self.world.vault.open_keys([self.case.subject.key_id])
        thing = Thing("case", self.case.case_id)
        reason = seal(keys[self.case.subject.key_id], thing, f"click-{self.clicks + 1}", b"pas pour nous")
        return self._command(RerouteCase, department=department, reason=reason)

    def close(self):
        return self._command(CloseCase)


@pytest.fixture
async def desk(world) -> Desk:
    mail = await world.mail("m", ALICE, subject="Trottoir", to=["contact@mairie.example", BOB])
    await world.take(mail)
    return Desk(world, mail)


async def test_an_answer_is_asked_for_and_the_case_is_in_progress(world, desk):
    command = await desk.reply()
    await world.take(command)
    [_, asked, moved] = world.published(desk.case)
    assert isinstance(asked, ReplyRequested)
    assert (asked.outbound_id, asked.by, asked.caused_by) == (command.outbound_id, "lea", command.event_id)
    assert isinstance(moved, CaseMoved)
    assert (moved.from_state, moved.to_state) == (CaseState.RECEIVED, CaseState.IN_PROGRESS)
    assert world.commands.commands[command.event_id].done
    world.check()


async def test_a_question_makes_the_case_wait_and_the_answer_to_it_joins(world, desk):
    command = await desk.reply(awaits_answer=True)
    await world.take(command)
    assert desk.case.state == CaseState.WAITING_FOR_CITIZEN
    sent_as = mail_message_id(command.outbound_id, world.town.domain)
    answer = await world.mail("a", ALICE, in_reply_to=[sent_as], at=LATER)
    await world.take(answer)
    assert world.case_of(answer) == desk.case
    assert desk.case.state == CaseState.IN_PROGRESS
    world.check()


async def test_a_command_done_twice_is_done_once(world, desk):
    commands = [await desk.reply(), await desk.reroute("ccas"), desk.close()]
    await world.take(*commands)
    before, events = desk.case, len(world.published())
    await world.take(*commands)
    await world.take_one_by_one(*commands)
    assert desk.case == before
    assert len(world.published()) == events
    world.check()


async def test_a_message_and_a_command_of_one_batch_come_to_one_write(world, desk):
    answer = await world.mail("a", ALICE, in_reply_to=["m@courriel.example"])
    await world.take(answer, await desk.reply(), desk.close())
    assert desk.case.state == CaseState.CLOSED
    assert [event.version for event in world.published(desk.case)] == list(range(1, desk.case.version + 1))
    world.check()


async def test_rerouting_hides_whose_it_is_from_the_former_sector(world, desk):
    more = await world.mail("b", BOB, in_reply_to=["m@courriel.example"])
    reply = await desk.reply()
    await world.take(more, reply)
    before = desk.case
    command = await desk.reroute("ccas")
    await world.take(command)
    case = desk.case
    assert (case.department, case.sector, case.routing.kind) == ("ccas", "social", "agent")
    event = world.published(case)[-1]
    assert isinstance(event, CaseRerouted)
    assert (event.from_department, event.department, event.sector) == ("voirie", "ccas", "social")
    assert event.citizen == case.citizen != before.citizen
    assert (event.from_procedure, event.procedure, case.procedure) == ("signalement-voirie", None, None)
    people = {registry_id_of(world, each) for each in (ALICE, BOB)}
    in_social = {sector_citizen_id(world.keys.sector, "social", citizen) for citizen in people}
    messages = [world.messages.messages[each] for each in (desk.mail.message_id, more.message_id, reply.outbound_id)]
    assert {message.sector for message in messages} == {"social"}
    assert {message.citizen for message in messages} == in_social
    assert world.history.of(case.case_id)[-1].reason_field == command.event_id
    world.check()


def registry_id_of(world, address):
    """Return who is reached at an address: every identifier here has one holder."""

    found = world.identifiers.identifiers[identifier_id(world.keys.registry, "email", address)]
    return found.holders[0].citizen_id


async def test_within_the_sector_the_citizen_keeps_their_id(world, desk):
    before = desk.case.citizen
    await world.take(await desk.reroute("proprete"))
    assert desk.case.citizen == before


async def test_a_message_on_its_way_during_a_rerouting_ends_in_the_new_sector(world, desk):
    """Filed before the re-routing, marked after it: the mark must not bring the former sector back."""
    more = await world.mail("b", BOB, in_reply_to=["m@courriel.example"])
    mark, held = world.messages.mark_filed, []

    async def hold(filings):
        held.extend(filings)

    world.messages.mark_filed = hold
    await world.take(more)
    world.messages.mark_filed = mark
    await world.take(await desk.reroute("ccas"))
    await world.messages.mark_filed(held)
    assert world.messages.messages[more.message_id].sector == "social"


@pytest.mark.parametrize(("department", "why"), [("voirie", "same-department"), ("piscine", "unknown-department")])
async def test_a_rerouting_that_makes_no_sense_is_refused(world, desk, department, why):
    await world.take(await desk.reroute(department))
    refused = world.published(desk.case)[-1]
    assert isinstance(refused, CommandRefused)
    assert refused.why == why
    assert desk.case.department == "voirie"
    assert world.history.of(desk.case.case_id)[-1].state == why


async def test_a_closed_case_takes_no_command(world, desk):
    await world.take(desk.close())
    assert isinstance(world.published()[-1], CaseClosed)
    assert desk.case.closed_at == LATER
    await world.take(desk.close(), await desk.reply(), await desk.reroute("ccas"))
    assert [getattr(event, "why", None) for event in world.published()[-3:]] == ["case-closed"] * 3
    assert desk.case.state == CaseState.CLOSED
    world.check()


async def test_an_answer_nobody_wrote_is_refused(world, desk):
    await world.take(await desk.reply(outbound_id="nothing"))
    assert world.published()[-1].why == "unknown-message"


async def test_an_answer_of_another_case_is_refused(world, desk):
    command = await desk.reply()
    other = await world.mail("n", BOB)
    await world.take(other)
    await world.take(command.model_copy(update={"case_id": world.case_of(other).case_id}))
    assert world.published()[-1].why == "unknown-message"


def delivery(case, state, number=1, reason=None):
    return DeliveryChanged(
        event_id=f"delivery-{number}",
        occurred_at=LATER,
        outbound_id="reply-0",
        case_id=case,
        purpose="reply",
        channel="email",
        state=state,
        reason=reason,
    )


async def test_the_reason_of_a_failure_is_recorded_for_the_agent(world, desk):
    await world.take(delivery(desk.case.case_id, "failed", reason="unsubscribed"))
    assert [event.reason for event in world.published(desk.case)[1:]] == ["unsubscribed"]


async def test_a_report_that_was_overtaken_is_recorded_and_takes_nothing_back(world, desk):
    await world.take(delivery(desk.case.case_id, "delivered", 2))
    await world.take(delivery(desk.case.case_id, "sent"))
    assert desk.case.deliveries == {"reply-0": "delivered"}
    assert [event.state for event in world.published(desk.case)[1:]] == ["delivered", "sent"]


async def test_what_became_of_an_answer_is_recorded_once(world, desk):
    reports = [delivery(desk.case.case_id, "sent"), delivery(desk.case.case_id, "delivered", 2)]
    await world.take(*reports)
    await world.take(*reports)
    assert desk.case.deliveries == {"reply-0": "delivered"}
    assert [event.type for event in world.published(desk.case)] == ["CaseOpened", *["DeliveryRecorded"] * 2]
    world.check()


async def test_a_report_that_outlives_its_case_is_no_dead_letter(world, desk):
    await world.take(delivery("erased", "sent"), desk.close())
    assert desk.case.state == CaseState.CLOSED
