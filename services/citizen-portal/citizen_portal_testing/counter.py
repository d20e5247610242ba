"""A portal over in-memory twins, for tests and for looking at the pages."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import SecretBytes

from citizen_portal.following import Following
from citizen_portal.pages import FORMS_PER_ADDRESS, HERE, WINDOW, Portal, build_pages
from guichet.channel.edge import Edge
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import INBOUND_PORTAL, Topic
from guichet.ids import CaseId, MessageId, derive_id
from guichet.privacy.sealing import Thing, seal_model, unseal_model
from guichet.privacy.tokens import follow_lookup, follow_token
from guichet.runtime.settings import EdgeSettings
from guichet.store.case_document import CaseDocument, HistoryEntry
from guichet.store.message_document import Direction, MessageDocument, OutboundContent
from guichet.testing.a_case import ARRIVED, a_case
from guichet.testing.clock import Clock
from guichet.testing.followed_cases import InMemoryFollowedCases
from guichet.testing.messages import InMemoryMessageStore
from guichet.testing.objects import InMemoryObjects
from guichet.testing.publisher import InMemoryPublisher
from guichet.testing.vault import InMemoryVault
from guichet.town.loading import load_town
from guichet.town.town import Town
from guichet.web.templates import Templates
from guichet.web.throttle import Throttle

EXAMPLE_TOWN = Path(__file__).parents[3] / "deploy" / "local" / "town"
KEY = b"k" * 32


async def _bury(_topic: Topic[Any], _payload: bytes, error: Exception, **_: Any) -> None:
    raise AssertionError("the portal buries nothing") from error


@dataclass
class Counter:
    """The twins behind a portal."""

    town: Town = field(default_factory=lambda: load_town(EXAMPLE_TOWN))
    vault: InMemoryVault = field(default_factory=InMemoryVault)
    objects: InMemoryObjects = field(default_factory=InMemoryObjects)
    publisher: InMemoryPublisher = field(default_factory=InMemoryPublisher)
    messages: InMemoryMessageStore = field(default_factory=InMemoryMessageStore)
    cases: InMemoryFollowedCases = field(default_factory=InMemoryFollowedCases)
    clock: Clock = field(default_factory=Clock)

    def web(self) -> FastAPI:
        """Return the portal over these twins."""
        secret = SecretBytes(KEY)
        edge = Edge(
            keys=self.vault,
            objects=self.objects,
            publisher=self.publisher,
            bury=_bury,
            settings=EdgeSettings(message_id_key=secret, ingest_pseudonym_key=secret),
        )
        following = Following(cases=self.cases, messages=self.messages, opener=self.vault, lookup_key=KEY)
        portal = Portal(
            town=self.town,
            templates=Templates(HERE, town=self.town),
            edge=edge,
            following=following,
            throttle=Throttle(FORMS_PER_ADDRESS, WINDOW),
            key=KEY,
            message_id_key=KEY,
            clock=self.clock,
        )
        return build_pages(portal)

    @property
    def received(self) -> list[MessageReceived]:
        """What the broker holds, oldest first."""
        return [event for event in self.publisher.on(INBOUND_PORTAL) if isinstance(event, MessageReceived)]

    async def open(self, event: MessageReceived) -> InboundContent:
        """Return what a received message says."""
        key = (await self.vault.open_keys([event.content.key_id]))[event.content.key_id]
        return unseal_model(key, Thing("message", event.message_id), "content", event.content, InboundContent)

    async def follow_case(self, *answers: str, **fields: Any) -> str:
        """Keep a case with these answers; return the token of its follow link."""
        token = follow_token(KEY, CaseId(derive_id("test-case", *answers)))
        case = a_case(follow=follow_lookup(KEY, token), **fields)
        sent = [await self._send(case, number, text) for number, text in enumerate(answers, start=1)]
        receipt = await self._send(case, 0, "Accusé : nous avons bien reçu votre message.", Purpose.AEE)
        history = [
            HistoryEntry(version=1, type="CaseOpened", at=ARRIVED, message_id=case.opened_by),
            HistoryEntry(version=2, type="DeliveryRecorded", at=ARRIVED, message_id=receipt, state="sent"),
            *(HistoryEntry(version=3, type="ReplyRequested", at=ARRIVED, message_id=answer) for answer in sent),
        ]
        self.cases.put(case.model_copy(update={"history": tuple(history)}))
        return token

    async def _send(self, case: CaseDocument, number: int, text: str, purpose: Purpose = Purpose.REPLY) -> MessageId:
        outbound = MessageId(derive_id("test-outbound", case.case_id, str(number)))
        (key,) = await self.vault.new_keys(1)
        self.messages.messages[outbound] = MessageDocument(
            _id=outbound,
            direction=Direction.OUTBOUND,
            channel=case.channel,
            accounts=(case.account,),
            at=ARRIVED + timedelta(days=number),
            filed=case.case_id,
            purpose=purpose,
            content=seal_model(key, Thing("message", outbound), "content", OutboundContent(text=text)),
        )
        return outbound
