"""A channel whose package does whatever harm it is told to: its host by a payload, its sender by a letter's recipient.

It runs as any third party's package does, in its own host and its own sender, and uses all that it finds there.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any, Final

from guichet.channel.declaration import Channel, Outbound, Provider, Webhook
from guichet.channel.draft import Draft, DraftFile
from guichet.channel.lent import Host
from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Outcome, sent
from guichet.channel.outgoing.sender import Sender
from guichet.channel.outgoing.wire.exchange import Answer
from guichet.channel.payload import Incoming, Payload
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.errors import TransientError
from guichet.runtime.settings import SettingsGroup
from guichet.town.channel_facts import read_facts

FACTS: Final = read_facts(Path(__file__).with_name("vandal.yaml"))
AT_ONCE: Final = 50  # messages of a flood
HANGS_IN_OPEN: Final = "hangs-in-open"
STEALS: Final = "steals"
ADDRESS: Final = "address"
NEVER: Final = "P999999999D"


class VandalSettings(SettingsGroup):
    """orders: a folder in which it is told what to do, and writes what it found."""

    vandal_orders: Path


def hang() -> None:
    """Hold the whole process up: what it waits for never comes, and it waits for nothing else."""
    while True:
        sleep(3600)


def spin() -> None:
    """Hold the whole process up, and a core with it."""
    while True:
        pass


def spy(settings: VandalSettings, name: str) -> None:
    """Write down all that this process was given."""
    said = {"environment": dict(os.environ), "arguments": sys.argv}
    (settings.vandal_orders / f"{name}.json").write_text(json.dumps(said))


class VandalIncoming(Incoming):
    """Believes everybody."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._flood: asyncio.Task[None] | None = None

    def verify(self, payload: Payload) -> None:
        """Take anything."""
        if b"hangs-in-verify" in payload.body:
            spin()

    async def read(self, payload: Payload) -> Draft:
        """Do what the payload says, and go on as if nothing was."""
        said = json.loads(payload.body)
        match said.get("do"):
            case "crash":
                raise RuntimeError("on purpose")
            case "exit":
                os._exit(3)
            case "hang":
                hang()
            case "flood":
                self._flood = asyncio.create_task(self._flood_with(said, payload))
        draft = self._draft(said, payload, said["id"])
        files = tuple(DraftFile(f"{n}.txt", "text/plain", b"x" * 1000) for n in range(said.get("files", 0)))
        return replace(draft, files=files)

    def senders(self, payload: Payload) -> Iterable[Identifier]:  # noqa: ARG002
        """Say of nobody who sent what."""
        raise RuntimeError("on purpose")

    async def _flood_with(self, said: Mapping[str, Any], payload: Payload) -> None:
        waiting = asyncio.Semaphore(AT_ONCE)

        async def one(nth: int) -> None:
            draft = self._draft({**said, "from": f"flood-{nth}"}, payload, f"flood-{nth}")
            while True:
                async with waiting:
                    try:
                        await self._host.accept(draft)
                    except TransientError:
                        continue
                    return

        await asyncio.gather(*(one(nth) for nth in range(said["messages"])))

    def _draft(self, said: Mapping[str, Any], payload: Payload, provider_id: str) -> Draft:
        writer = said["from"]
        people = (Identifier(kind="vandal", value=writer), *self._crowd(said))
        text = said.get("text", "Rien de particulier.") * said.get("times", 1)
        return Draft(
            channel="vandal",
            accounts=("mairie",),
            message_id=self._host.message_id("vandal", "mairie", provider_id),
            content=InboundContent(sender=people, text=text, conversation=writer),
            received_at=payload.at,
            sender_key_value=writer,
        )

    def _crowd(self, said: Mapping[str, Any]) -> Iterable[Identifier]:
        return (Identifier(kind="vandal", value=f"crowd-{nth}") for nth in range(said.get("crowd", 0)))


class Lie:
    """What is written to the notifier in an answer's place; None: the connection is closed."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def model_dump_json(self, **_: Any) -> str:
        """Return the lie."""
        if self._text is None:
            raise OSError
        return self._text


LIES: Final = {
    "closes": Lie(None),
    STEALS: Lie(None),
    "rubbish": Lie("\x00 no answer at all"),
    "endless": Lie('{"candidates": []}' + " " * 7_000_000),
    "never": Lie(f'{{"trouble": {{"kind": "throttled", "text": "later", "retry_after": "{NEVER}"}}}}'),
}
_honestly: Final = Answer.of


def _answer(outcome: Any) -> Any:
    return outcome if isinstance(outcome, Lie) else _honestly(outcome)


class VandalSender(Sender):
    """Does to the notifier what the letter's recipient is called."""

    name = "vandal"
    patience = timedelta(seconds=2)  # so it says; the notifier waits ten seconds longer

    def __init__(self, settings: VandalSettings) -> None:
        self._orders = settings.vandal_orders

    async def send(self, letter: Letter) -> Outcome:
        """Past the ladder, which would bound it."""
        match letter.recipient:
            case "exits":
                os._exit(4)
            case "waits":
                await asyncio.Event().wait()
            case "hangs":
                hang()
            case str() as lie if lie in LIES:
                return LIES[lie]  # type: ignore[return-value]
        return sent(f"vandal-{letter.outbound_id}")

    async def try_send(self, letter: Letter) -> Outcome:
        """Not asked."""
        raise NotImplementedError

    async def settle(self, letter: Letter) -> Sequence[Concluded]:
        """Know nothing; or say that the letter was read, and is one of which it was told the id."""
        if letter.recipient != STEALS:
            return []
        return [Concluded(DeliveryState.READ, None, (self._orders / "stolen").read_text())]


@asynccontextmanager
async def _open(settings: VandalSettings, host: Host) -> AsyncIterator[Incoming]:
    spy(settings, "host")
    if (settings.vandal_orders / HANGS_IN_OPEN).exists():
        hang()
    yield VandalIncoming(host)


def _sender(settings: VandalSettings) -> VandalSender:
    spy(settings, "sender")
    Answer.of = staticmethod(_answer)  # type: ignore[method-assign]
    return VandalSender(settings)


def _public_url(settings: VandalSettings) -> str:
    """Where its host is, once a test says so: then a payload can be handed in again."""
    address = settings.vandal_orders / ADDRESS
    return address.read_text() if address.exists() else "http://vandal.example"


async def _check(settings: VandalSettings) -> list[str]:
    spy(settings, "errand")
    return ["all is well"]


CHANNEL: Final = Channel(
    facts=FACTS,
    provider=Provider(
        name="vandal",
        settings=VandalSettings,
        inbound=(
            Webhook(
                path="/webhooks/vandal",
                open=_open,
                public_url=_public_url,
                sign=lambda *_: {"Content-Type": "application/json"},
            ),
        ),
        outbound=Outbound(open=_sender),
        check=_check,
    ),
)
