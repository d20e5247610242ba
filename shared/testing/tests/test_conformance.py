"""The suite is tested on adapters that each break one promise: it must say which."""

import asyncio
import itertools
import json
import logging
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import Request, Response

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.edge import Edge
from guichet.contracts.base import Sealed
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_SOCIAL
from guichet.errors import PermanentError, TransientError
from guichet.ids import EventId, KeyId, MessageId
from guichet.kafka.produce.publisher import Publication
from guichet_testing.conformance.kiosk import Kiosk, KioskConformance
from guichet_testing.conformance.verdicts import broken_promises


class TestKiosk(KioskConformance):
    """The good one keeps every promise."""


class AnswersBeforeTheBrokerConfirmed(Kiosk):
    async def receive(self, request: Request) -> Response:
        body = await request.body()
        self.verify(request, body)
        self.task = asyncio.create_task(self.edge.receive(INBOUND_SOCIAL, body, self.read))
        return Response(status_code=202)


class TakesItsIdsFromTheClock(Kiosk):
    def message_id(self, form: dict[str, Any]) -> MessageId:
        return MessageId(f"{self.world.now().isoformat()}-{time.monotonic_ns()}")


class TakesItsIdsFromTheText(Kiosk):
    def message_id(self, form: dict[str, Any]) -> MessageId:
        return MessageId(super().message_id({**form, "ticket": form["text"]}))


class ParsesBeforeVerifying(Kiosk):
    async def receive(self, request: Request) -> Response:
        body = await request.body()
        try:
            await self.read(body)
        except PermanentError as error:
            await self.edge.publish(INBOUND_SOCIAL, body, error)
            return Response(status_code=202)
        return await super().receive(request)


class VerifiesTheProxiedAddress(Kiosk):
    def address(self, request: Request) -> str:
        return str(request.url)


class AcceptsAnySignature(Kiosk):
    def verify(self, request: Request, body: bytes) -> None:
        pass


class AcceptsAMissingSignature(Kiosk):
    def verify(self, request: Request, body: bytes) -> None:
        if request.headers.get("X-Kiosk-Signature"):
            super().verify(request, body)


class LogsTheBody(Kiosk):
    async def read(self, body: bytes) -> Draft:
        logging.getLogger("kiosk").debug("received %s", body)
        return await super().read(body)


class LogsTheSender(Kiosk):
    def draft(self, form: dict[str, Any]) -> Draft:
        logging.getLogger("kiosk").info("a message of %s", form["from"])
        return super().draft(form)


class PublishesInClear(Kiosk):
    async def receive(self, request: Request) -> Response:
        body = await request.body()
        self.verify(request, body)
        draft = await self.read(body)
        event = MessageReceived(
            event_id=EventId(draft.message_id),
            occurred_at=draft.received_at,
            message_id=draft.message_id,
            channel=draft.channel,
            accounts=draft.accounts,
            received_at=draft.received_at,
            content=Sealed(key_id=KeyId(draft.content.text), box=b"AAAA"),
        )
        await self.world.broker.publish(Publication(INBOUND_SOCIAL, event, key="all"))
        return Response(status_code=202)


class NamesTheSenderInTheKey(Kiosk):
    async def read(self, body: bytes) -> Draft:
        draft = await super().read(body)
        return replace(draft, accounts=(*draft.accounts, draft.sender_key_value))


class ScattersASender(Kiosk):
    chance = itertools.count()

    def draft(self, form: dict[str, Any]) -> Draft:
        return replace(super().draft(form), sender_key_value=str(next(self.chance)))


class AnswersAcceptedWhileTheBrokerIsAway(Kiosk):
    async def receive(self, request: Request) -> Response:
        try:
            return await super().receive(request)
        except TransientError:
            return Response(status_code=202)


class RefusesForGoodWhileSomethingIsAway(Kiosk):
    async def receive(self, request: Request) -> Response:
        try:
            return await super().receive(request)
        except TransientError:
            return Response(status_code=400)


class BuriesWhileSomethingIsAway(Kiosk):
    async def receive(self, request: Request) -> Response:
        try:
            return await super().receive(request)
        except TransientError as error:
            self.world.dead_letters.append(("", b"", error))
            return Response(status_code=503)


class CrashesOnUnreadable(Kiosk):
    async def receive(self, request: Request) -> Response:
        body = await request.body()
        self.verify(request, body)
        await self.edge.accept(INBOUND_SOCIAL, self.draft(json.loads(body)))
        return Response(status_code=202)


