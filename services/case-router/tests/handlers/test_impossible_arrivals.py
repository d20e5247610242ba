"""A host may write on its topic without passing the edge: what cannot have come as it says is no case, and no bug."""

from datetime import UTC, datetime, timedelta

import pytest

from guichet.errors import PermanentError

ALICE = "alice@courriel.example"
LAST_MOMENT = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)  # in Paris it is a year that no date can have


async def refusal_of(world, event) -> str:
    """Return the reason why the router can never file an event."""
    with pytest.raises(PermanentError) as refused:
        await world.take(event)
    assert not world.cases.cases
    assert not world.messages.messages
    return refused.value.reason


async def test_a_message_to_no_account_is_a_dead_letter_with_a_name(world):
    event = await world.mail("m", ALICE)
    assert await refusal_of(world, event.model_copy(update={"accounts": ()})) == "no-account"


@pytest.mark.parametrize("field", ["received_at", "occurred_at"])  # a signing key that ended is judged by the latter
@pytest.mark.parametrize("at", [LAST_MOMENT, datetime(1, 1, 1, tzinfo=UTC)])
async def test_a_message_of_a_time_that_cannot_be_is_a_dead_letter_with_a_name(world, at, field):
    event = await world.mail("m", ALICE)
    assert await refusal_of(world, event.model_copy(update={field: at})) == "impossible-arrival"


async def test_a_message_of_next_week_would_move_its_due_date_and_is_refused(world):
    event = await world.mail("m", ALICE, at=world.now + timedelta(days=7))
    assert await refusal_of(world, event) == "impossible-arrival"
