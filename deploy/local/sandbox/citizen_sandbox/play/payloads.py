"""What went over the wire to the town's doors, newest first, and what became of it. Memory only."""

import itertools
import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

from citizen_sandbox.play.clock import now
from citizen_sandbox.play.entry import Direction, Entry, State
from citizen_sandbox.play.journal import Wanted

MOST: Final = 20  # a tile's; one reads the last few
LONGEST: Final = 8 * 1024  # bytes of each
LONGEST_REASON: Final = 500
_LONGEST_HEADER: Final = 12  # enough to tell two signatures apart, too little of a secret


@dataclass(kw_only=True)
class Payload:
    """One payload as the provider sent it, the same again counted once more. number: running, of this provider's.

    target: the door's address; headers: those the provider adds, cut; body: its first LONGEST bytes, size: of all.
    is_message: not when it reports on a message of the town's.
    said: what the door answered to the last attempt; reason: why it refused, in its words; message_id: the town's,
    where the door tells it.
    """

    number: int = field(default=0, init=False)
    entry_id: int
    channel: str
    address: str
    provider_id: str
    target: str
    media_type: str
    body: bytes = field(repr=False)
    size: int
    is_message: bool = True
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    at: datetime = field(default_factory=now)
    attempts: int = 0
    state: State = State.WAITING
    said: str = ""
    reason: str = ""
    message_id: str = ""

    @classmethod
    def of(cls, entry: Entry, target: str, media_type: str, body: bytes, headers: Mapping[str, str]) -> "Payload":
        """Return what carries this entry."""
        return cls(
            entry_id=entry.id,
            channel=entry.channel,
            address=entry.address,
            provider_id=entry.provider_id,
            target=target,
            media_type=media_type.partition(";")[0].strip(),
            body=body[:LONGEST],
            size=len(body),
            is_message=entry.direction is Direction.SENT,
            headers={name: _cut(value) for name, value in headers.items()},
        )

    def become(self, state: State, said: str, *, reason: str = "", message_id: str = "") -> None:
        """Write down what the door said to one more attempt."""
        self.attempts += 1
        self.state, self.said, self.message_id = state, said, message_id
        self.reason = reason[:LONGEST_REASON]

    @property
    def pretty(self) -> str:
        """The body as one reads it."""
        return pretty(self.media_type, self.body)


class Payloads:
    """The last MOST payloads of one provider."""

    def __init__(self) -> None:
        self._kept: deque[Payload] = deque(maxlen=MOST)
        self._numbers = itertools.count(1)

    def note(self, payload: Payload) -> Payload:
        """Keep a payload; return the one kept already when it is the same that is tried again."""
        for known in self._kept:
            if (known.entry_id, known.target, known.body) == (payload.entry_id, payload.target, payload.body):
                return known
        payload.number = next(self._numbers)
        self._kept.append(payload)
        return payload

    def newest_first(self, wanted: Wanted) -> list[Payload]:
        """Return those of the addresses asked for."""
        return [each for each in reversed(self._kept) if wanted.is_about(each.channel, each.address)]

    def clear(self) -> None:
        """Forget them."""
        self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)


def pretty(media_type: str, body: bytes) -> str:
    """Return a body as one reads it: JSON indented, a form one field a line, anything else as text. Pure."""
    text = body.decode("utf-8", "replace")
    if media_type.endswith("json"):
        return _pretty_json(text)
    if media_type == "application/x-www-form-urlencoded":
        return _lines(parse_qsl(text, keep_blank_values=True))
    return text.replace("\r\n", "\n")


def _pretty_json(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:  # cut, or wrong on purpose
        return text


def _lines(fields: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in fields)


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST_HEADER else f"{value[:_LONGEST_HEADER]}…"
