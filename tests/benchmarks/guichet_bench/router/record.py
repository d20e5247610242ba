"""Let a router work once under the eyes of a recorder, and keep what it wrote and published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from guichet.contracts.topics import CASE_EVENTS
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings
from guichet_bench.router.pace import pace_of
from guichet_bench.router.process import running
from guichet_bench.router.scene import GROUP, Scene
from guichet_bench.router.traffic import Letter

_RECORDER: Final = "guichet_bench.router.recorder"


@dataclass(frozen=True)
class Recording:
    """Files. earlier, writes: what a router sent to MongoDB for the earlier messages and for those that count.

    events: what it published for the latter, a JSON list a line: key, value, headers.
    """

    earlier: Path
    writes: Path
    events: Path


async def record(scene: Scene, earlier: int, messages: int) -> Recording:
    """Record a traffic of so many earlier messages and so many that count."""
    files = Recording(*(scene.folder / name for name in ("earlier", "writes", "events")))
    filed = scene.traffic("recorded earlier", earlier)
    await _work_off(scene, filed, files.earlier)
    begin = await _ends(scene.kafka)
    await _work_off(scene, scene.traffic("recorded", messages, filed), files.writes)
    await _keep_events(scene.kafka, begin, files.events)
    return files


async def _work_off(scene: Scene, letters: list[Letter], file: Path) -> None:
    await scene.deliver(letters)
    async with running(_RECORDER, {**scene.environment, "RECORDING": str(file)}, scene.log("recorder")) as router:
        await pace_of(GROUP, scene.kafka, {"router": router})


async def _ends(kafka: KafkaSettings) -> dict[TopicPartition, int]:
    async with Offsets(kafka) as offsets:
        return await offsets.ends(await offsets.partitions([CASE_EVENTS.name]))


async def _keep_events(kafka: KafkaSettings, begin: Mapping[TopicPartition, int], file: Path) -> None:
    ends = await _ends(kafka)
    consumer = AIOKafkaConsumer(**client_options(kafka), enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([place for place, end in ends.items() if begin[place] < end])
        for place in consumer.assignment():
            consumer.seek(place, begin[place])
        with file.open("w") as out:
            while any([await consumer.position(place) < ends[place] for place in consumer.assignment()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    out.writelines(f"{_as_json(record)}\n" for record in records)
    finally:
        await consumer.stop()


def _as_json(record: object) -> str:
    key, value, headers = (getattr(record, name) for name in ("key", "value", "headers"))
    return json.dumps([key.decode(), value.decode(), [(name, text.decode()) for name, text in headers]])
