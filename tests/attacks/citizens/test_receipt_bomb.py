"""Whoever writes under another's address does not flood that person under the town's receipts, nor speak through them.

On all that a mail passes through, with the ceiling that a town has, two notifiers and one of them killed in the middle.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import chain
from typing import Any, Final

import pytest

from citizen_sandbox.play.entry import Direction, Entry
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.services import only
from guichet_testing.town.store import DATA
from guichet_testing.town.town import Town, town_in
from guichet_testing.until import until

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

NEEDED: Final = ("ingest-email", "case-router", "notifier", "gdpr-worker", "citizen-sandbox")
CEILING: Final = 10
MAILS: Final = 50
VICTIM: Final = "victime@ailleurs.example"
WORD: Final = "Жгагнезж"
REFERENCE: Final = re.compile(r"\b20\d\d-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
LOOKS: Final = timedelta(seconds=30)  # how often a notifier looks for what was gathered


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    settings = {"GUICHET_NOTIFIER_RECEIPTS_A_DAY": str(CEILING)}
    services = only(*NEEDED, lanes=["mail"])
    async with town_in(tmp_path_factory.mktemp("bomb"), services=services, settings=settings) as town:
        yield town


async def test_a_receipt_bomb_is_the_ceiling_and_one_message_that_names_every_case_once(town: Town) -> None:
    await asyncio.to_thread(town.stack.scale, "notifier", 2)
    await asyncio.gather(*(forged(town.sandbox, nth) for nth in range(MAILS)))
    await asyncio.to_thread(town.stack.kill, "notifier")
    await until(lambda: len(receipts(town)) == MAILS, "every mail is a case")
    await until(town.all_is_handled, "everything is handled")
    await until(lambda: waiting(town) == MAILS - CEILING or left(town) == MAILS, "what leaves by itself has left")
    came = await received(town.sandbox)
    assert len(came) <= CEILING + 1, f"the victim got {len(came)} messages in seconds"
    assert all(each["due_at"] < each["overdue_at"] - timedelta(hours=15) for each in receipts(town) if is_waiting(each))

    the_night_passes(town)
    await until(lambda: left(town) == MAILS, "all of it has left")
    await asyncio.sleep(LOOKS.total_seconds() / 10)
    came = await received(town.sandbox)
    named = Counter(chain.from_iterable(map(named_in, came)))
    assert len(came) <= CEILING + 1, f"the victim got {len(came)} messages"
    assert named == dict.fromkeys(references(town), 1)
    assert datetime.now(UTC) < min(each["overdue_at"] for each in receipts(town))


async def test_what_a_victim_gets_holds_no_word_of_who_wrote(town: Town) -> None:
    came = await received(town.sandbox)
    assert came
    for each in came:
        raw = await town.sandbox.raw(each)
        said = f"{each.subject} {each.text} {each.headers} {raw.decode()}"
        assert WORD not in said, "the town repeats the liar's words"
        assert "gagnez.example" not in said


async def test_who_is_gathered_is_told_by_nothing_that_rests(town: Town) -> None:
    kept, cases = receipts(town), await named_together(town)
    assert {each["lane"] for each in kept} == {"mail"}
    gathered = [each for each in kept if each["case_id"] in cases]  # the killed notifier's may have left after them
    assert len(gathered) == MAILS - CEILING
    written = {each["_id"]: each["at"] for each in town.documents("messages")}
    assert len({each["changed_at"] for each in gathered}) == len(gathered)
    assert len({written[each["_id"]] for each in gathered}) == len(gathered)
    assert len({each["due_at"] for each in gathered}) == len({each["requested_at"] for each in gathered})
    counts = town.documents("receipt_counts")
    assert VICTIM not in str(counts)
    assert not {each["_id"] for each in kept} & {name for each in counts for name in each.get("receipts", ())}


async def forged(sandbox: SandboxClient, nth: int) -> None:
    """Send a mail under the victim's address, from a server that nobody vouches for."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"{WORD} <{VICTIM}>", "contact@mairie.example"
    mail["Subject"] = f"{WORD} {nth}"
    mail["Message-ID"] = f"<bombe-{nth}@ailleurs.example>"
    mail["References"] = f"<http://gagnez.example/{nth}>"
    mail.set_content(f"{WORD}, http://gagnez.example")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename=f"{WORD}.pdf")
    entry = await sandbox.send_raw_mail(mail.as_bytes(), "robot@ailleurs.example", ["contact@mairie.example"])
    await sandbox.answered(entry)


async def received(sandbox: SandboxClient) -> list[Entry]:
    """Return what the victim sees: one that a killed notifier sent again is the same mail, by its Message-ID."""
    came = await sandbox.entries(address=VICTIM, direction=Direction.RECEIVED)
    return [*{each.provider_id: each for each in came}.values()]


def named_in(mail: Entry) -> set[str]:
    return {*REFERENCE.findall(f"{mail.subject} {mail.text}")}


async def named_together(town: Town) -> set[str]:
    """Return the cases that one message named, and not each its own."""
    several = [named for named in map(named_in, await received(town.sandbox)) if len(named) > 1]
    return {case["_id"] for case in town.documents("cases") if case["reference"] in set().union(*several)}


def receipts(town: Town) -> list[dict[str, Any]]:
    return [each for each in town.documents("deliveries") if each["purpose"] == Purpose.AEE]


def references(town: Town) -> list[str]:
    return [case["reference"] for case in town.documents("cases")]


def waiting(town: Town) -> int:
    return sum(map(is_waiting, receipts(town)))


def is_waiting(receipt: dict[str, Any]) -> bool:
    return str(receipt["lane"]) == "mail-gathered" and receipt["state"] == DeliveryState.PENDING


def left(town: Town) -> int:
    return sum(each["state"] == DeliveryState.SENT for each in receipts(town))


def the_night_passes(town: Town) -> None:
    due = {"$set": {"due_at": datetime.now(UTC)}}
    town.store[DATA]["deliveries"].update_many({"lane": "mail-gathered"}, due)
