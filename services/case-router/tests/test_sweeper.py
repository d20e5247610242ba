"""What a router leaves that is killed between two of its last steps."""

from datetime import timedelta

import pytest

from case_router.app import build_outbox
from case_router.destroyed_cases import DestroyedCases
from case_router.sweeper import Sweeper
from guichet.contracts.case_commands import CloseCase
from guichet.errors import TamperedError, TransientError
from guichet.testing.a_case import ARRIVED
from guichet.testing.tampering import tampered

ALICE = "alice@courriel.example"


def sweeper(world, after_s: float = 31) -> Sweeper:
    return Sweeper(
        cases=world.cases,
        messages=world.messages,
        outbox=build_outbox(world.stores, world.publisher),
        destroyed=DestroyedCases(world.erasing, world.publisher),
        file_again=world.router().file_again,
        after=timedelta(seconds=30),
        clock=lambda: ARRIVED + timedelta(seconds=after_s),
    )


@pytest.fixture
async def left_behind(world):
    """A message and a command, written and never published."""
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    close = CloseCase(event_id="c", occurred_at=ARRIVED, case_id=world.case_of(mail).case_id, issued_by="lea")
    more = await world.mail("n", ALICE, in_reply_to=["m@courriel.example"])
    world.publisher.away = True
    with pytest.raises(TransientError):
        await world.take(more, close)
    world.publisher.away = False
    assert len(world.case_of(mail).outbox) == 2
    return world


async def test_it_is_published_marked_and_taken_out(left_behind):
    assert await sweeper(left_behind).sweep() == 1
    assert [event.type for event in left_behind.published()][-2:] == ["MessageFiled", "CaseClosed"]
    left_behind.check()
    assert await sweeper(left_behind).sweep() == 0


async def test_what_is_younger_may_still_be_in_somebody_s_hands(left_behind):
    assert await sweeper(left_behind, after_s=30).sweep() == 0


async def test_an_erased_message_does_not_come_back_every_time(left_behind):
    for message in list(left_behind.messages.messages.values()):
        await left_behind.vault.destroy_keys([message.content.key_id])
    await sweeper(left_behind).sweep()
    assert await sweeper(left_behind).sweep() == 0


async def test_a_tampered_message_stops_no_sweep(left_behind):
    """A sweep that raises ends the router, and the next one after it."""
    for name, message in list(left_behind.messages.messages.items()):
        left_behind.messages.messages[name] = message.model_copy(update={"content": tampered(message.content)})
    try:
        await sweeper(left_behind).sweep()
    except TamperedError as exc:
        pytest.fail(f"one message was altered, and the router ends: {exc}")
    assert [event.type for event in left_behind.published()][-2:] == ["MessageFiled", "CaseClosed"]
    assert await sweeper(left_behind).sweep() == 0
