"""The worker on the real broker: nothing is lost, whatever fails first."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiokafka.producer import message_accumulator
from aiokafka.record import default_records

from guichet.contracts.topics import Topic
from guichet.errors import PermanentError, TransientError
from guichet.ids import AgentId
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.attempts import Mark
from guichet.kafka.consume import poller as poller_file
from guichet.kafka.consume.loop import BatchLoop
from guichet.kafka.consume.progress import Progress
from guichet.kafka.consume.reader import SHARE_APART
from guichet.kafka.consume.worker import Received, dispatch, in_parallel
from guichet.kafka.dead_letters.index import DeadLetterIndex, IndexedLetter, open_letter, operators_producer, replay
from guichet.kafka.produce.producer import Record
from guichet.kafka.records import RawRecord
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM, RECORDS_HANDLED
from guichet.runtime.worker_stopped import WorkerStoppedError
from guichet_testing.builders.records import Knocked, a_knock, a_topic
from guichet_testing.real.broker import a_topic_with, a_worker, publish, working
from guichet_testing.twins.vault import InMemoryVault
from guichet_testing.until import PATIENCE_S, until

pytestmark = pytest.mark.real


@pytest.fixture
def kafka(kafka_server: Any) -> KafkaSettings:
    return KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)


class Ear:
    """A act that remembers what it heard, and fails on some of it."""

    def __init__(self, failing: dict[str, Exception] | None = None) -> None:
        self.heard: list[str] = []
        self.failing = failing or {}

    async def __call__(self, knock: Knocked) -> None:
        if knock.event_id in self.failing:
            raise self.failing[knock.event_id]
        self.heard.append(knock.event_id)


def knocks(size: int, doors: int = 1) -> list[Knocked]:
    return [a_knock(f"k{n}", door=f"d{n % doors}") for n in range(size)]


async def committed(kafka: KafkaSettings, group: str, topic: Topic[Any]) -> tuple[int, Mark] | None:
    async with Offsets(kafka) as offsets:
        [partition] = await offsets.partitions([topic.name])
        found = (await offsets.committed(group, [partition]))[partition]
    return None if found is None else (found.offset, Mark.read(found.metadata))


async def letters(kafka: KafkaSettings, topic: Topic[Any]) -> list[IndexedLetter]:
    async with DeadLetterIndex(kafka, [topic]) as index:
        return list((await index.letters()).values())


async def test_every_record_is_handled_once_and_the_group_stands_at_the_end(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(1000, doors=7), "worker", partitions=3)
    ear = Ear()
    async with working(a_worker(kafka, [topic], dispatch({Knocked: ear}))):
        await until(lambda: len(ear.heard) >= 1000)
    assert sorted(ear.heard) == sorted(f"k{n}" for n in range(1000))
    async with Offsets(kafka) as offsets:
        assert [lag.records for lag in await offsets.lags([topic])] == [0, 0, 0]


async def test_a_large_batch_is_worked_off_in_parts_and_the_order_of_each_key_is_kept(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(1200, doors=12), "worker", partitions=2)
    heard: dict[str, list[str]] = {}

    async def listen(batch: Sequence[Received[Knocked]]) -> None:
        for received in batch:
            heard.setdefault(received.event.door, []).append(received.event.event_id)
            await asyncio.sleep(0)

    async with working(a_worker(kafka, [topic], in_parallel(listen, 2), batch_size=1200)):
        await until(lambda: sum(map(len, heard.values())) >= 1200, seconds=60)
    assert heard == {f"d{door}": [f"k{n}" for n in range(door, 1200, 12)] for door in range(12)}
    async with Offsets(kafka) as offsets:
        assert [lag.records for lag in await offsets.lags([topic])] == [0] * 2


class NoText(default_records._DefaultRecordBatchBuilderPy):  # type: ignore[misc]
    """Writes a header's name as a client of one's own may: Kafka itself looks at none."""

    def append(self, *record: Any, **more: Any) -> Any:
        appended = super().append(*record, **more)
        self._buffer = self._buffer.replace(b"notext", b"\xff" * 6)
        return appended


async def test_a_record_that_no_client_can_read_stops_the_worker_with_an_alarm_and_nothing_is_lost(
    kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = await a_topic_with(kafka, knocks(3), "worker")
    monkeypatch.setattr(message_accumulator, "DefaultRecordBatchBuilder", NoText)
    async with operators_producer(kafka) as producer:
        await producer.send([Record(topic.name, b"d0", b"?", (("notext", b"x"),))])
    ear = Ear()
    worker = a_worker(kafka, [topic], dispatch({Knocked: ear}))
    stopped = await asyncio.wait_for(worker.serve(asyncio.Event()), PATIENCE_S)
    assert isinstance(stopped, WorkerStoppedError), f"a crash, at each start again: {stopped!r}"
    assert (stopped.alarm, stopped.cause) == (Alarm.BUG, "worker:UnicodeDecodeError")
    found = await committed(kafka, "worker", topic)
    assert found is not None
    assert found[0] == len(ear.heard), "what was not handled is read again"


async def test_what_lies_on_a_topic_apart_stops_no_worker_and_keeps_it_from_no_other_topic(
    kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood, rubbish beyond every ceiling, and at last a record that no client can read."""
    flooded = await a_topic_with(kafka, knocks(3000, doors=40), "worker", partitions=4)
    other = await a_topic_with(kafka, knocks(3), "worker")
    async with operators_producer(kafka) as producer:
        await producer.send([Record(flooded.name, f"d{n}".encode(), b"rubbish") for n in range(12)])
    batches: list[Counter[str]] = []

    async def listen(batch: Sequence[Received[Any]]) -> None:
        batches.append(Counter(each.topic for each in batch))

    few = kafka.model_copy(update={"dead_letters_per_minute": 5})
    async with working(a_worker(few, [flooded, other], listen, batch_size=1200, apart=[flooded])):
        await until(lambda: sum(batches, Counter()) == {flooded.name: 3000, other.name: 3}, seconds=PATIENCE_S)
        assert max(each[flooded.name] for each in batches) <= SHARE_APART
        first = next(place for place, batch in enumerate(batches) if batch[other.name])
        assert first < 5, f"waited for {first} of the {len(batches)} batches of the flood"
        await until(lambda: alarm_of(Alarm.DEAD_LETTER_CEILING, f"worker:{flooded.name}") == 1)
        monkeypatch.setattr(message_accumulator, "DefaultRecordBatchBuilder", NoText)
        async with operators_producer(kafka) as producer:
            await producer.send([Record(flooded.name, b"d0", b"?", (("notext", b"x"),))])
        await until(lambda: alarm_of(Alarm.BUG, f"worker:{flooded.name}:UnicodeDecodeError") == 1)
        await publish(kafka, other, knocks(2))
        await until(lambda: sum(each[other.name] for each in batches) == 5)
    assert len(await letters(kafka, flooded)) == 12


