"""The stack's clock moves every process: sleepers wake, dates follow, and an hour back breaks and doubles nothing.

On real processes, a real broker and a real store.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from citizen_sandbox.play.entry import Direction, Entry, State
from guichet.mongo.client import Database
from guichet.town.long_dates import long_date
from guichet_local.stack import LocalStack
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.town.desk_client import signed_in
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.services import only
from guichet_testing.town.store import VAULT, database_of
from guichet_testing.until import PATIENCE_S, until

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]
NEEDED = ("ingest-email", "ingest-social", "case-router", "notifier", "agent-desk", "gdpr-worker", "citizen-sandbox")
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(
        tmp_path_factory.mktemp("moved-clock"), services=only(*NEEDED, lanes=["mail", "telegram"])
    ) as stack:
        yield stack


@pytest.fixture
def database(stack: LocalStack) -> Database:
    return database_of(stack)


@pytest.fixture
def vault_database(stack: LocalStack) -> Database:
    return database_of(stack, VAULT)


@pytest.fixture
async def sandbox(stack: LocalStack) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(stack.addresses["citizen-sandbox"]) as sandbox:
        yield sandbox


def moved(stack: LocalStack) -> datetime:
    """Return what time it is in the stack."""
    return datetime.now(UTC) + stack.move_clock(timedelta(0))


async def sent(sandbox: SandboxClient, subject: str) -> Entry:
    """Send a mail from a new address; return its receipt."""
    entry = await sandbox.send_mail(sender=f"{subject}@courriel.example", subject=subject, text="Bonjour.")
    assert entry.state is State.ACCEPTED, entry.answer
    return await sandbox.wait_for_mail(address=f"{subject}@courriel.example", timeout=PATIENCE_S)


async def test_a_night_that_is_skipped_is_made_good_at_once(stack: LocalStack, vault_database: Database) -> None:
    before = await vault_database["turns"].count_documents({"ended_at": {"$exists": True}})
    stack.move_clock(2 * A_DAY)

    async def rotated() -> list[dict[str, Any]]:
        wanted = {"began_at": {"$gte": moved(stack) - AN_HOUR}}
        return [each async for each in vault_database["turns"].find(wanted)]

    assert await until(rotated), "the vault's nightly rotation slept on"
    assert await vault_database["turns"].count_documents({"ended_at": {"$exists": True}}) == before + 1


async def test_what_is_over_goes_at_once(stack: LocalStack, database: Database) -> None:
    await database["sessions"].insert_one({"_id": "over tomorrow", "ends_at": moved(stack) + A_DAY})
    stack.move_clock(2 * A_DAY)

    async def is_gone() -> bool:
        return not await database["sessions"].count_documents({})

    assert await until(is_gone), "the round slept on"


async def test_a_message_bears_the_date_of_the_moved_clock(
    stack: LocalStack, database: Database, sandbox: SandboxClient
) -> None:
    stack.move_clock(A_DAY)
    receipt = await sent(sandbox, "avance")
    assert abs(receipt.at - moved(stack)) < timedelta(minutes=1)
    [delivery] = [each async for each in database["deliveries"].find({}).sort("requested_at", -1).limit(1)]
    assert abs(delivery["changed_at"] - moved(stack)) < timedelta(minutes=2)
    [message] = [each async for each in database["messages"].find({"direction": "inbound"})]
    assert abs(message["at"] - moved(stack)) < timedelta(minutes=2)


async def test_what_an_outage_of_ours_holds_up_for_two_days_keeps_the_date_on_which_it_was_received(
    stack: LocalStack, database: Database, sandbox: SandboxClient
) -> None:
    """In the receipt's text, in its deadline, at the desk; and the receipt leaves at once."""
    stack.stop("ingest-social")
    held = await sandbox.send_telegram("thomas-lefevre", "Le feu tricolore du centre est en panne")
    assert held.state is State.WAITING
    stack.move_clock(2 * A_DAY)
    stack.start("ingest-social")
    assert (await sandbox.answered(held, PATIENCE_S)).state is State.ACCEPTED
    receipt = await sandbox.wait_for_telegram("thomas-lefevre", timeout=PATIENCE_S)

    written_on = long_date(held.at, "fr")
    assert written_on != long_date(moved(stack), "fr")
    assert written_on in receipt.text
    case = await database["cases"].find_one({"channel": "telegram"})
    assert case is not None
    delivery = await database["deliveries"].find_one({"case_id": case["_id"]})
    assert delivery is not None
    assert delivery["overdue_at"] == the_example_town().working_days.aee_deadline(held.at)
    message = await database["messages"].find_one({"_id": case["opened_by"]})
    assert message is not None
    assert abs(message["received_at"] - held.at) < timedelta(seconds=2)
    assert abs(message["at"] - moved(stack)) < timedelta(minutes=2)
    async with signed_in(stack, "karim.haddad") as desk:
        path = await desk.case_of(case["reference"])
        assert path is not None
        _, page = await desk.read(path)
    assert f'Reçue le <time datetime="{case["received_at"]:%Y-%m-%dT%H:%MZ}">' in " ".join(page.split())
    assert "d’après l’opérateur du canal" in page
    assert "Arrivée dans Guichet le" in page


