"""How a member of a group behaves while partitions come and go; the broker's client is played."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import pytest
from aiokafka.errors import IllegalStateError, UnsupportedCodecError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from guichet.errors import TransientError
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.attempts import CLEAN, OPEN, Mark
from guichet.kafka.consume.reader import Reader
from guichet.kafka.consume.withheld import Withheld
from guichet.kafka.dead_letters.ceiling import CeilingReachedError
from guichet.runtime.settings import KafkaSettings
from guichet_testing.builders.records import a_raw_record, a_topic

TOPIC = a_topic("worker", name="knocks", partitions=2)
ELSE = a_topic("worker", name="rings")
PLACE, OTHER = TopicPartition("knocks", 0), TopicPartition("knocks", 1)
RINGS = TopicPartition("rings", 0)


class PlayedConsumer:
    """Plays aiokafka's consumer: remembers what it was told. fetched: what the next getmany returns."""

    def __init__(self) -> None:
        self.assigned: set[TopicPartition] = set()
        self.paused: set[TopicPartition] = set()
        self.commits: list[Mapping[TopicPartition, OffsetAndMetadata]] = []
        self.sought: dict[TopicPartition, int] = {}
        self.fetched: dict[TopicPartition, list[Any]] = {}

    def assignment(self) -> set[TopicPartition]:
        return set(self.assigned)

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return {"knocks": {0, 1}, "rings": {0}}.get(topic)

    def pause(self, *partitions: TopicPartition) -> None:
        for partition in partitions:
            if partition not in self.assigned:
                raise IllegalStateError(f"No current assignment for partition {partition}")
        self.paused |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.paused -= set(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought[partition] = offset

    async def commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        self.commits.append(offsets)

    async def getmany(self, *_: TopicPartition, **__: Any) -> dict[TopicPartition, list[Any]]:
        fetched, self.fetched = self.fetched, {}
        return fetched


class PlayedOffsets:
    """What the group committed, as the broker would tell."""

    def __init__(self, committed: dict[TopicPartition, OffsetAndMetadata]) -> None:
        self.known = committed
        self.away = False

    async def committed(
        self, _: str, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata | None]:
        if self.away:
            raise TransientError("away")
        return {partition: self.known.get(partition) for partition in partitions}

    async def ends(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 10)

    async def begins(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)


class Scene:
    def __init__(
        self, committed: dict[TopicPartition, OffsetAndMetadata] | None = None, apart: Collection[str] = ()
    ) -> None:
        self.acts: list[str] = []
        self.withheld = Withheld([("worker", "knocks"), ("worker", "rings")])
        self.reader = Reader(
            KafkaSettings(),
            [TOPIC, ELSE],
            "worker",
            release=self.release,
            withheld=self.withheld,
            apart=frozenset(apart),
        )
        self.consumer, self.offsets = PlayedConsumer(), PlayedOffsets(committed or {})
        inner: Any = self.reader
        inner._consumer, inner._offsets = self.consumer, self.offsets

    async def release(self) -> None:
        self.acts.append(f"released with {len(self.consumer.commits)} commits")

    def assign(self, *partitions: TopicPartition) -> None:
        self.consumer.assigned = set(partitions)
        self.reader.on_partitions_assigned(list(partitions))


async def test_a_new_partition_stays_paused_until_its_mark_is_read() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(CLEAN))})
    scene.assign(PLACE)
    assert scene.consumer.paused == {PLACE}
    scene.offsets.away = True
    assert await scene.reader.poll() == []
    assert scene.consumer.paused == {PLACE}
    scene.offsets.away = False
    await scene.reader.poll()
    assert scene.consumer.paused == set()


async def test_its_part_of_the_partitions_is_what_it_was_assigned_and_none_while_they_are_divided_anew() -> None:
    scene = Scene()
    assert scene.reader.held == (0, 3)
    scene.assign(PLACE, RINGS)
    assert scene.reader.held == (2, 3)
    await scene.reader.on_partitions_revoked([PLACE, RINGS])
    assert scene.reader.held == (0, 3)
    scene.assign(PLACE)
    assert scene.reader.held == (1, 3)


async def test_a_partition_left_in_order_is_opened_before_it_is_read() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(CLEAN))})
    scene.assign(PLACE)
    await scene.reader.poll()
    assert scene.consumer.commits == [{PLACE: OffsetAndMetadata(7, str(OPEN))}]
    assert not scene.reader.tracker.is_alone(a_raw_record(7))


