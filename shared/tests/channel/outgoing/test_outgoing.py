"""What a sender tells the notifier, whether it runs in its process or behind a socket."""

import asyncio
from datetime import timedelta

import pytest

from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, Waiting, failed, sent
from guichet.channel.outgoing.sender import UnsentBugError
from guichet.contracts.delivery import DeliveryState
from guichet.errors import GuichetError, PermanentError, ThrottledError, TransientError
from guichet.runtime.telemetry.metrics import SEND_SECONDS
from guichet_testing.until import until
from shared.tests.channel.outgoing.faces import LANE, LETTER, Scripted, remote, served


@pytest.fixture(params=["here", "behind a socket"])
async def ask(request, tmp_path):
    """Return a sender for a scripted provider."""
    stack = []

    async def asked(provider):
        if request.param == "here":
            return provider
        server, client = served(tmp_path, provider), remote(tmp_path)
        for each in (server, client):
            entered = await each.__aenter__()
            stack.append(each)
        return entered

    yield asked
    for each in reversed(stack):
        await each.__aexit__(None, None, None)


OUTCOMES = [
    sent(),
    sent("SM1"),
    failed("blocked"),
    Concluded(DeliveryState.DELIVERED, None, "SM2"),
    Deferred("message-refused"),
    Waiting("own-limit", timedelta(seconds=1.5)),
    Waiting("own-limit"),
    Doubtful("connection-lost"),
    Doubtful("server-error", denied=True),
]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=repr)
async def test_what_became_of_an_attempt_is_told_as_it_is(ask, outcome):
    assert await (await ask(Scripted(outcome))).send(LETTER) == outcome


async def test_a_letter_comes_to_its_provider_whole(ask):
    provider = Scripted()
    sender = await ask(provider)
    await sender.send(LETTER)
    await sender.settle(LETTER)
    assert provider.letters == [LETTER, LETTER]


async def test_candidates_are_told_in_their_order(ask):
    candidates = [sent("SM2"), failed("blocked"), Concluded(DeliveryState.READ, None, "SM1")]
    sender = await ask(Scripted(candidates))
    assert [*await sender.settle(LETTER)] == candidates
    assert [*await sender.settle(LETTER)] == []


@pytest.mark.parametrize("verb", ["send", "settle"])
async def test_a_provider_in_trouble_is_no_outcome(ask, verb):
    sender = await ask(Scripted(TransientError("Pigeon: ConnectError")))
    with pytest.raises(TransientError, match="Pigeon: ConnectError") as caught:
        await getattr(sender, verb)(LETTER)
    assert type(caught.value) is TransientError


@pytest.mark.parametrize("verb", ["send", "settle"])
async def test_a_pause_is_obeyed_to_the_microsecond(ask, verb):
    sender = await ask(Scripted(ThrottledError("Pigeon: too many", retry_after=timedelta(seconds=7, microseconds=1))))
    with pytest.raises(ThrottledError) as caught:
        await getattr(sender, verb)(LETTER)
    assert caught.value.retry_after == timedelta(seconds=7, microseconds=1)


async def test_what_no_attempt_could_send_keeps_its_reason(ask):
    sender = await ask(Scripted(PermanentError("no such loft", reason="invalid-address")))
    with pytest.raises(PermanentError) as caught:
        await sender.send(LETTER)
    assert caught.value.reason == "invalid-address"


@pytest.mark.parametrize("verb", ["send", "settle"])
async def test_a_bug_is_a_bug(ask, verb):
    sender = await ask(Scripted(KeyError(LETTER.recipient)))
    with pytest.raises(Exception, match=r".") as caught:
        await getattr(sender, verb)(LETTER)
    assert not isinstance(caught.value, GuichetError)


async def test_a_bug_before_anything_left_is_known_for_one(ask):
    sender = await ask(Scripted(UnsentBugError("KeyError")))
    with pytest.raises(UnsentBugError, match="KeyError"):
        await sender.send(LETTER)


async def test_after_a_trouble_the_next_letter_goes(ask):
    sender = await ask(Scripted(TransientError("away"), KeyError("bug"), sent("SM1")))
    for _ in range(2):
        with pytest.raises((TransientError, Exception)):
            await sender.send(LETTER)
    assert await sender.send(LETTER) == sent("SM1")


async def test_an_attempt_that_takes_too_long_is_in_doubt(ask):
    provider = Scripted(asyncio.sleep(60))
    provider.patience = timedelta(seconds=0.05)
    assert await (await ask(provider)).send(LETTER) == Doubtful("timed-out")


async def test_many_letters_are_under_way_at_once(ask):
    gate = asyncio.Event()

    async def waits():
        await gate.wait()
        return sent()

    provider = Scripted(*[waits() for _ in range(48)])
    sender = await ask(provider)
    sends = [asyncio.create_task(sender.send(LETTER)) for _ in range(48)]
    await until(lambda: len(provider.letters) == 48)
    gate.set()
    assert await asyncio.gather(*sends) == [sent()] * 48


async def test_each_attempt_is_timed_once(ask):
    def observed():
        return sum(
            sample.value
            for metric in SEND_SECONDS.collect()
            for sample in metric.samples
            if sample.name.endswith("_count") and sample.labels.get("provider") == LANE
        )

    sender, before = await ask(Scripted()), observed()
    await sender.send(LETTER)
    assert observed() == before + 1
