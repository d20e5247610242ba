"""A host may write on its topic without passing the edge: what cannot have come as it says is no case, and no bug."""

from datetime import UTC, datetime, timedelta

import pytest

from guichet.contracts.inbound import Attachment
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


def accounts(count, first=0, length=32):
    """Return as many accounts, each of that length."""
    return tuple(f"{number:0{length}}" for number in range(first, first + count))


@pytest.mark.parametrize("named", [accounts(501), accounts(1, length=257)])
async def test_more_accounts_than_a_town_has_are_a_dead_letter_with_a_name(world, named):
    event = await world.mail("m", ALICE)
    assert await refusal_of(world, event.model_copy(update={"accounts": named})) == "too-many-accounts"


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_message_that_comes_again_and_again_to_other_accounts_fills_no_document(world, at_once):
    event = await world.mail("m", ALICE)
    first, more, over = (event.model_copy(update={"accounts": accounts(250, nth)}) for nth in (0, 250, 251))
    await world.take_one_by_one(first, more)
    before = world.messages.messages[event.message_id]
    with pytest.raises(PermanentError) as refused:
        await (world.take(first, more, over) if at_once else world.take(over))
    assert refused.value.reason == "too-many-accounts"
    assert world.messages.messages[event.message_id] == before
    assert len(before.accounts) == 500
    await world.take(first, more)  # what is noted already is taken as ever
    world.check()


@pytest.mark.parametrize("field", ["received_at", "occurred_at"])  # a signing key that ended is judged by the latter
@pytest.mark.parametrize("at", [LAST_MOMENT, datetime(1, 1, 1, tzinfo=UTC)])
async def test_a_message_of_a_time_that_cannot_be_is_a_dead_letter_with_a_name(world, at, field):
    event = await world.mail("m", ALICE)
    assert await refusal_of(world, event.model_copy(update={field: at})) == "impossible-arrival"


async def test_a_message_of_next_week_would_move_its_due_date_and_is_refused(world):
    event = await world.mail("m", ALICE, at=world.now + timedelta(days=7))
    assert await refusal_of(world, event) == "impossible-arrival"


def files(count, length=32):
    """Return as many files, with ids of that length."""
    return tuple(named(f"{number:0{length}}") for number in range(count))


def named(attachment_id):
    return Attachment(attachment_id=attachment_id, content_type="text/plain", size_bytes=1)


@pytest.mark.parametrize("attachments", [files(102), files(1, length=65), files(1, length=31), (named("../x" * 8),)])
async def test_more_files_than_any_channel_hands_over_are_a_dead_letter_with_a_name(world, attachments):
    event = await world.mail("m", ALICE)
    assert await refusal_of(world, event.model_copy(update={"attachments": attachments})) == "too-many-files"


@pytest.mark.parametrize("field", ["message_id", "edits", "event_id"])
@pytest.mark.parametrize("name", ["m" * 65, "$erased_at", "", "a b"])
async def test_an_id_that_no_adapter_makes_is_a_dead_letter_with_a_name(world, field, name):
    """Its case keeps it in many places, and is one document; no event could carry it on."""
    event = await world.mail("m", ALICE)
    assert await refusal_of(world, event.model_copy(update={field: name})) == "impossible-id"


@pytest.mark.parametrize("name", ["k" * 65, "restoring"])
async def test_a_key_whose_id_is_none_of_the_vaults_is_a_dead_letter_with_a_name(world, name):
    event = await world.mail("m", ALICE)
    sealed = event.content.model_copy(update={"key_id": name})
    assert await refusal_of(world, event.model_copy(update={"content": sealed})) == "too-many-files"


async def test_a_mail_with_all_files_that_it_may_have_and_its_whole_text_is_taken(world):
    event = (await world.mail("m", ALICE)).model_copy(update={"attachments": files(101)})
    await world.take(event)
    assert len(world.messages.messages[event.message_id].attachments) == 101


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_message_that_comes_again_and_again_under_new_keys_fills_no_document(world, at_once):
    first, *again = [await world.mail("m", ALICE) for _ in range(52)]
    await world.take_one_by_one(first, *again[:-1])
    before = world.messages.messages[first.message_id]
    with pytest.raises(PermanentError) as refused:
        await (world.take(*again) if at_once else world.take(again[-1]))
    assert refused.value.reason == "too-many-copies"
    assert world.messages.messages[first.message_id] == before
    assert len(before.copies) == 50
    await world.take(*again[:-1])  # what is noted already is taken as ever
    world.check()
