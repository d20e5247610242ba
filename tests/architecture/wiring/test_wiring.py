"""The topic registry names no phantom: who produces and who consumes is exactly who the composition roots wire.

A producer or a consumer in the registry is a right on the broker (guichet.kafka.admin.rights), and a group holds trimming back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guichet.contracts.topics import CASE_EVENTS, DELIVERY_REPORTS, TOPICS, Consumer, Topic
from guichet.kafka.consume.worker import Worker
from tests.architecture.wiring.composed import PROVIDERS, ROOTS, Wired, built_workers, reached_files, wired


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Worker]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in PROVIDERS.items():
            patch.setenv(name, value)
        yield built_workers(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def found(workers: dict[str, Worker]) -> Wired:
    return wired(workers)


def declared(topics: Sequence[Topic[Any]]) -> Wired:
    consumers = [(topic.name, each) for topic in topics for each in topic.consumers]
    return Wired(
        produce={(topic.name, service) for topic in topics for service in topic.producers},
        dead_letter={(topic.name, service) for topic in topics for service in topic.dead_lettered_by},
        broadcast={(name, each.service) for name, each in consumers if each.mode == "broadcast"},
        groups={(name, each.service) for name, each in consumers if each.mode == "group"},
    )


def test_who_is_declared_is_who_is_wired(found: Wired) -> None:
    assert declared(TOPICS) == found


def test_every_worker_is_built(workers: dict[str, Worker]) -> None:
    services = {name: path for name, path in ROOTS.items() if path.name == "app.py"}
    assert set(workers) == {name for name, path in services.items() if any(path.parent.glob("**/consumers.py"))}
    assert all(worker.name == service for service, worker in workers.items())


@pytest.mark.parametrize(
    "phantom",
    [
        replace(CASE_EVENTS, consumers=(*CASE_EVENTS.consumers, Consumer("citizen-portal"))),
        replace(CASE_EVENTS, consumers=(*CASE_EVENTS.consumers, Consumer("ops-console", "broadcast"))),
        replace(CASE_EVENTS, producers=("case-router", "gdpr-worker")),
        replace(DELIVERY_REPORTS, dead_lettered_by=("ingest-sms", "notifier")),
        replace(DELIVERY_REPORTS, consumers=()),
    ],
)
def test_a_phantom_and_a_forgotten_one_are_found(found: Wired, phantom: Topic[Any]) -> None:
    assert declared([phantom if topic.name == phantom.name else topic for topic in TOPICS]) != found


def test_code_that_no_composition_root_reaches_wires_nothing(tmp_path: Path) -> None:
    package = tmp_path / "service"
    package.mkdir()
    (package / "app.py").write_text("from service.door import open_door\nimport service.window\n")
    for name in ("door", "window", "attic"):
        (package / f"{name}.py").write_text("")
    assert {file.name for file in reached_files(package / "app.py")} == {"app.py", "door.py", "window.py"}


@pytest.mark.parametrize("service", sorted({service for topic in TOPICS for service in topic.producers}))
def test_who_publishes_has_a_publisher_and_a_signer_where_its_records_are_signed(service: str) -> None:
    text = "".join(file.read_text() for file in reached_files(ROOTS[service]))
    assert any(opens in text for opens in ("KafkaPublisher(", "connected_edge(", "run_host("))
    signs = any(service in topic.signed_by for topic in TOPICS)
    assert ("signer=" in text) == signs, "who signs nothing needs no key to sign with"
