"""A demonstration writes letters like any town and hands none to anybody: seen at the sockets of a process of its own."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from guichet.town.own_accounts import own_accounts
from guichet.town.third_parties import third_parties
from guichet_testing.builders.example_town import EXAMPLE_TOWN

SCRIPT = textwrap.dedent(
    """
    import asyncio, json, sys
    from dataclasses import replace
    from datetime import UTC, datetime
    from pathlib import Path
    from types import SimpleNamespace

    asked = []
    sys.addaudithook(lambda event, args: asked.append(repr(args[-1])) if event in LOOKED_AT else None)

    from guichet.channel.outgoing.letter import Letter
    from guichet.contracts.delivery import Purpose
    from guichet.errors import TransientError
    from guichet.store.deliveries.document import DeliveryDocument
    from guichet.town import load_town
    from guichet_testing.twins.store.deliveries.spending import InMemorySpending
    from notifier import app
    from notifier.handlers.account import NO_JOURNAL

    async def main(town, demonstration, folder):
        settings = SimpleNamespace(
            sender_sockets=Path(folder), notifier_sms_per_second=None, notifier_settle_after=None
        )
        now = lambda: datetime(2026, 5, 4, 9, tzinfo=UTC)
        town = replace(load_town(town), demonstration=demonstration)
        outcomes = {}
        for account, _ in app._accounts(settings, town, None, NO_JOURNAL, InMemorySpending(), now, lambda: 1.0):
            channel = next(each.name for each in town.facts.values() if each.lane == account.name and each.form)
            letter = Letter("a" * 32, channel, "contact@mairie.example", "+33639980101", "Bonjour")
            held = DeliveryDocument(
                _id=letter.outbound_id, case_id="c", purpose=Purpose.AEE, channel=channel, lane=account.name,
                account=letter.account, answers="m", requested_at=now(), due_at=now(), changed_at=now(),
            )
            async def begin():
                return True
            try:
                outcomes[account.name] = (await account.attempt(letter, held, begin)).state.value
            except TransientError:
                outcomes[account.name] = "away"
        return outcomes

    asked.clear()
    outcomes = asyncio.run(main(sys.argv[1], sys.argv[2] == "demonstration", sys.argv[3]))
    print(json.dumps({"outcomes": outcomes, "asked": asked}))
    """
).replace("LOOKED_AT", repr(("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.bind")))


def letters_of(kind: str, folder: Path) -> dict[str, object]:
    command = [sys.executable, "-c", SCRIPT, str(EXAMPLE_TOWN), kind, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_no_letter_of_a_demonstration_opens_a_socket(tmp_path: Path) -> None:
    found = letters_of("demonstration", tmp_path)
    assert found["asked"] == []
    assert found["outcomes"] == {"mail": "sent", "telegram": "sent", "twilio": "sent"}


def test_a_towns_letters_go_to_the_senders_sockets_and_nowhere_else(tmp_path: Path) -> None:
    """So the test above sees what it looks for."""
    found = letters_of("town", tmp_path)
    assert found["outcomes"] == {"mail": "away", "telegram": "away", "twilio": "away"}
    assert len(found["asked"]) == 3  # type: ignore[arg-type]
    assert all(str(tmp_path) in each for each in found["asked"])  # type: ignore[attr-defined]


@pytest.fixture
def demonstration(tmp_path: Path) -> Path:
    for file in EXAMPLE_TOWN.glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    with (tmp_path / "town.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndemonstration: true\n")
    return tmp_path


def test_a_demonstration_has_no_sender_process_and_nobody_elses_code(demonstration: Path) -> None:
    accounts = own_accounts(demonstration)
    assert accounts
    assert not any(each.sends for each in accounts)
    assert third_parties(demonstration) == ()
    assert any(each.sends for each in own_accounts(EXAMPLE_TOWN))
