"""What hosts gave up goes to the dead letters, all else to the router's handlers."""

import pytest

from case_router.handlers.keep_given_up import keeping_given_up
from guichet.errors import PermanentError, TransientError
from guichet.kafka.records import Received
from guichet_testing.builders.given_up import a_given_up
from guichet_testing.builders.inbound import a_message

PAYLOADS, MESSAGES = [a_given_up("first"), a_given_up("second")], [a_message("one"), a_message("other")]


class Effects:
    """Notes what was handled, and what was kept. failing: raised by the handler of messages."""

    def __init__(self, failing=None):
        self.failing, self.handled, self.kept = failing, [], []

    async def handle(self, batch):
        if self.failing:
            raise self.failing
        self.handled.append([received.event for received in batch])

    async def keep(self, topic, payloads):
        self.kept.append((topic, list(payloads)))


def a_batch(*events):
    return [Received(event, "inbound-third-party", 0, offset) for offset, event in enumerate(events)]


async def test_each_goes_where_it_belongs():
    effects = Effects()
    batch = a_batch(PAYLOADS[0], MESSAGES[0], PAYLOADS[1], MESSAGES[1])
    await keeping_given_up(effects.handle, effects.keep)(batch)
    assert effects.handled == [MESSAGES]
    assert effects.kept == [("inbound-third-party", PAYLOADS)]


@pytest.mark.parametrize("events", [PAYLOADS, MESSAGES])
async def test_who_has_nothing_to_do_is_not_asked(events):
    effects = Effects()
    await keeping_given_up(effects.handle, effects.keep)(a_batch(*events))
    assert (effects.handled == []) is (events is PAYLOADS)
    assert (effects.kept == []) is (events is MESSAGES)


@pytest.mark.parametrize("failing", [TransientError("away"), PermanentError("no")])
async def test_of_a_batch_that_is_tried_again_nothing_is_kept_yet(failing):
    effects = Effects(failing)
    with pytest.raises(type(failing)):
        await keeping_given_up(effects.handle, effects.keep)(a_batch(PAYLOADS[0], MESSAGES[0]))
    assert effects.kept == []
