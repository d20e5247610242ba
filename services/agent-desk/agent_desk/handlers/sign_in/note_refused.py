"""Which refused tries to sign in become an entry of the audit trail, which nobody can shorten for a year.

At an agent's name, each: the limits on tries bound them. A name that nobody has costs a guest nothing, and an entry
tells neither it nor whence it came: they are counted, for all processes together, and an entry says how many there were
by then. Their number grows with the logarithm of what is tried.
"""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from guichet.ids import AgentId
from guichet.runtime.telemetry.probing_alarm import Probing, Refusal
from guichet.store.agents.sign_in_tries import SignInTries
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail

WINDOW: Final = timedelta(minutes=15)
_FEW: Final = 4  # somebody who mistypes their own name


def is_worth_an_entry(number: int) -> bool:
    """Say whether the so-manieth try of a window is noted: each of the first few, then whenever they have doubled."""
    return number <= _FEW or number.bit_count() == 1


class RefusedSignIns:
    """Notes and counts them. Every method raises TransientError."""

    def __init__(self, *, tries: SignInTries, audit: AuditTrail, probing: Probing, key: bytes) -> None:
        self._tries = tries
        self._audit = audit
        self._probing = probing
        self._key = key

    async def note(self, agent: AgentId | None, now: datetime) -> None:
        """Note a wrong password, before it is answered. agent: None for a name that nobody has."""
        if agent is not None:
            await self._audit.record(_entry(agent, now))
            return
        began = _window_of(now)
        number = await self._tries.tally(self._name_of(began), began + 2 * WINDOW)
        if is_worth_an_entry(number):
            await self._audit.record(_entry(None, now, number))
        else:
            self.count()

    def count(self) -> None:
        """Count what is no entry, since nobody judged it: the alarm hears of it all the same."""
        self._probing.note(Refusal.SIGN_IN)

    def _name_of(self, began: datetime) -> str:
        said = f"guichet-desk-unknown-names\0{began.isoformat()}"
        return hmac.digest(self._key, said.encode(), "sha256").hex()


def _entry(agent: AgentId | None, now: datetime, count: int | None = None) -> AuditEntry:
    things = (agent,) if agent else ()
    return AuditEntry(at=now, agent=agent, act=Act.SIGN_IN_REFUSED, thing="account", things=things, count=count)


def _window_of(now: datetime) -> datetime:
    return now - (now - datetime.min.replace(tzinfo=UTC)) % WINDOW
