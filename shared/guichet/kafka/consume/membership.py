"""The client of a group's member: how it joins, and what it means when its next record is gone."""

import os
import socket
from collections.abc import Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.structs import TopicPartition

from guichet.kafka.connection import client_options
from guichet.kafka.not_allowed import not_allowed
from guichet.kafka.sizes import FETCH_BYTES, LARGEST_RECORD
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.worker_stopped import WorkerStoppedError

SESSION_TIMEOUT_MS: Final = 6_000  # a member that died is noticed within this
REBALANCE_TIMEOUT_MS: Final = 30_000  # a batch in work may end within this before its partitions move


def member_name(group: str) -> str:
    """Return how Kafka's tools call this process: `kafka-consumer-groups --describe` then tells who holds what."""
    return f"{group}@{socket.gethostname()}:{os.getpid()}"


def a_member(kafka: KafkaSettings, group: str) -> AIOKafkaConsumer:
    """Return the consumer of one member, not started. It never moves an offset by itself."""
    return AIOKafkaConsumer(
        **client_options(kafka),
        client_id=member_name(group),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="none",
        session_timeout_ms=SESSION_TIMEOUT_MS,
        heartbeat_interval_ms=SESSION_TIMEOUT_MS // 6,
        rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        max_partition_fetch_bytes=LARGEST_RECORD,
        fetch_max_bytes=FETCH_BYTES,
    )


def out_of_range(group: str, error: OffsetOutOfRangeError) -> WorkerStoppedError:
    """Say what the group must read next and the topic no longer holds."""
    lost: Mapping[TopicPartition, int] = error.args[0]
    where = ", ".join(f"{partition.topic}/{partition.partition} at {offset}" for partition, offset in lost.items())
    return WorkerStoppedError(
        f"{group} stopped: the topic no longer holds the next record ({where}). Records may have been lost."
        " docs/operations.md, offset-out-of-range, says how to find out which, and how to go on.",
        alarm=Alarm.OFFSET_OUT_OF_RANGE,
        cause=f"{group}:{next(iter(lost)).topic}",
    )


def no_text(group: str, error: UnicodeDecodeError) -> WorkerStoppedError:
    """Say that the client cannot read past a record: its header's name is no text, which no client of ours writes."""
    return WorkerStoppedError(
        f"{group} stopped: the next record of one of its topics has a header whose name is no text ({error.reason}). No"
        " program of Guichet wrote it. docs/operations.md, bug, says how to go on.",
        alarm=Alarm.BUG,
        cause=f"{group}:{type(error).__name__}",
    )


def stops_no_other(group: str, topics: Sequence[str], error: Exception) -> WorkerStoppedError:
    """Say that the next record of topics that are read apart is gone, or that the client cannot read it."""
    if isinstance(error, OffsetOutOfRangeError):
        return out_of_range(group, error)
    named = ", ".join(topics)
    return WorkerStoppedError(
        f"{group} reads {named} no more: its next record is none ({type(error).__name__}). No program of Guichet wrote"
        f" it. All else goes on. docs/operations.md, bug, says how to go on.",
        alarm=Alarm.BUG,
        cause=f"{group}:{named}:{type(error).__name__}",
    )


def right_withdrawn(group: str, kafka: KafkaSettings, error: KafkaError) -> WorkerStoppedError:
    """Say what a member that was reading may no longer do: its client does not recover from it."""
    refusal = not_allowed(kafka, error)
    assert refusal is not None
    return WorkerStoppedError(
        f"{group} stopped: {refusal}. Then start it again: it goes on where it stood.",
        alarm=Alarm.NOT_ALLOWED,
        cause=refusal.cause,
    )
