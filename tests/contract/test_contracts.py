"""What crosses a topic: every event has an example and a golden schema, and neither changes by accident."""

import json
from pathlib import Path

import pytest

from guichet.contracts.dead_letters import DEAD_LETTER_EVENTS
from guichet.contracts.golden import all_event_types, breaking_changes, dead_letter_types, event_types, version_of
from guichet.contracts.topics import TOPICS
from guichet.privacy.data_map.register import render_register
from guichet.privacy.data_map.retention_page import render_retention
from guichet.store.setup.schema import whole_data_map
from guichet_cli.contracts.command import (
    ASYNCAPI,
    DATA_MAP_PAGE,
    RETENTION_PAGE,
    SCHEMAS,
    current_schema,
    golden_file,
    render_asyncapi,
    render_schema,
)

EXAMPLES = Path(__file__).parents[2] / "shared" / "examples"
CARRIED = [(topic.name, topic.events, event) for topic in TOPICS for event in event_types(topic)]
CARRIED += [("dead-letters", DEAD_LETTER_EVENTS, event) for event in dead_letter_types()]  # on every -dlq
EVENTS = sorted(all_event_types())


def example(place, event, version):
    return EXAMPLES / place / f"v{version}" / f"{event.__name__}.json"


@pytest.mark.parametrize(("place", "events", "event"), CARRIED, ids=lambda part: getattr(part, "__name__", None))
def test_every_event_has_an_example_that_its_consumers_read_back_unchanged(place, events, event):
    text = example(place, event, version_of(event)).read_text()
    read = events.validate_json(text)
    assert type(read) is event
    assert json.loads(events.dump_json(read)) == json.loads(text)


@pytest.mark.parametrize(("place", "events", "event"), CARRIED, ids=lambda part: getattr(part, "__name__", None))
def test_records_of_every_earlier_version_are_still_read(place, events, event):
    for version in range(1, version_of(event)):
        read = events.validate_json(example(place, event, version).read_text())
        assert (type(read), read.schema_version) == (event, version)


def test_no_example_and_no_schema_is_an_orphan():
    written = {
        example(place, event, version) for place, _, event in CARRIED for version in range(1, version_of(event) + 1)
    }
    assert {*EXAMPLES.rglob("*.json")} == written
    assert {*SCHEMAS.rglob("*.json")} == {
        SCHEMAS / f"v{version}" / f"{name}.json"
        for name, event in all_event_types().items()
        for version in range(1, version_of(event) + 1)
    }


@pytest.mark.parametrize("name", EVENTS)
def test_a_contract_equals_its_golden_schema(name):
    golden = golden_file(name).read_text()
    broken = breaking_changes(json.loads(golden), current_schema(name))
    assert not broken, f"incompatible: {broken}. Raise schema_version of {name}."
    assert golden == render_schema(current_schema(name)), "compatible change: run `make contracts` and commit"


def test_asyncapi_is_what_the_registry_says():
    assert ASYNCAPI.read_text() == render_asyncapi(), "run `make contracts` and commit"


def test_the_pages_of_the_data_map_are_what_the_code_declares():
    assert DATA_MAP_PAGE.read_text() == render_register(whole_data_map()), "run `make contracts` and commit"
    assert RETENTION_PAGE.read_text() == render_retention(whole_data_map()), "run `make contracts` and commit"


BASE = {
    "properties": {"a": {"type": "string"}, "b": {"$ref": "#/$defs/B"}},
    "required": ["a"],
    "$defs": {"B": {"enum": ["x", "y"]}},
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"properties": {"b": BASE["properties"]["b"]}}, "event.a is gone"),
        ({"properties": {**BASE["properties"], "a": {"type": "integer"}}}, "event.a changed its kind"),
        ({"properties": {**BASE["properties"], "c": {}}, "required": ["a", "c"]}, "event.c is new and has no default"),
        ({"$defs": {"B": {"enum": ["x"]}}}, "event.b lost the value 'y'"),
        ({"$defs": {"B": {"type": "string"}}}, "event.b changed its kind"),
        ({"$defs": {"B": {"pattern": "^x$"}}}, "event.b changed its kind"),
    ],
)
def test_an_incompatible_change_is_named(change, expected):
    assert breaking_changes(BASE, {**BASE, **change}) == [expected]


def test_a_definition_that_is_gone_is_named():
    old = {**BASE, "$defs": {**BASE["$defs"], "C": {"properties": {}}}}
    assert breaking_changes(old, BASE) == ["definition C is gone"]


@pytest.mark.parametrize(
    "change",
    [
        {"properties": {**BASE["properties"], "c": {"default": None}}},
        {"properties": {**BASE["properties"], "a": {"type": "string", "description": "said better"}}},
        {"$defs": {"B": {"enum": ["x", "y", "z"]}}},
        {"$defs": {"B": {"pattern": "^[a-z]$"}}},
    ],
)
def test_a_compatible_change_is_let_through(change):
    assert breaking_changes(BASE, {**BASE, **change}) == []