async def test_a_partition_over_which_two_crashed_is_read_one_by_one_and_its_mark_stays() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(Mark(attempts=2, in_work=1)))})
    scene.assign(PLACE)
    await scene.reader.poll()
    assert scene.consumer.commits == []
    assert scene.reader.tracker.is_alone(a_raw_record(7))
    assert scene.reader.tracker.attempts(a_raw_record(7)) == 2


async def test_a_group_that_never_committed_begins_at_the_first_record_and_says_so() -> None:
    scene = Scene()
    scene.assign(PLACE)
    await scene.reader.poll()
    assert scene.consumer.sought == {PLACE: 0}
    assert scene.consumer.commits == [{PLACE: OffsetAndMetadata(0, str(OPEN))}]


async def test_a_first_start_that_a_rebalance_overtakes_is_made_with_the_next_assignment() -> None:
    scene = Scene()
    scene.assign(PLACE)
    answer = scene.offsets.begins

    async def rebalanced_meanwhile(partitions: list[TopicPartition]) -> Any:
        scene.offsets.begins = answer  # type: ignore[method-assign]
        await scene.reader.on_partitions_revoked([PLACE])
        scene.assign(PLACE)
        return await answer(partitions)

    scene.offsets.begins = rebalanced_meanwhile  # type: ignore[method-assign]
    await scene.reader.poll()
    assert (scene.consumer.sought, scene.reader.tracker.held) == ({}, [])
    await scene.reader.poll()
    assert (scene.consumer.sought, scene.reader.tracker.held) == ({PLACE: 0}, [PLACE])


async def test_revocation_lets_the_batch_end_then_commits_then_forgets() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(OPEN))})
    scene.assign(PLACE)
    await scene.reader.poll()
    scene.reader.tracker.finished([a_raw_record(7)])
    await scene.reader.on_partitions_revoked([PLACE])
    assert scene.acts == ["released with 0 commits"]
    assert scene.consumer.commits == [{PLACE: OffsetAndMetadata(8, str(CLEAN))}]
    scene.reader.tracker.finished([a_raw_record(8)])  # what ends too late is its new owner's
    await scene.reader.commit()
    assert len(scene.consumer.commits) == 1


async def test_while_holding_nothing_is_taken_and_what_came_is_put_back() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(OPEN))})
    scene.assign(PLACE)
    await scene.reader.poll()
    scene.consumer.assigned = {PLACE, OTHER}
    scene.consumer.fetched = {OTHER: [a_raw_record(40, partition=1), a_raw_record(41, partition=1)]}
    await scene.reader.hold()
    assert scene.consumer.paused == {PLACE, OTHER}
    assert scene.consumer.sought == {OTHER: 40}


async def test_going_on_leaves_new_partitions_paused() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(OPEN))})
    scene.assign(PLACE)
    await scene.reader.hold()
    scene.reader.go_on()
    assert scene.consumer.paused == {PLACE}


async def test_leaving_in_order_says_so_and_abandoning_does_not() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(OPEN))})
    scene.assign(PLACE)
    await scene.reader.poll()
    await scene.reader.tracker.commit()
    assert scene.consumer.commits == []  # nothing finished, nothing said
    await scene.reader.tracker.commit_in_order()
    assert scene.consumer.commits == [{PLACE: OffsetAndMetadata(7, str(CLEAN))}]


async def test_partitions_assigned_while_marks_are_read_are_taken_over_next() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(OPEN)), OTHER: OffsetAndMetadata(9, str(OPEN))})
    scene.assign(PLACE)
    answer = scene.offsets.committed

    async def rebalanced_meanwhile(group: str, partitions: list[TopicPartition]) -> Any:
        scene.offsets.committed = answer  # type: ignore[method-assign]
        scene.assign(OTHER)
        return await answer(group, partitions)

    scene.offsets.committed = rebalanced_meanwhile  # type: ignore[method-assign]
    await scene.reader.poll()
    assert scene.reader.tracker.held == []
    await scene.reader.poll()
    assert scene.reader.tracker.held == [OTHER]


async def test_partitions_taken_away_while_marks_are_read_are_not_taken_over() -> None:
    """A commit for them would go out while the group is joined anew, and cost this member its place in it."""
    scene = Scene({PLACE: OffsetAndMetadata(7, str(CLEAN))})
    scene.assign(PLACE)
    answer = scene.offsets.committed

    async def taken_away_meanwhile(group: str, partitions: list[TopicPartition]) -> Any:
        await scene.reader.on_partitions_revoked([PLACE])
        return await answer(group, partitions)

    scene.offsets.committed = taken_away_meanwhile  # type: ignore[method-assign]
    assert await scene.reader.poll() == []
    assert scene.reader.tracker.held == []
    assert scene.consumer.commits == []


