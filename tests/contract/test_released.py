"""Services of a released version run beside today's on the same topics: each reads what the other writes.

`shared/released/<commit>` has the examples and the golden schemas that a version was released with. Read by today's models: every
record of then. Read by the version of then: every record of today, but for what is written down here, and in docs/upgrading.md.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from guichet.contracts.dead_letters import DEAD_LETTER_EVENTS
from guichet.contracts.earlier_forms import SINCE
from guichet.contracts.golden import all_event_types, breaking_changes, version_of
from guichet.contracts.topics import TOPICS
from guichet_cli.contracts.command import current_schema

ROOT: Final = Path(__file__).parents[2]
RELEASED: Final = ROOT / "shared" / "released"
EXAMPLES: Final = ROOT / "shared" / "examples"
LAST: Final = "41b1abb7"
UPGRADING: Final = (ROOT / "docs" / "upgrading.md").read_text()

NOT_READ: Final[dict[str, set[str]]] = {
    # Why work on a case was refused, which it does not know; an answer to an address that an agent chose; what became
    # of an acknowledgement; that a letter was posted.
    LAST: {"CommandRefused", "DeliveryChanged", "DeliverySettled", "ReplyRequested", "SendReply", "SettleDelivery"},
    # A channel of another package, and what no version of then could decide, report or owe.
    "1129a30": {
        "CaseOpened",
        "CommandRefused",
        "DeliveryChanged",
        "DeliveryReported",
        "MessageFiled",
        "MessageReceived",
        "ReplyRequested",
        "SendReply",
    },
}
"""Events of which a version does not read every record of today; docs/upgrading.md says what becomes of them."""
NEW_SINCE: Final = {
    LAST: {
        *("AddNote", "AssignCase", "CaseAssigned", "CaseReopened", "CaseSnoozed"),
        *("NoteAdded", "ReopenCase", "SnoozeCase", "StateFact", "FactStated", "ReceiptOwed", "ClockReached"),
        *("MarkTask", "WorkflowBegun", "TaskMarked", "StepReached"),
    },
    "1129a30": {
        *(
            "AbuseDeclared",
            "AbuseLifted",
            "AddNote",
            "AssignCase",
            "CancelErasure",
            "CaseAssigned",
            "CaseReopened",
            "CaseSnoozed",
            "ConfirmSender",
            "ConfirmSpam",
            "DeclareAbuse",
            "DeliverySettled",
        ),
        *(
            "LiftAbuse",
            "LinkRenewed",
            "NoteAdded",
            "PayloadGivenUp",
            "ReleaseMail",
            "RenewLink",
            "ReopenCase",
            "SenderConfirmed",
            "SettleDelivery",
            "SnoozeCase",
        ),
        *(
            "StateFact",
            "FactStated",
            "ReceiptOwed",
            "ClockReached",
        ),
        *("MarkTask", "WorkflowBegun", "TaskMarked", "StepReached"),
    },
}
ADAPTERS: Final = {topic.name: topic.events for topic in TOPICS} | {"dead-letters": DEAD_LETTER_EVENTS}


def examples(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each example with its topic."""
    for file in sorted(folder.rglob("*.json")):
        yield file.relative_to(folder).parts[0], file


def newest(event: str) -> Iterator[tuple[str, Path]]:
    """Yield today's examples of an event, in the version that is written today."""
    version = f"v{version_of(all_event_types()[event])}"
    yield from (
        (topic, file) for topic, file in examples(EXAMPLES) if (file.stem, file.parent.name) == (event, version)
    )


def schemas_of(commit: str) -> dict[str, dict[str, Any]]:
    """Return the schema of each event as a version writes and reads it: the newest of its own."""
    files = sorted((RELEASED / commit / "schemas").glob("*/*.json"))  # a later version stands later
    return {file.stem: json.loads(file.read_text()) for file in files}


VERSIONS: Final = sorted(path.name for path in RELEASED.iterdir())
OF_THEN: Final = [(commit, *each) for commit in VERSIONS for each in examples(RELEASED / commit / "examples")]


@pytest.mark.parametrize(("commit", "topic", "file"), OF_THEN, ids=lambda part: getattr(part, "stem", part))
def test_today_reads_what_a_released_version_wrote(commit: str, topic: str, file: Path) -> None:
    read = ADAPTERS[topic].validate_json(file.read_text())
    assert type(read).__name__ == file.stem


@pytest.mark.parametrize("commit", VERSIONS)
def test_a_released_version_reads_what_today_writes(commit: str) -> None:
    unread = {
        event
        for event, schema in schemas_of(commit).items()
        for _, file in newest(event)
        if [*jsonschema.Draft202012Validator(schema).iter_errors(json.loads(file.read_text()))]
    }
    assert unread <= NOT_READ[commit]


@pytest.mark.parametrize("commit", VERSIONS)
def test_no_record_of_today_can_be_one_that_a_released_version_does_not_read(commit: str) -> None:
    """Also of what no example says: a value that an enumeration has got since, a field that went."""
    broken = {
        event: found
        for event, schema in schemas_of(commit).items()
        if (found := unreadable(event, schema)) and event not in NOT_READ[commit]
    }
    assert broken == {}


def unreadable(event: str, schema: dict[str, Any]) -> list[str]:
    """Return what a reader of this schema stumbles over; a field that it does not know is none."""
    return [each for each in breaking_changes(current_schema(event), schema) if not each.endswith(" is gone")]


@pytest.mark.parametrize("commit", VERSIONS)
def test_events_that_a_released_version_does_not_know_are_written_down(commit: str) -> None:
    assert all_event_types().keys() - schemas_of(commit).keys() == NEW_SINCE.get(commit, set())


@pytest.mark.parametrize("file", [file for _, file in newest("MessageReceived")], ids=lambda file: file.parts[-3])
def test_a_message_that_is_said_again_is_read_by_the_version_of_then(file: Path) -> None:
    record = json.loads(file.read_text())
    said = SINCE[22](json.dumps(record).encode())
    assert said is not None
    schema = schemas_of("1129a30")["MessageReceived"]
    if file.parts[-3] == "inbound-third-party":
        return  # a topic that it does not read: what lies there waits for the next upgrade
    jsonschema.validate(json.loads(said), schema)
    kept = json.loads(said)
    assert {name: kept[name] for name in ("message_id", "content", "accounts", "received_at")} == {
        name: record[name] for name in ("message_id", "content", "accounts", "received_at")
    }
    assert SINCE[22](said) is None  # said once


def test_the_page_says_what_an_earlier_version_does_not_read() -> None:
    named = {event for commit in VERSIONS for event in (*NOT_READ[commit], *NEW_SINCE.get(commit, ()))}
    assert [event for event in sorted(named) if f"`{event}`" not in UPGRADING] == []
