"""The real Postfix of the tests keeps what it took, hands it over when it can, and returns what nobody takes."""

import smtplib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope

from guichet_local.machine.ports import HOST, free_ports
from guichet_local.machine.process import wait_until
from guichet_testing.real.postfix import running_postfix

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("postfix_is_there")]

VERDICT = "Authentication-Results: mx.mairie.example; dmarc=pass header.from=courriel.example"
MAIL = "From: amina@courriel.example\r\nSubject: Bonjour\r\n\r\nBonjour\r\n"


class Listening(Controller):
    """Whoever stands behind the relay. taken: (recipient, the mail's first line), in no order."""

    def __init__(self, protocol: type[SMTP], port: int) -> None:
        super().__init__(self, hostname=HOST, port=port)
        self.taken: list[tuple[str, str]] = []
        self._protocol = protocol

    def factory(self) -> SMTP:
        return self._protocol(self.handler)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        if address.startswith("inconnu@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        first_line = bytes(envelope.content or b"").decode().splitlines()[0]
        self.taken += [(each, first_line) for each in envelope.rcpt_tos]
        return "250 OK"


@pytest.fixture
def guichet_and_world() -> Iterator[tuple[Listening, Listening]]:
    guichet, world = (Listening(each, port) for each, port in zip((LMTP, SMTP), free_ports(2), strict=True))
    world.start()
    yield guichet, world
    world.stop(no_assert=True)
    guichet.stop(no_assert=True)


def test_it_keeps_mail_over_a_kill_until_it_is_taken_and_returns_what_nobody_takes(
    tmp_path: Path, guichet_and_world: tuple[Listening, Listening]
) -> None:
    guichet, world = guichet_and_world
    ports = {"lmtp_port": guichet.port, "relay_port": world.port}
    with running_postfix(tmp_path / "postfix", "mairie.example", **ports, header=VERDICT) as postfix:
        with smtplib.SMTP(postfix.host, postfix.port) as client:
            client.sendmail("amina@courriel.example", ["contact@mairie.example", "inconnu@mairie.example"], MAIL)
        assert postfix.queued() == 1
        postfix.kill()
        guichet.start()
        postfix.start()
        wait_until(lambda: postfix.queued() == 0, "all is delivered or returned")
    assert guichet.taken == [("contact@mairie.example", VERDICT)]
    assert [recipient for recipient, _ in world.taken] == ["amina@courriel.example"]
    assert not postfix.is_alive
