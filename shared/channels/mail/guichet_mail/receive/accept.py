"""Hand a mail over to the host, by whichever way it came. Whoever does so may promise that it is kept."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.envelope import Envelope
from guichet.channel.lent import Host
from guichet.channel.payload import Payload
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.topics import MIB
from guichet.errors import PermanentError
from guichet_mail.read.senders import named_senders

HEAD_FILE: Final = "en-tetes.eml"

ReadMail = Callable[[Envelope, datetime], Awaitable[Draft]]
SalvageMail = Callable[[Envelope, datetime], Draft]


class AcceptMail:
    """read: keeps nobody waiting. salvage: says what can be told of a mail that `read` gives up."""

    def __init__(self, host: Host, read: ReadMail, salvage: SalvageMail) -> None:
        self._host = host
        self._read = read
        self._salvage = salvage

    async def mail(self, mail: Envelope) -> None:
        """Return once it is safe, read or unreadable, and what it reports on letters of ours. Raises TransientError."""
        payload, reports = self._payload(mail), list[DeliveryReported]()

        async def read(payload: Payload) -> Draft:
            draft = await self._read(mail, payload.at)
            reports.extend(draft.reports)
            return draft

        await self._host.receive(
            payload, read, lambda _: named_senders(mail), lambda payload: self._salvage(mail, payload.at)
        )
        for each in reports:
            await self._relay(payload, each, mail)

    async def head_of(self, mail: Envelope, size: int, most: int, where: str) -> None:
        """Likewise of a mail that is larger than is taken: its headers, and where the whole of it lies.

        where: in words for the agent, French. size, most: in bytes.
        """

        async def too_large(_: Payload) -> Draft | None:
            raise PermanentError(f"a mail of {size} bytes is larger than {most}", reason="too-large")

        def told(payload: Payload) -> Draft:
            return _with_note(self._salvage(mail, payload.at), mail, _note(size, most, where))

        await self._host.receive(self._payload(mail), too_large, lambda _: named_senders(mail), told)

    async def _relay(self, payload: Payload, reported: DeliveryReported, mail: Envelope) -> None:
        async def read(_: Payload) -> DeliveryReported:
            return reported

        await self._host.relay(payload, read, lambda _: named_senders(mail))

    def _payload(self, mail: Envelope) -> Payload:
        return Payload(mail.to_bytes(), self._host.clock.now())


def _with_note(draft: Draft, mail: Envelope, note: str) -> Draft:
    content = draft.content.model_copy(update={"text": note})
    return replace(draft, content=content, files=(DraftFile(HEAD_FILE, "message/rfc822", mail.content),))


def _note(size: int, most: int, where: str) -> str:
    return (
        f"[Ce courriel de {-(-size // MIB)} Mio est trop volumineux pour être repris ici (au plus {most // MIB} Mio)."
        f" Il reste entier dans {where} : c’est là qu’il faut le lire, avec ses pièces jointes.]"
    )
