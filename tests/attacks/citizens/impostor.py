"""A town that knows Alice from an import, its adapter's reader and its router over stores in memory, and an impostor."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import httpx

from case_router.app import build_router
from case_router.domain.keys import RouterKeys
from case_router.entry.parts import Stores
from case_router.handlers.file_batch import CaseRouter
from guichet.case.record import CaseRecord
from guichet.channel.envelope import LMTP, Envelope
from guichet.contracts.base import Event
from guichet.contracts.case_commands import SendReply
from guichet.contracts.case_events import CaseOpened, ReplyRequested
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.contracts.topics import CASE_COMMANDS, CASE_EVENTS
from guichet.ids import CitizenId
from guichet.kafka.records import Received
from guichet.privacy.pseudonyms import identifier_id, sector_citizen_id
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import Holder, IdentifierDocument
from guichet.vault.sealing import Thing, seal
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.builders.inbound import CONTACT, sealed_message
from guichet_testing.doors.desk_on_twins import PASSWORD, TownHall
from guichet_testing.doors.filled_hall import KEY
from guichet_testing.sealing import seal_model, unseal_model
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.abuse_declarations import InMemoryAbuseDeclarations
from guichet_testing.twins.store.agents.absences import InMemoryAbsences
from guichet_testing.twins.store.agents.news import InMemoryAgentNews
from guichet_testing.twins.store.agents.on_call import InMemoryOnCallRota
from guichet_testing.twins.store.agents.rights import rights_in
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.notes import InMemoryNotes
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.store.suspended_mail import InMemorySuspendedMail, InMemoryUnseenMails
from guichet_testing.twins.store.threads import InMemoryThreadStore
from guichet_testing.twins.vault import InMemoryVault

OURS: Final = "mx.mairie.example"
ALICE: Final = "alice.bernard@courriel.example"
NAME: Final = "Alice Bernard"
PHONE: Final = "+33639985550"
LOOK_ALIKE: Final = "alice.bernard@courrie1.example"
KNOWN_AS: Final = CitizenId("alice-of-the-registry")
_KEYS: Final = RouterKeys(registry=b"r" * 32, sector=KEY, thread=b"t" * 32, reference=b"f" * 32)
_TOWN: Final = the_example_town()
_READER: Final = MailReader(TownMailboxes([CONTACT], CONTACT), b"m" * 32, {LMTP: OwnSystem(authserv_id=OURS)})


@dataclass
class Counter:
    """The town's counter: what a mail becomes in it, and what an agent then sees."""

    stores: Stores = field(init=False)
    vault: InMemoryVault = field(default_factory=InMemoryVault)
    citizens: InMemoryCitizenStore = field(default_factory=InMemoryCitizenStore)
    identifiers: InMemoryIdentifierStore = field(default_factory=InMemoryIdentifierStore)
    cases: InMemoryCaseStore = field(default_factory=InMemoryCaseStore)
    messages: InMemoryMessageStore = field(default_factory=InMemoryMessageStore)
    publisher: InMemoryPublisher = field(default_factory=InMemoryPublisher)

    def __post_init__(self) -> None:
        self.stores = Stores(
            cases=self.cases,
            history=InMemoryCaseHistory(),
            messages=self.messages,
            suspended=InMemorySuspendedMail(self.messages),
            unseen=InMemoryUnseenMails(),
            commands=InMemoryCommandStore(),
            abuse=InMemoryAbuseDeclarations(),
            rights=rights_in(_TOWN.departments, "agent-11"),
            news=InMemoryAgentNews(),
            on_call=InMemoryOnCallRota(),
            absences=InMemoryAbsences(),
            notes=InMemoryNotes(),
            threads=InMemoryThreadStore(),
            identifiers=self.identifiers,
            citizens=self.citizens,
        )

    async def know(self, citizen: CitizenId, name: str, *addresses: Identifier) -> None:
        """Enter somebody as an import does."""
        [key] = await self.vault.new_keys(1)
        record = seal_model(key, Thing("citizen", citizen), "record", CitizenRecord(display_name=name))
        await self.citizens.insert_new(
            [CitizenDocument(_id=citizen, state=CitizenState.REGISTERED, record=record, since=ARRIVED)]
        )
        for address in addresses:
            await self._enter(citizen, address)

    async def _enter(self, citizen: CitizenId, address: Identifier) -> None:
        [key] = await self.vault.new_keys(1)
        name = identifier_id(_KEYS.registry, address.kind, address.value)
        holder = Holder(citizen_id=citizen, provenance="import:guichet", verified=True, since=ARRIVED)
        value = seal(key, Thing("identifier", name), "value", address.value.encode())
        new = IdentifierDocument(_id=name, kind=address.kind, holders=(holder,), value=value)
        known = self.identifiers.identifiers.get(name, new.model_copy(update={"holders": ()}))
        self.identifiers.identifiers[name] = known.model_copy(update={"holders": (*known.holders, holder)})

    async def take_mail(self, head: str, *, name: str = "m") -> CaseRecord:
        """Take a mail as the town's server hands it over; return the case it came to."""
        lines = [*head.splitlines(), f"To: {CONTACT}", f"Message-ID: <{name}@somewhere.example>", "Subject: Question"]
        raw = "\r\n".join([*lines, "", "Pouvez-vous me dire où en est mon dossier ?", ""]).encode()
        return await self.take_raw(raw, name=name)

    async def take_raw(self, raw: bytes, *, name: str) -> CaseRecord:
        """Take any mail, likewise. name: its id derives from it."""
        draft = _READER.read(Envelope("bounce@somewhere.example", (CONTACT,), raw), ARRIVED)
        return await self.take(await sealed_message(self.vault, name, draft.content))

    @property
    def opened(self) -> int:
        """How many cases were opened: for each the law owes a receipt."""
        return sum(isinstance(event, CaseOpened) for event in self.publisher.on(CASE_EVENTS))

    async def take(self, event: MessageReceived) -> CaseRecord:
        """Let the router file a message; return its case."""
        await self.handle(event)
        filed = self.messages.messages[event.message_id].filed
        assert filed is not None
        return self.cases.cases[filed]

    async def handle(self, *events: Event) -> None:
        """Let the router take what is on its topics."""
        await self._router().handle([Received(event, "topic", 0, 0) for event in events])

    def _router(self) -> CaseRouter:
        later = ARRIVED + timedelta(days=29)
        return build_router(replace(self.stores), self.vault, self.publisher, _TOWN, _KEYS, clock=lambda: later)

    def is_alices(self, case: CaseRecord) -> bool:
        """Say whether the case is attributed to the Alice whom the registry knows."""
        return case.citizen == self.alice_in(case)

    def alice_in(self, case: CaseRecord) -> str:
        """Return the case's sector's own id of Alice."""
        return sector_citizen_id(_KEYS.sector, case.sector, KNOWN_AS)

    async def page(self, case: CaseRecord) -> str:
        """Return the case's page as an agent of its department sees it."""
        async with an_agent(self.hall()) as browser:
            return (await browser.get(f"/demandes/{case.reference}")).text

    async def answer(self, case: CaseRecord, text: str) -> SendReply:
        """Let an agent answer on the case's page; return the command that the router has still to decide."""
        hall = self.hall()
        async with an_agent(hall) as browser:
            page = (await browser.get(f"/demandes/{case.reference}")).text
            form = {
                name: field_of(page, name) for name in ("form_token", "once", "answers") if f'name="{name}"' in page
            }
            await browser.post(f"/demandes/{case.reference}/reponse", data={**form, "text": text})
        [command] = hall.publisher.on(CASE_COMMANDS)
        assert isinstance(command, SendReply)
        return command

    async def answered_at(self, case: CaseRecord) -> str:
        """Return the address that the case's one answer goes to."""
        [asked] = [each for each in self.publisher.on(CASE_EVENTS) if isinstance(each, ReplyRequested)]
        message = self.messages.messages[getattr(asked, "answers", None) or case.last_inbound]
        key = (await self.vault.open_keys([message.content.key_id]))[message.content.key_id]
        content = unseal_model(key, Thing("message", message.message_id), "content", message.content, InboundContent)
        return content.sender[0].value

    def hall(self) -> TownHall:
        """Return a desk over what the router wrote."""
        hall = TownHall(vault=self.vault, messages=self.messages)
        for case in self.cases.cases.values():
            hall.cases.put(case)
        hall.registry.citizens.extend(self.citizens.citizens.values())
        hall.registry.identifiers.extend(self.identifiers.identifiers.values())
        return hall


@asynccontextmanager
async def an_agent(hall: TownHall, name: str = "claire.dumas") -> AsyncIterator[httpx.AsyncClient]:
    """Sign an agent in at a desk; she works where what no rule matches goes."""
    transport = httpx.ASGITransport(hall.web())
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as browser:
        token = field_of((await browser.get("/connexion")).text, "form_token")
        form = {"form_token": token, "name": name, "password": PASSWORD, "vers": ""}
        assert (await browser.post("/connexion", data=form)).status_code == 303
        yield browser


def field_of(page: str, name: str) -> str:
    """Return the value of a page's hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


async def a_counter() -> Counter:
    """Return a counter of a town that knows Alice, her mail address and her phone."""
    counter = Counter()
    mail, phone = Identifier(kind="email", value=ALICE), Identifier(kind="phone", value=PHONE)
    await counter.know(KNOWN_AS, NAME, mail, phone)
    return counter
