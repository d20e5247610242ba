"""An invented adapter, the smallest that keeps every promise: the kiosk in the town hall's lobby.

It stands for all adapters in the tests of the conformance suite; each of its methods is
what a broken adapter gets wrong. A payload is JSON: {"ticket", "from", "name", "text", "files": [base64 …]}, signed by
HMAC-SHA-256 over the public address and the body.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import ValidationError

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.refusals import UnverifiedSourceError
from guichet.channel.text import clean_text
from guichet.channel.web import read_body, webhook_app
from guichet.contracts.inbound_content import MAIL_ADDRESS, Identifier, InboundContent
from guichet.contracts.topics import INBOUND_SOCIAL, MIB
from guichet.errors import PermanentError
from guichet.ids import MessageId
from guichet.privacy.pseudonyms import message_id
from guichet_testing.conformance.signed import SignedConformance
from guichet_testing.conformance.sources import OpenSource, web_source
from guichet_testing.conformance.world import KEY, World

PUBLIC = "https://borne.mairie.example"
PATH = "/kiosk"
PROOF = "X-Kiosk-Signature"
SECRET = b"what the kiosk and the town share"


class Kiosk:
    """The adapter. Real ones are laid out in files: entry/webhook.py, domain/parse_<x>.py, app.py."""

    max_bytes = 8 * MIB

    def __init__(self, world: World) -> None:
        self.world = world
        self.edge = world.edge

    def web(self) -> FastAPI:
        """Return the adapter's web app."""
        web = webhook_app("kiosk")

        @web.post(PATH)
        async def receive(request: Request) -> Response:
            return await self.receive(request)

        return web

    async def receive(self, request: Request) -> Response:
        """Verify, hand over, and only then say "accepted"."""
        body = await read_body(request, self.max_bytes)
        self.verify(request, body)
        await self.edge.receive(INBOUND_SOCIAL, body, self.read)
        return Response(status_code=202)

    def verify(self, request: Request, body: bytes) -> None:
        """Raise UnverifiedSourceError unless the kiosk signed this body for our public address."""
        given = request.headers.get(PROOF, "")
        if not hmac.compare_digest(given.encode(), sign(self.address(request), body).encode()):
            raise UnverifiedSourceError("not the kiosk's signature")

    def address(self, request: Request) -> str:
        """Return the address that the kiosk signed."""
        return PUBLIC + request.url.path

    async def read(self, body: bytes) -> Draft:
        """Return what a citizen typed. Raises PermanentError."""
        try:
            return self.draft(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, ValidationError, binascii.Error) as exc:
            raise PermanentError("not a form of the kiosk's", reason="unreadable") from exc

    def draft(self, form: dict[str, Any]) -> Draft:
        """Return the draft of a form."""
        return Draft(
            channel="telegram",
            accounts=("lobby",),
            message_id=self.message_id(form),
            content=InboundContent(
                sender=(Identifier(kind=MAIL_ADDRESS, value=form["from"]),),
                display_name=form["name"],
                text=clean_text(form["text"]),
            ),
            received_at=self.world.now(),
            sender_key_value=form["from"],
            files=self.files(form),
        )

    def message_id(self, form: dict[str, Any]) -> MessageId:
        """Return the id of the form's ticket."""
        return message_id(KEY, "telegram", "lobby", form["ticket"])

    def files(self, form: dict[str, Any]) -> tuple[DraftFile, ...]:
        """Return the scans that the kiosk sent along."""
        return tuple(DraftFile("scan.pdf", "application/pdf", base64.b64decode(scan)) for scan in form["files"])


def sign(address: str, body: bytes) -> str:
    """Return what the kiosk puts into its signature header."""
    return hmac.new(SECRET, address.encode() + body, hashlib.sha256).hexdigest()


class KioskConformance(SignedConformance):
    """How the kiosk speaks. adapter: the one under test."""

    adapter: type[Kiosk] = Kiosk
    topic = INBOUND_SOCIAL
    personal = ("Perrine Vauquelin", "perrine.vauquelin@exemple.test")

    def open(self, world: World) -> OpenSource:
        return web_source(
            self.adapter(world).web(), PATH, sign=lambda body: {PROOF: sign(PUBLIC + PATH, body)}, proof_header=PROOF
        )

    def payload(self, text: str, *, provider_id: str = "1", files: Sequence[bytes] = ()) -> bytes:
        form = {
            "ticket": provider_id,
            "from": self.personal[1],
            "name": self.personal[0],
            "text": text,
            "files": [base64.b64encode(file).decode() for file in files],
        }
        return json.dumps(form).encode()

    def unreadable(self) -> bytes:
        return b"Perrine Vauquelin, et plus rien de lisible"

    def oversize(self) -> bytes:
        return bytes(Kiosk.max_bytes + 1)
