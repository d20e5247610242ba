"""What Guichet shows beside its files: metrics, pages without persons, names in the broker and the database, processes."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import psutil
from aiokafka.admin import AIOKafkaAdminClient

from guichet.kafka.connection import client_options
from guichet_local.stack import LocalStack
from guichet_testing.town.store import looked_into

Shown = dict[str, bytes]  # what it is → what it says

_ADDRESSES = re.compile(r'(?:href|src|action|hx-get|hx-post|sse-connect)="([^"]*)"')
_WITHOUT_PERSONS = ("/", "/consignes", "/api/overview")


async def metrics_and_console(addresses: Mapping[str, str], services: Mapping[str, str]) -> Shown:
    """Return every service's metrics and health, and the console's pages. services: name → base URL."""
    shown: Shown = {}
    async with httpx.AsyncClient(trust_env=False) as http:
        for name, base in services.items():
            for what in ("metrics", "health/ready"):
                answer = await http.get(f"{base}/{what}")
                assert answer.status_code == 200, f"{name}/{what}: {answer.status_code}"
                shown[f"{what} of {name}"] = answer.content
        for path in _WITHOUT_PERSONS:
            answer = await http.get(addresses["ops-console"] + path)
            assert answer.status_code == 200, f"ops-console{path}: {answer.status_code}"
            shown[f"ops-console {path}"] = answer.content
    return shown


def addresses_in(pages: Mapping[str, str]) -> Shown:
    """Return the addresses that pages lead to."""
    return {f"addresses in {path}": "\n".join(_ADDRESSES.findall(page)).encode() for path, page in pages.items()}


async def names_in_the_broker(stack: LocalStack) -> Shown:
    """Return the names of topics and groups. What the groups' members call themselves lies in __consumer_offsets."""
    admin = AIOKafkaAdminClient(**client_options(stack.kafka_admin))
    await admin.start()
    try:
        topics = await admin.list_topics()
        groups = [name for name, _ in await admin.list_consumer_groups()]
    finally:
        await admin.close()
    return {"topic names": "\n".join(topics).encode(), "group names": "\n".join(groups).encode()}


def talk_of_the_database(stack: LocalStack) -> Shown:
    """Return what mongod says of itself: names, indexes, running operations with their comments, the profiler."""
    with looked_into(stack) as client:
        running = list(client.admin.aggregate([{"$currentOp": {"allUsers": True, "idleConnections": True}}]))
        shown = {"mongod currentOp": _json(running)}
        for name in client.list_database_names():
            shown[f"mongod collections of {name}"] = _json(list(client[name].list_collections()))
            shown[f"mongod profile of {name}"] = _json(list(client[name]["system.profile"].find()))
    return shown


def processes(stack: LocalStack) -> Shown:
    """Return the command line and the environment of supervisord and of everything that it runs."""
    [supervisor] = {psutil.Process(state.pid).parent() for state in stack.supervisor.states() if state.pid}
    assert supervisor is not None
    return {
        f"process {each.pid} ({each.name()})": _json([each.cmdline(), each.environ()])
        for each in _alive([supervisor, *supervisor.children(recursive=True)])
    }


def _alive(found: list[psutil.Process]) -> Iterator[psutil.Process]:
    yield from (each for each in found if each.is_running() and each.status() != psutil.STATUS_ZOMBIE)


def _json(value: Any) -> bytes:
    return json.dumps(value, default=repr, ensure_ascii=False).encode()