class DropsUnreadable(Kiosk):
    def __init__(self, world: Any) -> None:
        super().__init__(world)

        async def forget(*_: object, **__: object) -> None: ...

        self.edge = Edge(
            keys=world.vault,
            objects=world.objects,
            publisher=world.broker,
            dead_letter=forget,
            settings=world.settings,
            now=world.now,
        )


class LosesFiles(Kiosk):
    def files(self, form: dict[str, Any]) -> tuple[DraftFile, ...]:
        return ()


class ChangesFiles(Kiosk):
    def files(self, form: dict[str, Any]) -> tuple[DraftFile, ...]:
        return tuple(replace(file, content=file.content.rstrip(b"\xff")) for file in super().files(form))


class CutsTheText(Kiosk):
    def draft(self, form: dict[str, Any]) -> Draft:
        return super().draft({**form, "text": form["text"][:10_000]})


class KeepsOnlyAscii(Kiosk):
    def draft(self, form: dict[str, Any]) -> Draft:
        return super().draft({**form, "text": form["text"].encode("ascii", "ignore").decode()})


class ForgetsTheAccount(Kiosk):
    def draft(self, form: dict[str, Any]) -> Draft:
        return replace(super().draft(form), accounts=())


class MatchesBlankIds(Kiosk):
    def message_id(self, form: dict[str, Any]) -> MessageId:
        return super().message_id({**form, "ticket": form["ticket"] or "none"})


class TakesAnySize(Kiosk):
    max_bytes = 1 << 40


class DatesByItsOwnClock(Kiosk):
    def draft(self, form: dict[str, Any]) -> Draft:
        return replace(super().draft(form), received_at=self.world.now() + timedelta(minutes=3))


class DatesByNobody(Kiosk):
    def draft(self, form: dict[str, Any]) -> Draft:
        now = self.world.now()
        return replace(super().draft(form), received_at=now - timedelta(minutes=3), arrived_at=now)


class SharesOneKey(Kiosk):
    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self.kept: list[Any] = []
        self.edge._keys = self  # type: ignore[assignment]

    async def new_keys(self, count: int) -> list[Any]:
        self.kept = self.kept or await self.world.vault.new_keys(1)
        return self.kept


FAULTS = {
    AnswersBeforeTheBrokerConfirmed: "before the broker had confirmed",
    TakesItsIdsFromTheClock: "another id when it was sent again",
    TakesItsIdsFromTheText: "two messages of equal words got one id",
    ParsesBeforeVerifying: "parsed before it was verified",
    VerifiesTheProxiedAddress: "verify on the configured public address",
    AcceptsAnySignature: "was answered 202 instead of 403",
    AcceptsAMissingSignature: "(proof '') was answered 202 instead of 403",
    LogsTheBody: "'Perrine Vauquelin' was logged",
    LogsTheSender: "'perrine.vauquelin@exemple.test' was logged",
    PublishesInClear: "can be read on the topic",
    NamesTheSenderInTheKey: "can be read on the topic",
    ScattersASender: "their order is lost",
    AnswersAcceptedWhileTheBrokerIsAway: "answered 202 while the broker was away",
    RefusesForGoodWhileSomethingIsAway: "answered 400 while the object store was away",
    BuriesWhileSomethingIsAway: "a readable message was put aside because the vault was away",
    CrashesOnUnreadable: "an unreadable payload was answered 500",
    DropsUnreadable: "accepted and dropped",
    LosesFiles: "came with 1 file and was filed with 0",
    ChangesFiles: "a file was changed",
    CutsTheText: "text was changed or cut (one MiB)",
    KeepsOnlyAscii: "text was changed or cut",
    ForgetsTheAccount: "names no account of the town's",
    MatchesBlankIds: "blank ids never match",
    TakesAnySize: "an oversize payload was answered 202",
    DatesByItsOwnClock: "arrived_at is not the moment of arrival",
    DatesByNobody: "received_at is another than ours, and nobody says it",
    SharesOneKey: "share a data key",
}


@pytest.mark.parametrize("broken", FAULTS, ids=lambda broken: broken.__name__)
async def test_each_fault_is_named(broken: type[Kiosk]) -> None:
    suite = KioskConformance()
    suite.adapter = broken
    sentences = await broken_promises(suite)
    assert any(FAULTS[broken] in sentence for sentence in sentences.values()), sentences


async def test_a_good_adapter_breaks_no_promise() -> None:
    assert await broken_promises(KioskConformance()) == {}
