"""A service's page names every topic that it reads or writes, and every collection that it may touch."""

import re
from typing import Final

import pytest

from guichet.contracts.topics import TOPICS
from tests.architecture.pages.citations import ROOT
from tests.attacks.store.store_table import may

SERVICES: Final = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir())
_OF_ALL: Final = {"migrations"}  # each service asks at its start whether the store has its form


def page_of(service: str) -> str:
    return (ROOT / "services" / service / "README.md").read_text()


def part(page: str, heading: str) -> set[str]:
    """Return what stands in backticks under a heading."""
    return set(re.findall(r"`([^`]+)`", page.partition(f"## {heading}\n")[2].partition("\n## ")[0]))


@pytest.mark.parametrize("service", SERVICES)
def test_each_topic_is_named_where_it_is_read_and_where_it_is_written(service: str) -> None:
    page = page_of(service)
    read = {topic.name for topic in TOPICS if service in {consumer.service for consumer in topic.consumers}}
    written = {topic.name for topic in TOPICS if service in topic.producers}
    assert read - {name.split(":")[0] for name in part(page, "Reads")} == set()
    assert written - {name.split(":")[0] for name in part(page, "Writes")} == set()
    others = {topic.name for topic in TOPICS} - read - written
    assert others & (part(page, "Writes")) == set(), "it may not write there"


@pytest.mark.parametrize("service", SERVICES)
def test_each_collection_is_named(service: str) -> None:
    page = page_of(service)
    touched = {name.partition(".")[2] for name, _ in may().get(service, ()) if name.startswith("guichet.")} - _OF_ALL
    named = set(re.findall(r"`(\w+)`", page))
    assert "every collection" in page or touched - named == set()


def test_the_parts_of_a_page_are_found() -> None:
    page = page_of("case-router")
    assert ("case-events" in part(page, "Writes"), "case-commands" in part(page, "Writes")) == (True, False)
    assert "case-commands" in part(page, "Reads")
    assert may()["case-router"]
