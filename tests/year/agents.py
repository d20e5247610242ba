"""What agents do about each case, and when: chosen by its number and the seed. Some they never look at."""

import heapq
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, Final

from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import CloseCase, SendReply, StateFact
from guichet.contracts.case_events import CaseOpened
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import MessageId, derive_id
from guichet.store.messages.document import OUTBOUND_CONTENT, Direction, MessageDocument, OutboundContent
from guichet.store.notes import Note
from tests.year.arrivals import Arrival
from tests.year.law import SILENCE, is_working
from tests.year.messages import AGENT, BY_HAND
from tests.year.town import LivingTown

PROCEDURES: Final[Mapping[str, Sequence[str]]] = {
    "voirie": ("signalement-voirie", "signalement-voirie", "guirlande", "terrasse"),
    "proprete": ("signalement-proprete", "signalement-proprete", "signalement-proprete", "reclamation"),
    "espaces-verts": ("signalement-espaces-verts", "signalement-espaces-verts", "documents-administratifs"),
    "etat-civil": ("acte-etat-civil", "attestation-accueil"),
    "scolaire": ("cantine", "reclamation"),
    "ccas": ("aide-sociale",),
    "tranquillite-publique": ("tranquillite", "recours-gracieux"),
}
"""What agents of a department take its cases for."""
ANY_DEPARTMENT: Final = ("reclamation", "documents-administratifs", "recours-gracieux")
CONFIRMED, DECIDED, NOTIFIED, ANSWERED, CLOSED = "confirmed", "decided", "notified", "answered", "closed"


@dataclass
class Work:
    """What is done about one case. done: each deed's day, once it was done."""

    opened: CaseOpened
    procedure: str
    done: dict[str, date] = field(default_factory=dict)


@dataclass
class Agents:
    """All of the town's, at the desk on working days."""

    seed: int
    works: dict[str, Work] = field(default_factory=dict)
    _due: list[tuple[date, int, str, str]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)

    def take_up(self, opened: CaseOpened, arrival: Arrival, today: date) -> None:
        """Plan what is done about a new case."""
        rng = random.Random(f"{self.seed}:{arrival.number}")
        work = Work(opened, rng.choice(PROCEDURES.get(opened.department, ANY_DEPARTMENT)))
        self.works[opened.case_id] = work
        if arrival.is_planted or arrival.is_automatic:
            return
        for deed, days in _plan(rng, work.procedure, is_answered=arrival.channel not in BY_HAND):
            heapq.heappush(self._due, (today + timedelta(days=days), next(self._order), opened.case_id, deed))

    async def work(self, today: date, town: LivingTown) -> bool:
        """Do what is due, on a day on which the desk is open; return whether anything was."""
        if not is_working(today) or not self._due or self._due[0][0] > today:
            return False
        while self._due and self._due[0][0] <= today:
            _, _, case_id, deed = heapq.heappop(self._due)
            work = self.works[case_id]
            await _do(work, deed, town)
            work.done[deed] = today
        return True


def _plan(rng: random.Random, procedure: str, *, is_answered: bool) -> Iterator[tuple[str, int]]:
    """Yield deeds and after how many days, in their order."""
    last = 0
    if is_answered and rng.random() < 0.35:
        last = rng.randint(0, 9)
        yield ANSWERED, last
    if rng.random() < 0.85:
        after = rng.choice((0, 0, 1, 1, 2, 3, 5, 8, 13, 20, 40))
        yield CONFIRMED, after
        last = max(last, after)
        if SILENCE.get(procedure) is not None and rng.random() < 0.5:
            after += rng.choice((1, 5, 12, 25, 50, 70))
            yield DECIDED, after
            yield NOTIFIED, after
            last = max(last, after)
    if rng.random() < 0.7:
        yield CLOSED, last + rng.randint(0, 10)


async def _do(work: Work, deed: str, town: LivingTown) -> None:
    at = town.clock()
    about: dict[str, Any] = {
        "event_id": derive_id("year-command", work.opened.case_id, deed),
        "case_id": work.opened.case_id,
        "issued_by": AGENT,
        "occurred_at": at,
    }
    if deed == ANSWERED:
        command: Any = SendReply(**about, outbound_id=await _written(work, town), answers=work.opened.message_id)
    elif deed == CLOSED:
        command = CloseCase(**about)
    else:
        command = StateFact(**about, fact=await _fact(work, deed, at, town))
    town.bus.hand_in(CASE_COMMANDS.name, command, work.opened.case_id)


async def _fact(work: Work, deed: str, at: datetime, town: LivingTown) -> StatedFact:
    if deed == CONFIRMED:
        return StatedFact(event=FactKind.PROCEDURE_CONFIRMED, at=at, procedure=work.procedure)
    if deed == NOTIFIED:
        return StatedFact(event=FactKind.DECISION_NOTIFIED, at=at, way="posted")
    words, case_id = derive_id("year-words", work.opened.case_id), work.opened.case_id
    sealed = Sealed(key_id=derive_id("year-key", case_id), box=b"words")
    await town.stores.notes.insert(Note(_id=words, case_id=case_id, author=AGENT, at=at, words=sealed))
    return StatedFact(event=FactKind.DECISION_TAKEN, at=at, decision={"outcome": "granted", "words": words})


async def _written(work: Work, town: LivingTown) -> MessageId:
    """Keep an answer's words, as the desk does."""
    outbound_id = MessageId(derive_id("year-answer", work.opened.case_id))
    [key] = await town.vault.new_keys(1)
    content = OUTBOUND_CONTENT.seal(key, outbound_id, OutboundContent(text="Nous nous en occupons."))
    await town.stores.messages.insert_outbound(
        MessageDocument(
            _id=outbound_id,
            direction=Direction.OUTBOUND,
            channel=work.opened.channel,
            accounts=(work.opened.account,),
            at=town.clock(),
            filed=work.opened.case_id,
            content=content,
            author=AGENT,
        )
    )
    return outbound_id