def alarm_of(alarm: Alarm, cause: str) -> float:
    return ALARM.labels(alarm.value, cause)._value.get()


async def test_a_dead_letter_that_no_client_can_read_crashes_nobody_who_looks_at_the_others(
    kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = await a_topic_with(kafka, knocks(1))
    monkeypatch.setattr(message_accumulator, "DefaultRecordBatchBuilder", NoText)
    async with operators_producer(kafka) as producer:
        await producer.send([Record(topic.dead_letters, b"d0", b"?", (("notext", b"x"),))])
    with pytest.raises(TransientError, match="no client can read"):
        await letters(kafka, topic)


@pytest.mark.parametrize("size", [1, 50])
async def test_an_error_in_the_first_batch_of_a_new_group_loses_nothing(
    kafka: KafkaSettings, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = await a_topic_with(kafka, knocks(size), "worker")

    async def broken(_: BatchLoop, __: Sequence[RawRecord]) -> None:
        raise RuntimeError("the loop itself is broken")

    with monkeypatch.context() as patch:
        patch.setattr(BatchLoop, "work", broken)
        crashing = a_worker(kafka, [topic], dispatch({}))
        assert isinstance(await asyncio.wait_for(crashing.serve(asyncio.Event()), PATIENCE_S), RuntimeError)
    assert await committed(kafka, "worker", topic) == (0, Mark())  # where it began, left open
    ear = Ear()
    async with working(a_worker(kafka, [topic], dispatch({Knocked: ear}))):
        await until(lambda: len(ear.heard) >= size)
    assert set(ear.heard) == {f"k{n}" for n in range(size)}
    assert await committed(kafka, "worker", topic) == (size, Mark(clean=True))


async def test_a_transient_error_holds_the_batch_until_it_passes_and_the_member_stays(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(3), "worker")
    ear = Ear({"k1": TransientError("the store is away")})
    async with working(a_worker(kafka, [topic], dispatch({Knocked: ear}))):
        await until(lambda: ear.heard.count("k0") >= 3)
        assert "k1" not in ear.heard
        ear.failing.clear()
        await until(lambda: {"k0", "k1", "k2"} <= set(ear.heard))
    assert await committed(kafka, "worker", topic) == (3, Mark(clean=True))
    assert await letters(kafka, topic) == []


async def test_poison_is_narrowed_down_sealed_and_replayed_to_one_group(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(20), "worker", "other-worker")
    secret = a_knock("poison", note="Madame Dupont")
    await publish(kafka, topic, [secret, a_knock("last")])
    vault, ours, others = InMemoryVault(), Ear({"poison": KeyError("Madame Dupont")}), Ear()
    worker = a_worker(kafka, [topic], dispatch({Knocked: ours}), keys=vault)
    other_worker = a_worker(kafka, [topic], dispatch({Knocked: others}), name="other-worker")
    async with working(worker), working(other_worker):
        await until(lambda: "last" in ours.heard and "last" in others.heard)
        await until(lambda: "poison" in others.heard)
        [indexed] = await letters(kafka, topic)
        letter = indexed.letter
        assert (letter.group, letter.reason, letter.error) == ("worker", "bug", "KeyError")
        assert (letter.topic, letter.partition, letter.offset, letter.about) == (topic.name, 0, 20, "poison")
        assert "Dupont" not in letter.model_dump_json()

        record = await open_letter(letter, vault)
        assert Knocked.model_validate_json(record.value) == secret
        assert record.key == b"front"
        assert "Dupont" in record.error_text

        ours.failing.clear()  # the bug is mended
        async with operators_producer(kafka) as producer:
            await replay(letter, record, producer, by=AgentId("operator"), at=datetime.now(UTC))
        await until(lambda: "poison" in ours.heard)
        await publish(kafka, topic, [a_knock("after")])
        await until(lambda: "after" in others.heard)
    assert others.heard.count("poison") == 1
    [closed] = await letters(kafka, topic)
    assert not closed.is_open


async def test_what_cannot_be_read_becomes_a_dead_letter_and_the_rest_goes_on(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(1), "worker")
    async with operators_producer(kafka) as producer:
        await producer.send([Record(topic.name, b"front", b"\xff not json")])
    await publish(kafka, topic, [a_knock("after")])
    ear = Ear()
    async with working(a_worker(kafka, [topic], dispatch({Knocked: ear}))):
        await until(lambda: "after" in ear.heard)
    [indexed] = await letters(kafka, topic)
    assert (indexed.letter.reason, indexed.letter.offset) == ("unreadable", 1)


async def test_past_the_ceiling_the_worker_stops_and_loses_nothing(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(10), "worker")
    few = kafka.model_copy(update={"dead_letters_per_minute": 3})
    broken = Ear({f"k{n}": PermanentError("broken deploy", reason="broken") for n in range(10)})
    stopped = await asyncio.wait_for(
        a_worker(few, [topic], dispatch({Knocked: broken})).serve(asyncio.Event()), PATIENCE_S
    )
    assert isinstance(stopped, WorkerStoppedError)
    assert "guichet dead-letters list" in str(stopped)
    assert await committed(kafka, "worker", topic) == (3, Mark(clean=True))
    ear = Ear()
    async with working(a_worker(kafka, [topic], dispatch({Knocked: ear}))):
        await until(lambda: len(ear.heard) >= 7)
    assert set(ear.heard) == {f"k{n}" for n in range(3, 10)}
    assert len(await letters(kafka, topic)) == 3


async def test_a_topic_past_the_ceiling_waits_alone_and_is_read_on_after_the_next_start(kafka: KafkaSettings) -> None:
    """A third party that floods its topic with what nobody can read costs the others nothing."""
    flooded = await a_topic_with(kafka, knocks(2, doors=2), "worker", partitions=2)
    calm = await a_topic_with(kafka, [a_knock("calm0")], "worker")
    garbage = [Record(flooded.name, f"d{n}".encode(), b"\xff garbage") for n in range(40)]
    async with operators_producer(kafka) as producer:
        await producer.send(garbage)
    await publish(kafka, flooded, [a_knock(f"after{n}", door=f"d{n}") for n in range(8)])
    few, ear = kafka.model_copy(update={"dead_letters_per_minute": 3}), Ear()
    alarm = ALARM.labels("dead-letter-ceiling", f"worker:{flooded.name}")._value
    async with working(a_worker(few, [flooded, calm], dispatch({Knocked: ear}))):
        await until(lambda: alarm.get() == 1)
        for n in range(1, 4):
            await publish(kafka, calm, [a_knock(f"calm{n}")])
            await until(lambda n=n: f"calm{n}" in ear.heard)  # type: ignore[misc]
    assert len(await letters(kafka, flooded)) == 3
    assert (await committed(kafka, "worker", calm) or (0,))[0] == 4
    ear = Ear()
    async with working(a_worker(kafka, [flooded, calm], dispatch({Knocked: ear}))):
        await until(lambda: len([name for name in ear.heard if name.startswith("after")]) == 8)
    assert len(await letters(kafka, flooded)) == 40, "each a dead letter once, none passed over"


async def test_an_offset_that_the_topic_no_longer_holds_stops_the_worker(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(5), "worker")
    ear = Ear()
    async with working(a_worker(kafka, [topic], dispatch({Knocked: ear}))):
        await until(lambda: len(ear.heard) >= 5)
    await publish(kafka, topic, knocks(5))
    async with Offsets(kafka) as offsets:
        [partition] = await offsets.partitions([topic.name])
        await offsets.delete_before({partition: 8})  # three records vanish that the group had not handled
    stopped = await asyncio.wait_for(
        a_worker(kafka, [topic], dispatch({Knocked: ear})).serve(asyncio.Event()), PATIENCE_S
    )
    assert isinstance(stopped, WorkerStoppedError)
    assert stopped.alarm == "offset-out-of-range"
    assert f"{topic.name}/0 at 5" in str(stopped)
    assert len(ear.heard) == 5  # it did not jump
    assert (await committed(kafka, "worker", topic) or (0,))[0] == 5


async def test_a_crash_loop_ends_in_the_dead_letters(kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash is played: the batch never comes back, and the last commit says nothing of an orderly end."""
    topic = await a_topic_with(kafka, knocks(12), "worker")
    heard: list[str] = []
    crashed = asyncio.Event()

    async def handle(batch: Sequence[Received[Any]]) -> None:
        if any(received.event.event_id == "k7" for received in batch):
            crashed.set()
            await asyncio.sleep(3600)
        heard.extend(received.event.event_id for received in batch)

    monkeypatch.setattr(Progress, "last_commit", lambda self: {})
    monkeypatch.setattr(poller_file, "STOP_GRACE", timedelta(0))
    crashes = 0
    while crashes < 10:
        crashed.clear()
        stopping = asyncio.Event()
        serving = asyncio.ensure_future(a_worker(kafka, [topic], handle).serve(stopping))
        await until(lambda: crashed.is_set() or "k11" in heard)
        stopping.set()
        await serving
        if "k11" in heard:
            break
        crashes += 1
    assert crashes == 5  # twice in a batch, once watched and once not, then three times alone
    [indexed] = await letters(kafka, topic)
    assert (indexed.letter.reason, indexed.letter.about) == ("crash-loop", "k7")
    assert sorted(set(heard)) == sorted(f"k{n}" for n in range(12) if n != 7)


async def test_two_workers_share_the_partitions_and_a_rebalance_loses_nothing(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(100, doors=40), "worker", partitions=4)
    first, second, wanted = Ear(), Ear(), {f"k{n}" for n in range(100)}
    workers = [a_worker(kafka, [topic], dispatch({Knocked: ear})) for ear in (first, second)]
    assert workers[0].share() == 0
    async with working(workers[0]):
        await until(lambda: bool(first.heard))
        assert workers[0].share() == 1
        async with working(workers[1]):
            for nth in range(100):
                more = [a_knock(f"r{nth}-{n}", door=f"d{n}") for n in range(40)]
                wanted |= {knock.event_id for knock in more}
                await publish(kafka, topic, more)
                if second.heard and nth > 3:  # it got partitions of its own, and works on them
                    break
            await until(lambda: wanted <= set(first.heard) | set(second.heard))
            assert [worker.share() for worker in workers] == [0.5, 0.5]
        last = [a_knock(f"last{n}", door=f"d{n}") for n in range(40)]
        await publish(kafka, topic, last)
        await until(lambda: {knock.event_id for knock in last} <= set(first.heard))  # and gave them back


async def test_a_rebalance_waits_for_the_batch_in_work_and_nothing_is_done_twice(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(8, doors=8), "worker", partitions=4)
    started, heard = asyncio.Event(), Ear()

    async def take_time(knock: Knocked) -> None:
        started.set()
        await asyncio.sleep(1.5)  # longer than the other one needs to join
        await heard(knock)

    async with working(a_worker(kafka, [topic], dispatch({Knocked: take_time}))):
        await started.wait()
        async with working(a_worker(kafka, [topic], dispatch({Knocked: heard}))):
            await publish(kafka, topic, [a_knock(f"late{n}", door=f"d{n}") for n in range(8)])
            await until(lambda: len(set(heard.heard)) == 16)
    assert len(heard.heard) == 16


async def test_ready_means_joined_polling_and_the_broker_answers(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(1), "worker")
    ear = Ear()
    worker = a_worker(kafka, [topic], dispatch({Knocked: ear}))
    async with working(worker), httpx.AsyncClient() as client:
        await until(lambda: bool(ear.heard) and worker.port != 0)
        base = f"http://127.0.0.1:{worker.port}"
        assert (await client.get(f"{base}/health/live")).status_code == 200
        ready = await client.get(f"{base}/health/ready")
        assert (ready.status_code, ready.json()["missing"]) == (200, [])
        await until(lambda: RECORDS_HANDLED.labels("worker", topic.name)._value.get() == 1)
        metrics = (await client.get(f"{base}/metrics")).text
    assert f'guichet_records_handled_total{{service="worker",topic="{topic.name}"}} 1.0' in metrics


def test_only_a_registered_group_may_read(kafka: KafkaSettings) -> None:
    with pytest.raises(ValueError, match="not registered"):
        a_worker(kafka, [a_topic("worker")], dispatch({}), name="stranger")


async def test_a_worker_that_stopped_on_purpose_lets_its_alarm_be_seen_and_goes_when_told(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, knocks(3), "lodge")
    few = kafka.model_copy(update={"dead_letters_per_minute": 1})
    worker = a_worker(
        few, [topic], dispatch({Knocked: Ear({f"k{n}": PermanentError("no") for n in range(3)})}), name="lodge",
        seen_after=timedelta(seconds=30),
    )  # fmt: skip
    stopping, said = asyncio.Event(), f'guichet_alarm{{alarm="dead-letter-ceiling",cause="lodge:{topic.name}"}} 1.0'
    serving = asyncio.ensure_future(worker.serve(stopping))
    await until(lambda: worker.port != 0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{worker.port}") as console:
        async with asyncio.timeout(PATIENCE_S):
            while said not in await seen(console):  # noqa: ASYNC110 (a page has no event)
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)  # the group is left by now
        assert not serving.done()
        await seen(console)
    stopping.set()
    assert isinstance(await asyncio.wait_for(serving, PATIENCE_S), WorkerStoppedError)


async def seen(console: httpx.AsyncClient) -> str:
    return (await console.get("/metrics")).text