async def test_partitions_that_were_new_when_they_were_taken_away_are_left_alone() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(CLEAN))})
    scene.assign(PLACE)
    await scene.reader.on_partitions_revoked([PLACE])
    await scene.reader.poll()
    assert scene.reader.tracker.held == []
    assert scene.consumer.commits == []


async def test_a_record_of_a_partition_that_is_taken_away_is_its_next_owner_s() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(OPEN))})
    scene.assign(PLACE)
    await scene.reader.poll()
    await scene.reader.on_partitions_revoked([PLACE])
    scene.consumer.fetched = {PLACE: [a_raw_record(7)]}
    assert await scene.reader.poll() == []


async def test_a_commit_that_waited_for_another_says_nothing_of_what_was_given_up_meanwhile() -> None:
    scene = Scene({PLACE: OffsetAndMetadata(7, str(OPEN))})
    scene.assign(PLACE)
    await scene.reader.poll()
    scene.reader.tracker.finished([a_raw_record(7)])
    async with scene.reader.tracker._sending:
        waiting = [
            asyncio.create_task(scene.reader.commit()),
            asyncio.create_task(scene.reader.tracker.note_attempts(a_raw_record(8), 1)),
        ]
        await asyncio.sleep(0)
        scene.reader.tracker.forget([PLACE])
    await asyncio.gather(*waiting)
    assert scene.consumer.commits == []


async def test_a_topic_apart_that_becomes_unreadable_while_its_partition_is_taken_away_ends_nobody() -> None:
    """aiokafka refuses to pause a partition that is not held any more."""
    scene = Scene({place: OffsetAndMetadata(7, str(CLEAN)) for place in (PLACE, OTHER)}, apart={"knocks"})
    scene.assign(PLACE, OTHER)
    await scene.reader.poll()

    async def taken_away_meanwhile(*_: TopicPartition, **__: Any) -> dict[TopicPartition, list[Any]]:
        scene.consumer.assigned = {OTHER}
        raise UnsupportedCodecError("of no library here")

    scene.consumer.getmany = taken_away_meanwhile  # type: ignore[method-assign]
    assert await scene.reader.poll() == []
    assert scene.consumer.paused == {OTHER}


async def test_not_ready_before_it_has_joined() -> None:
    with pytest.raises(TransientError, match="no assignment"):
        await Scene().reader.check()


async def test_an_answer_that_leaves_partitions_out_is_not_taken_for_never_committed() -> None:
    """aiokafka overlooks the error of the answer as a whole; beginning again from it would repeat the whole topic."""

    class LoadingCoordinator:
        def __init__(self) -> None:
            self.answers = [{}, {PLACE: OffsetAndMetadata(7, "")}]

        async def list_consumer_group_offsets(self, *_: Any, **__: Any) -> dict[TopicPartition, OffsetAndMetadata]:
            return self.answers.pop(0)

    offsets: Any = Offsets(KafkaSettings())
    offsets._admin = LoadingCoordinator()
    assert await offsets.committed("worker", [PLACE]) == {PLACE: OffsetAndMetadata(7, "")}


async def test_a_withheld_topic_stays_paused_also_when_its_partitions_come_back_and_the_others_are_read() -> None:
    scene = Scene({place: OffsetAndMetadata(7, str(CLEAN)) for place in (PLACE, RINGS)})
    scene.assign(PLACE, RINGS)
    await scene.reader.poll()
    assert scene.consumer.paused == set()
    scene.withheld.withhold("worker", "knocks", CeilingReachedError("3 dead letters"))
    scene.reader.go_on()
    assert scene.consumer.paused == {PLACE}
    await scene.reader.hold()
    scene.reader.go_on()
    assert scene.consumer.paused == {PLACE}
    await scene.reader.on_partitions_revoked([PLACE, RINGS])
    scene.assign(PLACE, RINGS)
    await scene.reader.poll()
    assert scene.consumer.paused == {PLACE}


async def test_what_waits_on_a_withheld_topic_is_no_sign_of_a_client_that_hangs() -> None:
    scene = Scene({place: OffsetAndMetadata(7, str(CLEAN)) for place in (PLACE, RINGS)})
    scene.assign(PLACE, RINGS)
    await scene.reader.poll()
    assert await scene.reader.waiting() == 6
    scene.withheld.withhold("worker", "knocks", CeilingReachedError("3 dead letters"))
    assert await scene.reader.waiting() == 3
