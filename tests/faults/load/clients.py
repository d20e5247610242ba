"""The sources: mail servers, Twilio and Telegram, several connections to each process of an adapter, at full load.

What is refused or never answered is handed over again, to whichever process is free; nobody gives up.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Protocol
from urllib.parse import parse_qsl

import httpx

from guichet_telegram.addresses import TELEGRAM_UPDATES
from guichet_testing.town.lmtp_client import LmtpClient
from guichet_twilio.addresses import TWILIO_MESSAGES
from guichet_twilio.tile.forms import sign
from tests.faults.load.accepted import Accepted
from tests.faults.load.plan import Plan, Sending, Way, shares

CONNECTIONS: Final = 4  # to each process
ANSWERED_WITHIN: Final = 30.0  # seconds; a paused process answers nobody
BEFORE_AGAIN: Final = 0.3
TRICKLE: Final = 2.0  # seconds between two messages of a connection that is held back


class LostError(Exception):
    """The connection broke, or the answer did not come: it may have been accepted, or not."""


class AwayError(Exception):
    """Nobody listens: nothing was handed over."""


class Connection(Protocol):
    """One client's line to one process."""

    async def hand_over(self, sending: Sending) -> str:
        """Return what the adapter answered: "250", "451", "200", "503" … Raises LostError, AwayError."""

    async def close(self) -> None:
        """Hang up."""


class MailConnection(Connection):
    """A mail server that hands over by LMTP. A connection on which something went wrong is not used again."""

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._client: LmtpClient | None = None

    async def hand_over(self, sending: Sending) -> str:
        """The worst answer counts: a recipient that was refused is handed over again."""
        if self._client is None:
            self._client = await self._connected()
        try:
            return str(max(await self._client.deliver(sending.sender, sending.recipients, sending.body)))
        except (OSError, ValueError) as exc:  # ValueError: half an answer
            await self.close()
            raise LostError from exc
        except asyncio.CancelledError:  # out of time
            await self.close()
            raise

    async def _connected(self) -> LmtpClient:
        client = LmtpClient(*self._place)
        try:
            return await client.__aenter__()
        except (OSError, ValueError) as exc:
            raise AwayError from exc

    async def close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            with suppress(OSError):
                await client.__aexit__()


class WebhookConnection(Connection):
    """Twilio or Telegram. headers: what proves to the town who it is."""

    def __init__(self, url: str, headers: Callable[[bytes], Mapping[str, str]]) -> None:
        self._url = url
        self._headers = headers
        self._http = httpx.AsyncClient(trust_env=False, timeout=ANSWERED_WITHIN)

    async def hand_over(self, sending: Sending) -> str:
        try:
            answer = await self._http.post(self._url, content=sending.body, headers=dict(self._headers(sending.body)))
        except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
            raise AwayError from exc
        except httpx.HTTPError as exc:
            raise LostError from exc
        return str(answer.status_code)

    async def close(self) -> None:
        await self._http.aclose()


@dataclass(frozen=True)
class Doors:
    """Where the processes of each adapter listen, and the secrets that both sides share."""

    mail: Mapping[str, int]  # process → LMTP port
    sms: Mapping[str, str]  # process → base URL
    chat: Mapping[str, str]
    twilio_public_url: str
    twilio_token: str = field(repr=False)
    telegram_secret: str = field(repr=False)

    def connections(self, way: Way) -> list[tuple[str, Connection]]:
        """Return CONNECTIONS lines to each process of an adapter, with the process's name."""
        made: list[tuple[str, Connection]] = []
        for _ in range(CONNECTIONS):
            match way:
                case Way.MAIL:
                    made += [(name, MailConnection("127.0.0.1", port)) for name, port in self.mail.items()]
                case Way.SMS:
                    url = TWILIO_MESSAGES
                    made += [(name, WebhookConnection(base + url, self._signed)) for name, base in self.sms.items()]
                case Way.CHAT:
                    url = TELEGRAM_UPDATES
                    made += [(name, WebhookConnection(base + url, self._secret)) for name, base in self.chat.items()]
        return made

    def _signed(self, body: bytes) -> Mapping[str, str]:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        return {
            "X-Twilio-Signature": sign(self.twilio_public_url.rstrip("/") + TWILIO_MESSAGES, form, self.twilio_token),
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def _secret(self, _body: bytes) -> Mapping[str, str]:
        return {"X-Telegram-Bot-Api-Secret-Token": self.telegram_secret, "Content-Type": "application/json"}


@dataclass
class Pace:
    """Holds the clients back to a trickle past `ceiling`, a share of the plan: there a fault is overdue."""

    ceiling: float = 1.0

    async def turn(self, share: Callable[[], float]) -> None:
        """Return at once, or when the fault was carried out, or after TRICKLE."""
        end = monotonic() + TRICKLE
        while share() > self.ceiling and monotonic() < end:  # noqa: ASYNC110  looked at, not told
            await asyncio.sleep(0.05)


AT_FULL_LOAD: Final = Pace()


async def send_all(
    plan: Plan,
    doors: Doors,
    accepted: Accepted,
    pace: Pace = AT_FULL_LOAD,
    share: Callable[[], float] = lambda: 0.0,
) -> None:
    """Hand everything over, all adapters at once; return when each sending was accepted. share: how far that is."""
    async with asyncio.TaskGroup() as tasks:
        for way, sendings in shares(plan.sendings).items():
            left = _Left(sendings)
            for process, connection in doors.connections(way):
                tasks.create_task(_work(left, process, connection, accepted, lambda: pace.turn(share)))


class _Left:
    """What one adapter is still to accept."""

    def __init__(self, sendings: Sequence[Sending]) -> None:
        self.waiting = deque(sendings)
        self.under_way = 0

    @property
    def is_done(self) -> bool:
        return not self.waiting and not self.under_way


async def _work(
    left: _Left, process: str, connection: Connection, accepted: Accepted, turn: Callable[[], Awaitable[None]]
) -> None:
    try:
        while not left.is_done:
            await turn()
            if not left.waiting:
                await asyncio.sleep(BEFORE_AGAIN)  # another connection's may come back
                continue
            sending = left.waiting.popleft()
            left.under_way += 1
            is_accepted = await _attempt(sending, process, connection, accepted)
            left.under_way -= 1
            if not is_accepted:
                left.waiting.append(sending)
                await asyncio.sleep(BEFORE_AGAIN)
            elif sending.twice and is_accepted == "first":
                left.waiting.append(sending)
    finally:
        await connection.close()


async def _attempt(sending: Sending, process: str, connection: Connection, accepted: Accepted) -> str:
    """Return "first" or "again" when it was accepted, else nothing."""
    known = sending.number in accepted.numbers
    accepted.begin(sending, process)
    try:
        async with asyncio.timeout(ANSWERED_WITHIN):
            answer = await connection.hand_over(sending)
    except AwayError:
        accepted.answered(sending, process, "nobody listens", accepted=False)
        return ""
    except (LostError, TimeoutError):
        accepted.lost(sending, process)
        return ""
    is_accepted = answer.startswith("2")
    accepted.answered(sending, process, answer, accepted=is_accepted)
    return ("again" if known else "first") if is_accepted else ""
