"""A mail relay at the wire, scripted by the conformance suite: what a reply's status says of a mail, it answers."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from guichet_testing.conformance.provider_api import LOST, ProviderApi, Reply, Request, Respond, Wire

NO_MAILBOX: Final = 550
NOT_SIGNED_IN: Final = 535


class Relay(ProviderApi):
    """RFC 5321: it takes a mail, puts it off or refuses it, and asks nobody to wait."""

    accepted = Reply(250)
    throttled = None
    broken = Reply(451)
    denied = Reply(NOT_SIGNED_IN)
    unknown_refusal = Reply(554)
    tells_id = False
    refuses_in_codes = False
    refusals: Mapping[str, Reply] = MappingProxyType(
        {"mailbox-refused": Reply(NO_MAILBOX), "message-refused": Reply(552)}
    )
    refused_addresses: Mapping[str, str] = MappingProxyType(
        {"address-not-supported": "perrine@élan.example"}
    )  # RFC 6531
    of_no_letter_here = frozenset({"null-path-refused"})  # mails to agents have that path (test_mail_sender.py)

    def environment(self, address: str) -> Mapping[str, str]:
        host, _, port = address.rpartition(":")
        return {"GUICHET_SMTP_HOST": host, "GUICHET_SMTP_PORT": port}

    @asynccontextmanager
    async def serving(self, respond: Respond) -> AsyncIterator[Wire]:
        wire = Wire(respond, self)
        handler = _Handler(respond, wire)

        def session() -> SMTP:
            return SMTP(handler, hostname="relay.example", authenticator=handler.sign_in, auth_require_tls=False)

        server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
        async with server:
            wire.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield wire


class _Handler:
    """aiosmtpd's."""

    def __init__(self, respond: Respond, wire: Wire) -> None:
        self._respond = respond
        self._wire = wire

    def sign_in(self, *_: Any) -> AuthResult:
        is_known = self._respond(Request("AUTH", "", {}, b"")).status != NOT_SIGNED_IN
        return AuthResult(success=is_known, handled=False)

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        if self._respond(Request("RCPT", address, {}, b"")).status == NO_MAILBOX:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Envelope) -> str:
        request = Request("DATA", " ".join(envelope.rcpt_tos), {}, bytes(envelope.content or b""))
        self._wire.letters.append(request)
        reply = self._respond(request)
        if reply is LOST:
            transport: Any = server.transport
            transport.abort()
            await asyncio.sleep(1)  # aiosmtpd ends this very coroutine
        return f"{reply.status} said"
