"""What is said once more to an earlier version, and that nothing that lies on a topic stops it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.earlier_forms import received_in_version_1

EXAMPLE = Path(__file__).parents[2] / "examples" / "inbound-email" / "v2" / "MessageReceived.json"
HEAD = {"type": "MessageReceived", "schema_version": 2}


def json_values() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()))
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff\xfe",
        b"no JSON",
        b"[]",
        b"null",
        b"[" * 100_000,
        json.dumps({**HEAD, "attachments": None}).encode(),
        json.dumps({**HEAD, "attachments": ["a file"]}).encode(),
        json.dumps({**HEAD, "attachments": [{"attachment_id": "a"}]}).encode(),
        json.dumps({**HEAD, "channel": "\ud800"}).encode(),
    ],
    ids=lambda value: value[:60],
)
def test_what_is_no_such_record_is_left_as_it_is(value: bytes) -> None:
    assert received_in_version_1(value) is None


@given(st.binary() | json_values().map(lambda value: json.dumps(value).encode()))
def test_any_record_is_said_again_or_left(value: bytes) -> None:
    assert received_in_version_1(value) is None


@given(st.dictionaries(st.sampled_from(["attachments", "content", "channel", "accounts"]), json_values()))
def test_any_message_is_said_as_version_1_or_left(fields: dict[str, Any]) -> None:
    said = received_in_version_1(json.dumps({**HEAD, **fields}).encode())
    assert said is None or json.loads(said)["schema_version"] == 1


def test_a_message_is_said_as_version_1() -> None:
    said = received_in_version_1(EXAMPLE.read_bytes())
    assert said is not None
    assert json.loads(said)["schema_version"] == 1
