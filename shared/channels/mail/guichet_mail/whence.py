"""By which way a mail came before it was put aside: told as parameters of MAIL when it is handed in again. Pure.

    MAIL FROM:<perrine@exemple.test> BODY=8BITMIME XGUICHET-WAY=imap:contact XGUICHET-DATE=2026-12-01T10:00:00+00:00

Guichet's own command alone says so, and whoever else may speak to this door is the town's mail server.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guichet.channel.envelope import LMTP, Envelope

KEYWORD: Final = "XGUICHET"
_SAID: Final = re.compile(rf"((?: {KEYWORD}-(?:WAY|DATE)=[^ >]+)+)$", re.IGNORECASE)
_WAY: Final = re.compile(r"lmtp|imap:[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Whence:
    """What `Envelope` says of the same names."""

    way: str = LMTP
    internal_date: datetime | None = None


HERE: Final = Whence()


def parameters_of(envelope: Envelope) -> list[str]:
    """Return what MAIL says of a mail; nothing of one that came by LMTP itself."""
    way = [] if envelope.way == LMTP else [f"{KEYWORD}-WAY={envelope.way}"]
    date = envelope.internal_date
    return [*way, *([] if date is None else [f"{KEYWORD}-DATE={date.isoformat()}"])]


def cut_whence(argument: str) -> tuple[str, Whence]:
    """Return the argument of MAIL without these parameters, and what they say.

    Raises ValueError for what no mail of ours came by.
    """
    if KEYWORD not in argument.upper() or (found := _SAID.search(argument)) is None:
        return argument, HERE
    said = {name.upper(): value for name, _, value in (each.partition("=") for each in found[1].split())}
    way, date = said.get(f"{KEYWORD}-WAY", LMTP).lower(), said.get(f"{KEYWORD}-DATE")
    if not _WAY.fullmatch(way):
        raise ValueError("no way that a mail of ours came by")
    return argument[: found.start()], Whence(way, None if date is None else _aware(date))


def _aware(written: str) -> datetime:
    date = datetime.fromisoformat(written)
    if date.tzinfo is None:
        raise ValueError("Invalid isoformat string: no time zone")
    return date
