"""What the conformance suite does not see from outside."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.channel.date_of_receipt import date_of_receipt
from guichet.channel.draft import Draft, DraftFile
from guichet.channel.edge import KEPT_BYTES, KEPT_BYTES_SIGNED, Edge
from guichet.channel.oversize import CONTENT_BYTES, NOTE, WHOLE_TEXT, fit, open_aside
from guichet.channel.provider_files import with_files
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.inbound import DateSource
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.contracts.topics import DELIVERY_REPORTS, INBOUND_SMS, INBOUND_THIRD_PARTY, MIB, Topic
from guichet.errors import BugError, ErasedError, PermanentError, TransientError
from guichet.ids import MessageId, event_id
from guichet_testing.conformance.world import World


def a_draft(world: World, text: str = "Bonjour", *files: DraftFile) -> Draft:
    sender = Identifier(kind="phone", value="+33700990042")
    return Draft(
        channel="sms",
        accounts=("+33700000000",),
        message_id=MessageId("m1"),
        content=InboundContent(sender=(sender,), text=text),
        received_at=world.time,
        sender_key_value=sender.value,
        files=files,
    )


async def test_the_event_id_follows_from_the_message_id() -> None:
    world = World()
    await world.edge.accept(INBOUND_SMS, a_draft(world))
    assert world.received(INBOUND_SMS)[0].event_id == event_id("m1", "MessageReceived")


async def test_a_second_delivery_leaves_the_first_one_s_files_alone() -> None:
    world = World()
    draft = a_draft(world, "Bonjour", DraftFile("scan.pdf", "application/pdf", b"scan"))
    await world.edge.accept(INBOUND_SMS, draft)
    await world.edge.accept(INBOUND_SMS, draft)
    first, second = world.received(INBOUND_SMS)
    assert await world.files(first) == await world.files(second) == [b"scan"]
    assert first.attachments[0].attachment_id != second.attachments[0].attachment_id


async def test_that_two_messages_carry_the_same_file_is_told_by_its_kind_and_size_alone() -> None:
    world = World()
    for name in ("to-social-aid", "to-the-roads"):
        draft = replace(
            a_draft(world, name, DraftFile("scan.pdf", "application/pdf", b"scan")), message_id=MessageId(name)
        )
        await world.edge.accept(INBOUND_SMS, draft)
    [first], [second] = (event.attachments for event in world.received(INBOUND_SMS))
    assert {*first.model_dump().values()} & {*second.model_dump().values()} == {"application/pdf", len(b"scan")}


async def test_file_names_are_sealed_with_the_content() -> None:
    world = World()
    await world.edge.accept(INBOUND_SMS, a_draft(world, "x", DraftFile("divorce.pdf", "application/pdf", b"")))
    [event] = world.received(INBOUND_SMS)
    content = await world.content(event)
    assert content.attachment_names == {event.attachments[0].attachment_id: "divorce.pdf"}
    assert "divorce" not in world.in_clear()


async def test_an_edge_that_hangs_is_an_edge_that_refuses() -> None:
    world = World()
    world.broker.may_confirm.clear()
    edge = Edge(
        keys=world.vault,
        objects=world.objects,
        publisher=world.broker,
        dead_letter=world._dead_letter,
        settings=world.settings,
        now=world.now,
        patience=timedelta(milliseconds=20),
    )
    with pytest.raises(TransientError):
        await edge.accept(INBOUND_SMS, a_draft(world))


@pytest.mark.parametrize("accounts", [(), ("",), ("+33700000000", "")])
async def test_a_message_that_came_to_no_account_is_refused_in_a_sentence(accounts: tuple[str, ...]) -> None:
    world = World()
    with pytest.raises(PermanentError, match="no account") as refused:
        await world.edge.accept(INBOUND_SMS, replace(a_draft(world), accounts=accounts))
    assert refused.value.reason == "no-account"
    assert not world.broker.published


@pytest.mark.parametrize("accounts", [tuple(map(str, range(501))), ("x" * 257,)])
async def test_more_accounts_than_the_router_takes_are_refused_in_a_sentence(accounts: tuple[str, ...]) -> None:
    world = World()
    with pytest.raises(PermanentError, match="at most 500") as refused:
        await world.edge.accept(INBOUND_SMS, replace(a_draft(world), accounts=accounts))
    assert refused.value.reason == "too-many-accounts"
    assert not world.broker.published
    await world.edge.accept(INBOUND_SMS, replace(a_draft(world), accounts=tuple(map(str, range(500)))))
    assert len(world.received(INBOUND_SMS)[0].accounts) == 500


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:30:00Z", "2026-03-03T09:31:00Z", "1999-12-31T23:59:59Z", "0001-01-01T00:00Z"]
)
async def test_a_message_that_came_when_it_cannot_have_is_refused_in_a_sentence(at: str) -> None:
    world = World()
    with pytest.raises(PermanentError, match="cannot be: it is now 2026-03-02T09:30:00") as refused:
        await world.edge.accept(INBOUND_SMS, replace(a_draft(world), received_at=datetime.fromisoformat(at)))
    assert refused.value.reason == "impossible-arrival"
    assert not world.broker.published


async def test_more_files_than_the_router_takes_are_refused_before_any_is_kept() -> None:
    world = World()
    files = [DraftFile("scan.pdf", "application/pdf", b"scan")] * 102
    with pytest.raises(PermanentError, match="102 files") as refused:
        await world.edge.accept(INBOUND_SMS, a_draft(world, "Bonjour", *files))
    assert refused.value.reason == "too-many-files"
    assert not world.broker.published
    await world.edge.accept(INBOUND_SMS, a_draft(world, "Bonjour", *files[1:]))
    assert len(world.received(INBOUND_SMS)[0].attachments) == 101


async def test_a_provider_whose_clock_is_a_little_before_ours_is_believed() -> None:
    world = World()
    await world.edge.accept(INBOUND_SMS, replace(a_draft(world), received_at=world.time + timedelta(hours=23)))
    assert len(world.received(INBOUND_SMS)) == 1


async def test_a_message_has_the_date_that_its_source_gives_beside_its_arrival() -> None:
    world = World()
    took = world.time - timedelta(days=2)
    receipt = date_of_receipt(world.time, took, DateSource.PROVIDER)
    await world.edge.accept(INBOUND_SMS, a_draft(world).dated(receipt))
    [event] = world.received(INBOUND_SMS)
    assert (event.received_at, event.dated_by, event.date_doubt) == (took, DateSource.PROVIDER, None)
    assert event.arrived_at == event.at_our_edge == event.occurred_at == world.time


async def test_messages_that_brought_the_same_files_say_so_under_their_seal() -> None:
    world = World()
    same = [DraftFile("scan.pdf", "application/pdf", b"scan"), DraftFile("b.txt", "text/plain", b"")]
    others = [same[::-1], same[:1], [replace(same[0], name="scan2.pdf"), same[1]], [replace(same[0], content=b"s")]]
    for nth, files in enumerate((same, same, *others, [])):
        await world.edge.accept(
            INBOUND_SMS, replace(a_draft(world, "Bonjour", *files), message_id=MessageId(f"m{nth}"))
        )
    digests = [(await world.content(event)).files_digest for event in world.received(INBOUND_SMS)]
    assert digests[0] == digests[1]
    assert len({*digests}) == len(digests) - 1
    assert digests[-1] is None


async def test_a_message_that_was_received_after_it_came_is_refused_in_a_sentence() -> None:
    world = World()
    draft = replace(a_draft(world), arrived_at=world.time - timedelta(seconds=1))
    with pytest.raises(PermanentError, match="came here before") as refused:
        await world.edge.accept(INBOUND_SMS, draft)
    assert refused.value.reason == "impossible-arrival"
    assert not world.broker.published


async def test_what_a_channel_reads_into_an_impossible_message_is_put_aside_under_that_reason() -> None:
    world = World()

    async def read(_: bytes) -> Draft:
        return replace(a_draft(world), accounts=())

    assert (
        await world.edge.receive(INBOUND_SMS, b"payload", read, lambda _: replace(a_draft(world), accounts=())) is None
    )
    [(_, payload, error)] = world.dead_letters
    assert (payload, getattr(error, "reason", None)) == (b"payload", "no-account")


async def test_a_bug_is_put_aside_under_its_own_reason() -> None:
    world = World()

    async def read(_: bytes) -> Draft:
        raise ZeroDivisionError("a citizen's words")

    assert await world.edge.receive(INBOUND_SMS, b"payload", read) is None
    [(topic, payload, error)] = world.dead_letters
    assert (topic, payload) == ("inbound-sms", b"payload")
    assert isinstance(error, BugError)
    assert (error.reason, error.where) == ("bug", str(error))
    assert re.fullmatch(r"ZeroDivisionError:[\w/]+/test_edge\.py:\d+", error.where)
    assert isinstance(error.__cause__, ZeroDivisionError)


async def test_what_holds_no_message_is_forgotten() -> None:
    world = World()

    async def read(_: bytes) -> None:
        return None

    assert await world.edge.receive(INBOUND_SMS, b"payload", read) is None
    assert not world.dead_letters
    assert not world.broker.published


async def test_a_payload_that_no_record_carries_lies_sealed_in_the_object_store() -> None:
    world = World()
    payload = b"Perrine Vauquelin " + bytes(KEPT_BYTES)
    await world.edge.dead_letter(INBOUND_SMS, payload, PermanentError("x"))
    [(_, beginning, _)], [aside] = world.dead_letters, world.asides
    assert payload.startswith(beginning)
    assert len(beginning) < MIB
    assert "Perrine" not in world.in_clear()
    assert aside is not None
    assert aside.size_bytes == len(payload)
    assert await open_aside(aside, keys=world.vault, objects=world.objects) == payload
    await world.vault.destroy_keys([aside.key_id])
    with pytest.raises(ErasedError):
        await open_aside(aside, keys=world.vault, objects=world.objects)


@pytest.mark.parametrize(
    ("topic", "most"),
    [(INBOUND_SMS, KEPT_BYTES), (INBOUND_THIRD_PARTY, KEPT_BYTES_SIGNED)],
    ids=["ours", "a third party"],
)
async def test_a_payload_that_a_record_carries_lies_there_alone(topic: Topic[Any], most: int) -> None:
    world = World()
    await world.edge.dead_letter(topic, bytes(most), PermanentError("x"))
    assert world.asides == [None]
    assert not world.objects.objects
    await world.edge.dead_letter(topic, bytes(most + 1), PermanentError("x"))
    assert world.asides[1] is not None


def a_report(world: World) -> DeliveryReported:
    return DeliveryReported(
        event_id=event_id("c", "DeliveryReported"),
        occurred_at=world.time,
        outbound_id=MessageId("o"),
        channel="sms",
        provider_id="SM1",
        status="sent",
    )


async def test_a_notice_is_passed_on_or_put_aside_or_left_with_its_source() -> None:
    world = World()

    async def fail(_: bytes) -> Any:
        raise PermanentError("x", reason="unreadable")

    async def report_read(_: bytes) -> DeliveryReported:
        return a_report(world)

    await world.edge.relay(DELIVERY_REPORTS, b"ok", report_read)
    await world.edge.relay(DELIVERY_REPORTS, b"bad", fail)
    assert (len(world.broker.published), len(world.dead_letters)) == (1, 1)
    world.broker.away = True
    with pytest.raises(TransientError):
        await world.edge.relay(DELIVERY_REPORTS, b"ok", report_read)


@given(st.text(st.characters(codec="utf-8"), max_size=50), st.integers(0, 3 * MIB))
@settings(max_examples=25, deadline=None)
def test_any_text_fits_and_nothing_of_it_is_lost(piece: str, length: int) -> None:
    text = (piece or "é") * (length // max(1, len(piece.encode())))
    draft = a_draft(World(), text)
    fitted = fit(draft)
    assert len(fitted.content.model_dump_json().encode()) <= CONTENT_BYTES
    if fitted is not draft:
        assert fitted.files[-1] == DraftFile(WHOLE_TEXT, "text/plain", text.encode())
        assert text.startswith(fitted.content.text.removesuffix(NOTE))


async def test_the_longest_text_that_stays_in_a_record_is_published() -> None:
    world = World()
    draft = a_draft(world, "\x01" * (CONTENT_BYTES // 6 - 100))
    assert fit(draft) is draft
    await world.edge.accept(INBOUND_SMS, draft)  # the twin refuses what the topic refuses


def test_what_cannot_be_cut_is_put_aside() -> None:
    draft = a_draft(World())
    endless = replace(draft, content=draft.content.model_copy(update={"subject": "x" * 3 * MIB}))
    with pytest.raises(PermanentError) as refusal:
        fit(endless)
    assert refusal.value.reason == "oversize"


def test_a_missing_file_is_named_in_the_text() -> None:
    draft = with_files(a_draft(World(), ""), [], [("photo.jpg", "indisponible")])
    assert draft.content.text == "[Fichier « photo.jpg » non récupéré : indisponible]"


def test_a_draft_shows_no_person_when_printed() -> None:
    shown = repr(a_draft(World(), "secret", DraftFile("divorce.pdf", "application/pdf", b"secret")))
    assert "secret" not in shown
    assert "divorce" not in shown
    assert "700990042" not in shown