async def test_a_receipt_that_waits_for_its_relay_leaves_when_its_time_has_come(
    stack: LocalStack, database: Database, sandbox: SandboxClient
) -> None:
    await sandbox.misbehave("smtp-deferred", 8)
    address = "patience@courriel.example"
    await sandbox.send_mail(sender=address, subject="Patience", text="Bonjour.")

    async def waits_for_minutes() -> bool:
        late = {"state": "pending", "due_at": {"$gte": moved(stack) + timedelta(minutes=2)}}
        return bool(await database["deliveries"].count_documents(late))

    async def moved_on() -> bool:
        if await waits_for_minutes():
            return True
        stack.move_clock(timedelta(seconds=30))
        return False

    assert await until(moved_on)
    await sandbox.misbehave("smtp-deferred", 0)
    stack.move_clock(A_DAY)
    await sandbox.wait_for_mail(address=address, timeout=PATIENCE_S)
    await asyncio.sleep(2)
    assert len(await sandbox.entries(address=address, direction=Direction.RECEIVED)) == 1


async def test_a_clock_that_jumps_while_receipts_leave_takes_no_lease_away(
    stack: LocalStack, sandbox: SandboxClient
) -> None:
    chats = range(810_000_000, 810_000_020)
    for chat in chats:
        await sandbox.send_telegram(writer_id=chat, text="Bonjour.")
        for _ in range(3):
            stack.move_clock(AN_HOUR)  # longer than any lease
            await asyncio.sleep(0.05)
    for chat in chats:
        await sandbox.wait_for_telegram(address=str(chat), timeout=PATIENCE_S)
    await asyncio.sleep(3)
    entries = await sandbox.entries(channel="telegram", direction=Direction.RECEIVED)
    copies = Counter(entry.address for entry in entries)
    assert {address: times for address, times in copies.items() if times > 1} == {}


async def test_an_hour_back_breaks_and_doubles_nothing(
    stack: LocalStack, database: Database, sandbox: SandboxClient
) -> None:
    first = await sent(sandbox, "recule")
    cases = {case["_id"]: case["version"] async for case in database["cases"].find({}, {"version": 1})}
    stack.move_clock(-AN_HOUR)
    second = await sent(sandbox, "ensuite")
    assert second.at < first.at
    reply = await sandbox.send_mail(
        sender="recule@courriel.example", subject="Re", text="Encore.", to=[first.counterpart], reply_to=first
    )
    assert reply.state is State.ACCEPTED

    async def is_filed() -> bool:
        return not await database["messages"].count_documents({"direction": "inbound", "filed": None})

    async def is_published() -> bool:
        return not await database["cases"].count_documents({"outbox.0": {"$exists": True}})

    async def versions_rise() -> bool:
        now = {case["_id"]: case["version"] async for case in database["cases"].find({}, {"version": 1})}
        assert all(now[case] >= version for case, version in cases.items())
        return any(now[case] > version for case, version in cases.items())

    for holds in (is_filed, versions_rise, is_published):
        assert await until(holds)
    stack.move_clock(AN_HOUR)
    await asyncio.sleep(3)
    entries = await sandbox.entries(direction=Direction.RECEIVED)
    for address in ("recule", "ensuite", "avance"):
        assert sum(each.address == f"{address}@courriel.example" for each in entries) == 1
    assert all(state.runs for state in await asyncio.to_thread(stack.supervisor.states)), "a process ended"
