"""An operator follows one mail through every service by its ids, without seeing a word of it."""

import asyncio
import json
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.story, pytest.mark.real]


def lines_of(guichet, service: str) -> list[dict]:
    written = (Path(guichet.folder) / "logs" / f"{service}.log").read_text()
    whole = written.rpartition("\n")[0].splitlines()  # the last one may be half written
    return [json.loads(line) for line in whole if line.startswith("{")]


async def line_with(guichet, service: str, **wanted: str) -> dict:
    """Wait for the last line of a service that says all of `wanted`."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for line in reversed(lines_of(guichet, service)):
            if wanted.items() <= line.items():
                return line
        await asyncio.sleep(0.2)
    pytest.fail(f"{service} never said {wanted}")


async def test_a_mail_is_followed_from_the_edge_to_its_receipt_by_one_trace(sandbox, guichet):
    await sandbox.send_mail("amina-benali", "Un banc cassé", "Le banc du square de la Fontaine est cassé.")
    await sandbox.wait_for_mail("amina-benali")
    accepted = await line_with(guichet, "ingest-email", event="message accepted")
    same = {"trace_id": accepted["trace_id"]}
    filed = await line_with(guichet, "case-router", event="message filed", message_id=accepted["message_id"], **same)
    assert filed["how"] == "opened"
    await line_with(guichet, "sender-mail", event="tried to send", outcome="sent", **same)
    told = await line_with(guichet, "case-router", event="case changed", change="DeliveryRecorded", **same)
    assert told["case_id"] == filed["case_id"]
    for service in ("ingest-email", "case-router", "notifier", "sender-mail"):
        said = json.dumps(lines_of(guichet, service), ensure_ascii=False)
        assert not [word for word in ("Fontaine", "banc", "Amina", "amina") if word in said]
