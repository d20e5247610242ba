"""Each scanned letter is one message that says one thing: whoever types it too, whichever process is killed, twice over."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.domain.entered.taken_down import TakenDown
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.entered.take_down import nothing_is_unreadable
from agent_desk.handlers.letters.file_letter import LEFT_BEHIND, CompletedError, FileLetter
from agent_desk.handlers.letters.recognise_text import NoTextRecognition, ReadTexts
from guichet.channel.edge import Edge
from guichet.contracts.inbound import ChannelName, MessageReceived
from guichet.contracts.topics import INBOUND_DESK
from guichet.errors import TransientError
from guichet.ids import DepartmentId, LetterId
from guichet.runtime.settings import EdgeSettings
from guichet.store.letters import SCAN, SHEET, Letter, LetterSheet
from guichet.store.messages.document import INBOUND_CONTENT
from guichet.store.objects import attachment
from guichet_testing.builders.signers import a_signer
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.store.letters import InMemoryLetters
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault
from tests.replay.two_routers import TOWN, Kills, Unsteady

pytestmark = pytest.mark.timeout(240)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ROADS, STACK = DepartmentId("voirie"), "a-stack"
AGENTS = ("agent-12", "agent-19")  # who both take letters down for the streets department


class Desks:
    """Two processes of the desk over one set of stores, each call of which may fail before or after it took effect."""

    def __init__(self, kills: Kills) -> None:
        self.letters, self.vault, self.objects = InMemoryLetters(), InMemoryVault(), InMemoryObjects()
        self.publisher, self.now = InMemoryPublisher(signer=a_signer("agent-desk")), NOW
        self.processes = [self._process(kills) for _ in AGENTS]

    def _process(self, kills: Kills) -> FileLetter:
        keys = dict.fromkeys(("message_id_key", "ingest_pseudonym_key"), "A" * 43 + "=")
        edge = Edge(
            keys=Unsteady(self.vault, kills),
            objects=Unsteady(self.objects, kills),
            publisher=Unsteady(self.publisher, kills),
            dead_letter=nothing_is_unreadable,
            settings=EdgeSettings.model_validate(keys),
            now=lambda: self.now,
        )
        return FileLetter(
            letters=Unsteady(self.letters, kills),
            vault=Unsteady(self.vault, kills),
            edge=edge,
            audit=InMemoryAuditTrail(),
            texts=ReadTexts(NoTextRecognition()),
            message_id_key=b"m" * 32,
            channel=ChannelName("letter"),
            account=TOWN.main_mailbox,
            clock=lambda: self.now,
        )

    async def bring(self, count: int) -> None:
        """Bring a stack of so many letters."""
        for number, key in enumerate(await self.vault.new_keys(count), 1):
            name = LetterId(f"letter-{number}")
            letter = {"_id": name, "batch": STACK, "number": number, "of": count, "department": ROADS, "pages": 1}
            about = {"added_by": AGENTS[0], "added_at": NOW, "stamp": "2026-11-23"}
            sheet = SHEET.seal(key, name, LetterSheet(scan_sha256=f"{number:064}"))
            scan = SCAN.seal(key, name, scan_of(number))
            await self.letters.insert([Letter.model_validate(letter | about | {"sheet": sheet, "scan": scan})])

    async def type_one(self, place: int, number: int) -> None:
        """Have an agent at their process type a letter until the desk has said what became of it."""
        while True:
            with suppress(TransientError):
                with suppress(CompletedError):
                    await self.processes[place].file(visitor(place), STACK, number, typed(place, number))
                return

    async def go_on(self) -> None:
        """Let both processes go on with what was left behind, until nothing is."""
        self.now += 2 * LEFT_BEHIND
        while await self.letters.begun(self.now - LEFT_BEHIND):
            for process in self.processes:
                with suppress(TransientError):
                    await process.go_on()

    async def said(self, event: MessageReceived) -> tuple[str, bytes]:
        """Return the words of a message and its scan."""
        key = (await self.vault.open_keys([event.content.key_id]))[event.content.key_id]
        words = INBOUND_CONTENT.open(key, event.message_id, event.content).text
        [file] = event.attachments
        box = await self.objects.get(file.attachment_id)
        return words, attachment(file.attachment_id).open_box(key, event.message_id, box)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 5), failures=st.sampled_from([0.0, 0.05, 0.2]))
def test_each_letter_is_one_message_whoever_types_it_and_whoever_is_killed(
    seed: int, count: int, failures: float
) -> None:
    async def play() -> None:
        chance = random.Random(seed)
        desks = Desks(Kills(chance, failures))
        await desks.bring(count)
        work = [(place, number) for place in range(len(AGENTS)) for number in range(1, count + 1)] * 2
        chance.shuffle(work)
        await asyncio.gather(*(desks.type_one(*each) for each in work))
        await desks.go_on()
        await check(desks, count)

    asyncio.run(play())


async def check(desks: Desks, count: int) -> None:
    """See that there are as many messages as letters, each with its scan, and that no letter has anything any more."""
    events: Sequence[MessageReceived] = desks.publisher.on(INBOUND_DESK)
    told: dict[str, set[tuple[str, bytes]]] = {}
    for event in events:
        told.setdefault(event.message_id, set()).add(await desks.said(event))
    found = {scan: words for [(words, scan)] in told.values()}
    assert len(found) == len(told) == count
    for number in range(1, count + 1):
        assert found[scan_of(number)] in {typed(place, number).text for place in range(len(AGENTS))}
    letters = desks.letters.letters.values()
    assert {each.filing.message_id for each in letters if each.filing} == told.keys()
    assert all((each.scan, each.filing and each.filing.typed) == (None, None) for each in letters)
    assert all(each.filed_at for each in letters)


def scan_of(number: int) -> bytes:
    return f"%PDF-1.4 letter {number}".encode()


def typed(place: int, number: int) -> TakenDown:
    """Return what an agent makes of a letter, which is not what the other one does."""
    words = {"name": "Zoé Petit", "subject": "Trou", "text": f"{AGENTS[place]} reads {number}"}
    return TakenDown("once", way="letter", received=date(2026, 11, 23).isoformat(), **words)


def visitor(place: int) -> Visitor:
    """Return an agent who is signed in."""
    [agent] = [each for each in TOWN.agents if each.agent_id == AGENTS[place]]
    return Visitor(agent, TOWN.scope_of(agent, NOW.date()), "session", "token", "fr", TOWN.staff.names)
