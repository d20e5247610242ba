"""A town hall with a case of each kind, every one of them marked, and what each agent may see of which.

Who sees what stands here as a table, written by hand: nothing of it is computed by the code that it judges.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import httpx

from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import AgentId, MessageId, ProfileId, derive_id
from guichet.rights.case_acts import EVERY_ACT, CaseAct
from guichet.town.staff.agents import Agent
from guichet.town.town import Town
from guichet_testing.builders.profiled_town import POTHOLE, profiled_town
from guichet_testing.doors.desk_on_twins import PASSWORD, TownHall
from guichet_testing.doors.filled_hall import mail

READ, ANSWER, SIGN, CLOSE, REROUTE, EXPORT, ENTER = CaseAct
NOBODYS: Final = "2026-0000-000"


class Standing(StrEnum):
    """What a case is to an agent."""

    WHOLE = "whole"
    REASON = "reason"  # whole, once they have said why
    SEALED = "sealed"  # of a sensitive sector: whole, once they have said why; nothing is told before
    SYNTHESIS = "synthesis"
    CALLER = "caller"  # a synthesis, once they have recognised who asks
    ABSENT = "absent"


# Each kind of case, as the router would have filed it. Each quotes all those above it.
KINDS: Final[Mapping[str, dict[str, Any]]] = {
    "of-a-procedure": {"department": "voirie", "procedure": POTHOLE},
    "entered": {"department": "voirie", "entered_by": "of-own-entries"},
    "other-department": {"department": "proprete"},
    "other-sector": {"department": "etat-civil"},
    "sensitive": {"department": "ccas"},
    "moved": {"department": "tranquillite-publique"},  # it was of the streets' until it turned out to be sensitive
    "under-erasure": {"department": "voirie", "erasing": True},
    "own": {"department": "voirie"},
}
IN_VOIRIE: Final = ("own", "of-a-procedure", "entered")
NOT_SENSITIVE: Final = (*IN_VOIRIE, "other-department", "other-sector")

_OWN: Final = dict.fromkeys(IN_VOIRIE, Standing.WHOLE)
_SYNTHESIS: Final = dict.fromkeys(NOT_SENSITIVE, Standing.SYNTHESIS)
SEES: Final[Mapping[str, Mapping[str, Standing]]] = {
    "karim.haddad": _OWN,
    "administrator": _OWN,
    "reads-alone": _OWN,
    "exports": _OWN,
    "writes-unsigned": _OWN,
    "signs-unwritten": _OWN,
    "answers": _OWN,
    "closes": _OWN,
    "reroutes": _OWN,
    "of-a-procedure": {"of-a-procedure": Standing.WHOLE},
    "of-own-entries": {"entered": Standing.WHOLE},
    "in-synthesis": _SYNTHESIS,
    "synthesis-beside": _SYNTHESIS | _OWN,
    "with-a-reason": dict.fromkeys(IN_VOIRIE, Standing.REASON),
    "with-a-reason-for-sensitive": {**dict.fromkeys(IN_VOIRIE, Standing.REASON), "sensitive": Standing.SEALED},
    "sees-nothing": {},
    "contact": dict.fromkeys(NOT_SENSITIVE, Standing.CALLER),
    "for-callers": dict.fromkeys(NOT_SENSITIVE, Standing.CALLER),
    "member": dict.fromkeys(IN_VOIRIE, Standing.SYNTHESIS),
    "cabinet": {},
    "helene.vasseur": dict.fromkeys(NOT_SENSITIVE, Standing.WHOLE),
    "fatou.diallo": {"sensitive": Standing.WHOLE},
    "left-yesterday": {},
}
"""Of whatever stands in no row an agent sees nothing."""

MAY: Final[Mapping[str, frozenset[CaseAct]]] = {
    "reads-alone": frozenset({READ}),
    "exports": frozenset({READ, EXPORT}),
    "writes-unsigned": frozenset({READ, ANSWER}),
    "signs-unwritten": frozenset({READ, SIGN}),
    "answers": frozenset({READ, ANSWER, SIGN}),
    "closes": frozenset({READ, CLOSE}),
    "reroutes": frozenset({READ, REROUTE}),
    "in-synthesis": frozenset({READ, EXPORT, ENTER}),
    "contact": frozenset({READ, ENTER}),
    "for-callers": frozenset({READ, ENTER}),
    "member": frozenset({READ}),
    "sees-nothing": frozenset(),
    "left-yesterday": frozenset(),
}
"""What an agent may do with what they see whole; whom it does not name: everything."""

LISTED: Final = {Standing.WHOLE, Standing.REASON, Standing.SYNTHESIS}


def standing(agent: str, kind: str) -> Standing:
    """Return what a case of a kind is to an agent."""
    return SEES[agent].get(kind, Standing.ABSENT)


def acts_of(agent: str) -> frozenset[CaseAct]:
    """Return what an agent may do."""
    return MAY.get(agent, EVERY_ACT)


@dataclass(frozen=True)
class Marked:
    """A case, and what of it must stand on no page of whoever may not see it. joined: a message that came later."""

    kind: str
    case: CaseRecord
    file: str
    outbound: MessageId
    joined: MessageId

    @property
    def personal(self) -> tuple[str, ...]:
        """What a synthesis never shows."""
        words = (
            f"personne-{self.kind}-zq",
            f"objet-{self.kind}-zq",
            f"texte-{self.kind}-zq",
            f"lieu-{self.kind}-zq",
            f"fichier-{self.kind}-zq",
            f"reponse-{self.kind}-zq",
            f"suite-{self.kind}-zq",
        )
        return (*words, f"{self.kind}-zq@courriel.example", self.case.case_id, self.case.opened_by, self.joined)

    def marks(self, standing: Standing) -> tuple[str, ...]:
        """Return what must not be on a page of somebody to whom the case is this."""
        if standing is Standing.WHOLE:
            return ()
        if standing is Standing.ABSENT:
            return (*self.personal, self.case.reference)
        return self.personal


@dataclass
class World:
    """The hall, and its cases by kind."""

    hall: TownHall
    cases: dict[str, Marked] = field(default_factory=dict)
    held: dict[str, MessageId] = field(default_factory=dict)

    def leaks(self, agent: str, text: str, *typed: str) -> list[str]:
        """Return what a text says that an agent may not see. typed: what they sent themselves."""
        marks = (mark for marked in self.cases.values() for mark in marked.marks(standing(agent, marked.kind)))
        return sorted(mark for mark in marks if mark in text and not any(mark in each for each in typed))


def a_town() -> Town:
    """Return the example town with an agent for each limit, an administrator, a member, a contact centre's agent."""
    town = profiled_town()
    limited = {"administrator": "responsable", "contact": "contact", "member": "elu", "cabinet": "cabinet"}
    agents = [
        Agent(agent_id=AgentId(name), name=name, sign_in=name, profile=ProfileId(profile), departments=("voirie",))
        for name, profile in limited.items()
    ]
    day = TownHall(town=town).clock.now.date()
    left = Agent(agent_id=AgentId("left-yesterday"), name="x", sign_in="left-yesterday", departments=("voirie",))
    agents.append(left.model_copy(update={"ends": day - timedelta(days=1)}))
    return replace(town, staff=replace(town.staff, agents=(*town.staff.agents, *agents)))


