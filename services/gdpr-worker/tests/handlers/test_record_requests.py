from datetime import UTC, datetime, timedelta

import pytest

from gdpr_worker.domain.erasure import begun, reached
from gdpr_worker.handlers.record_requests import cancel_erasure, record_request
from guichet.contracts.privacy import CancelErasure, ErasureRequested
from guichet.contracts.topics import PRIVACY_REQUESTS
from guichet.data_subject.authority import Authority, kept
from guichet.data_subject.personal_data import PersonalData
from guichet.errors import PermanentError, TransientError
from guichet.ids import AgentId, CitizenId, EventId, MessageId
from guichet.vault.erasure_ledger.entry import ErasureStep, Noted
from guichet_testing.builders.signers import a_signer, a_verifier
from guichet_testing.twins.erasure_ledger import InMemoryErasureLedger
from guichet_testing.twins.publisher import InMemoryPublisher

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ASKED = ErasureRequested(
    event_id=EventId("request-1"),
    occurred_at=NOW,
    citizen=CitizenId("citizen-1"),
    requested_by=AgentId("dpo"),
    decision="DPO-2026-014",
)
SIGNED = a_signer("guichet-cli").sign(PRIVACY_REQUESTS.name, b"request-1", ASKED.model_dump_json().encode())
KEY = b"l" * 32
CANCEL = CancelErasure(
    event_id=EventId("cancel-1"), occurred_at=NOW, request_id="request-1", cancelled_by=AgentId("operator:1000")
)


async def test_a_request_is_kept_then_announced_and_a_replay_changes_nothing():
    ledger, publisher = InMemoryErasureLedger(), InMemoryPublisher()
    await record_request(ASKED, SIGNED, ledger=ledger, publisher=publisher, wake=lambda: None)
    await record_request(ASKED, SIGNED, ledger=ledger, publisher=publisher, wake=lambda: None)
    assert len(ledger.entries) == 1
    assert {publication.event.event_id for publication in publisher.published} == {
        publisher.published[0].event.event_id
    }
    assert publisher.published[0].event.request_id == "request-1"


async def test_a_request_is_kept_although_the_broker_is_away():
    ledger, publisher = InMemoryErasureLedger(), InMemoryPublisher()
    publisher.away = True
    with pytest.raises(TransientError):
        await record_request(ASKED, SIGNED, ledger=ledger, publisher=publisher, wake=lambda: None)
    assert await ledger.find(EventId("request-1"))


async def a_ledger() -> InMemoryErasureLedger:
    ledger = InMemoryErasureLedger()
    await record_request(ASKED, SIGNED, ledger=ledger, publisher=InMemoryPublisher(), wake=lambda: None)
    return ledger


async def test_while_it_waits_it_is_cancelled_once_and_nothing_leads_to_the_person_any_more():
    ledger = await a_ledger()
    for _ in range(2):
        await cancel_erasure(CANCEL, ledger=ledger, tag=lambda name: f"tag-{name}", clock=lambda: NOW)
    entry = await ledger.find(EventId("request-1"))
    assert (entry.step, entry.finished, entry.version) == (ErasureStep.CANCELLED, True, 2)
    assert '"citizen-1"' not in entry.model_dump_json()
    assert entry.tags == ("tag-citizen-1",)


async def test_what_has_begun_is_not_cancelled_and_of_both_at_once_one_alone_holds():
    ledger = await a_ledger()
    find, entry = ledger.find, await ledger.find(EventId("request-1"))

    async def begun_meanwhile(request):
        ledger.find = find
        assert await ledger.replace_if_unchanged(begun(entry, PersonalData(), NOW))
        return entry

    ledger.find = begun_meanwhile
    await cancel_erasure(CANCEL, ledger=ledger, tag=str, clock=lambda: NOW)
    assert (await ledger.find(EventId("request-1"))).step is ErasureStep.BEGUN


async def test_an_unknown_erasure_that_is_to_be_cancelled_is_a_dead_letter():
    with pytest.raises(PermanentError, match="no erasure request-1"):
        await cancel_erasure(CANCEL, ledger=InMemoryErasureLedger(), tag=str, clock=lambda: NOW)


async def test_only_what_a_door_signed_was_asked_for():
    entry = await (await a_ledger()).find(EventId("request-1"))
    believes = Authority(a_verifier(), KEY)
    assert believes.asked_for(entry)
    assert not believes.asked_for(entry.model_copy(update={"signed": None}))
    for another in ({"citizen": CitizenId("citizen-2")}, {"visa": "AD-1"}, {"request_id": EventId("request-2")}):
        assert not believes.asked_for(entry.model_copy(update=another)), another
    assert not Authority(a_verifier("agent-desk"), KEY).asked_for(entry), "no door of those that may ask"
    desk = a_signer("agent-desk").sign(PRIVACY_REQUESTS.name, b"request-1", ASKED.model_dump_json().encode())
    assert not believes.asked_for(entry.model_copy(update={"signed": kept(desk)}))
    cancelling = a_signer("guichet-cli").sign(PRIVACY_REQUESTS.name, b"request-1", CANCEL.model_dump_json().encode())
    assert not believes.asked_for(entry.model_copy(update={"signed": kept(cancelling)}))


async def test_a_request_whose_id_is_no_id_is_a_dead_letter():
    """The DPO is told to type it into a shell."""
    ledger, odd = InMemoryErasureLedger(), ASKED.model_copy(update={"event_id": EventId("1; rm -rf ~")})
    with pytest.raises(PermanentError):
        await record_request(odd, SIGNED, ledger=ledger, publisher=InMemoryPublisher(), wake=lambda: None)
    assert not ledger.entries


async def test_who_moves_a_signed_erasure_on_in_the_ledger_has_nobody_erased():
    """Past the DPO, who was never told, or to an earlier end of the waiting."""
    entry, believes = await (await a_ledger()).find(EventId("request-1")), Authority(a_verifier(), KEY)
    told = reached(entry, ErasureStep.WAITING, NOW, begins_at=NOW + timedelta(days=1))
    waiting = told.model_copy(update={"mark": believes.mark(told)})
    assert believes.asked_for(waiting)
    past_the_dpo = entry.model_copy(update={"step": ErasureStep.WAITING, "begins_at": NOW})
    sooner, further = {"begins_at": NOW}, {"step": ErasureStep.PASSED}
    for moved in (past_the_dpo, waiting.model_copy(update=sooner), waiting.model_copy(update=further)):
        assert not believes.asked_for(moved), f"{moved.step} until {moved.begins_at}: nobody wrote that but an attacker"


async def test_who_adds_another_person_to_a_signed_erasure_has_nobody_erased():
    """Or notes another person's message as theirs: neither is in what the door signed."""
    entry, believes = await (await a_ledger()).find(EventId("request-1")), Authority(a_verifier(), KEY)
    going_on = begun(entry, PersonalData(), NOW).model_copy(update={"citizens": (CitizenId("before"),)})
    marked = going_on.model_copy(update={"mark": believes.mark(going_on)})
    assert believes.asked_for(marked)
    another = {"citizens": (CitizenId("before"), CitizenId("somebody-else"))}
    noted = {"noted": Noted(at=NOW, unfiled=(MessageId("somebody-else-s"),))}
    for changed in (another, noted, {"mark": None}, {"mark": Authority(a_verifier(), b"x" * 32).mark(marked)}):
        assert not believes.asked_for(marked.model_copy(update=changed)), (
            f"{changed} is erased, and nobody asked for it"
        )
    assert not believes.asked_for(entry.model_copy(update=another))