async def a_world() -> World:
    """Fill a town hall."""
    world = World(TownHall(town=a_town()))
    for number, (kind, how) in enumerate(KINDS.items()):
        quoted = tuple(marked.case.case_id for marked in world.cases.values())
        world.cases[kind] = await _marked(world.hall, kind, number, {**how, "linked_to": quoted})
    for name, department in (("held-here", "accueil"), ("held-social", "ccas")):
        content = InboundContent(
            sender=(mail(f"{name}-zq@courriel.example"),), subject=f"objet-{name}-zq", text=f"texte-{name}-zq"
        )
        world.held[name] = await world.hall.suspend(
            name, content, department=department, files={f"fichier-{name}-zq.pdf": b"%PDF-1.7"}
        )
    return world


async def _marked(hall: TownHall, kind: str, number: int, how: dict[str, Any]) -> Marked:
    address = mail(f"{kind}-zq@courriel.example")
    file = f"fichier-{kind}-zq.pdf"
    case = await hall.open_case(
        f"case-{kind}",
        how.pop("department"),
        subject=f"objet-{kind}-zq",
        text=f"texte-{kind}-zq",
        place=f"lieu-{kind}-zq",
        citizen=await hall.register(f"personne-{kind}-zq", address),
        sender=(address,),
        files={file: b"%PDF-1.7"},
        minutes=number,
        reference=f"2026-{number:02}ZQ-{number:02}Q",
        **how,
    )
    outbound = await hall.send(case, f"reponse-{kind}-zq", purpose=Purpose.REPLY, at=case.updated_at)
    asked = HistoryEntry(
        case_id=case.case_id, version=9, type="ReplyRequested", at=case.updated_at, message_id=outbound
    )
    joined = MessageId(derive_id("test-joined", kind))
    said = InboundContent(sender=(address,), text=f"suite-{kind}-zq")
    await hall.receive(case, said, message_id=joined, at=case.updated_at)
    return Marked(kind, hall.happened(case, asked, undecided=(outbound,)), file, outbound, joined)


async def sign_in(browser: httpx.AsyncClient, name: str) -> None:
    """Have an agent sign in."""
    page = await browser.get("/connexion")
    form = {"form_token": form_token(page), "name": name, "password": PASSWORD, "vers": ""}
    await browser.post("/connexion", data=form)


def form_token(page: httpx.Response) -> str:
    """Return what a page's forms carry; blank where it has none."""
    found = re.search(r'name="form_token" value="([^"]*)"', page.text)
    return found[1] if found else ""


def as_newcomer(hall: TownHall, name: str) -> None:
    """Have an agent's account be one whose password an operator gave."""
    known, agent = hall.accounts._accounts, agent_called(hall, name)
    known[agent] = known[agent].model_copy(update={"must_change": True})


def agent_called(hall: TownHall, name: str) -> AgentId:
    """Return who signs in by a name."""
    return next(agent.agent_id for agent in hall.town.agents if agent.sign_in == name)
