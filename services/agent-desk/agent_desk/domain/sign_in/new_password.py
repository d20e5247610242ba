"""What a password that an agent chooses must be. Pure.

Long, and not what the desk itself knows of them; no rules on kinds of characters (NIST SP 800-63B, 3.1.1.2).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from guichet.town.staff.agents import Agent

SHORTEST: Final = 12  # characters
LONGEST: Final = 200
_FEWEST_SIGNS: Final = 5  # different ones: "aaaaaaaaaaaa" is long, too


class Fault(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    REPETITIVE = "repetitive"
    NAME = "name"
    DIFFERS = "differs"  # from what was typed the second time
    SAME = "same"  # as the one that it replaces


@dataclass(frozen=True)
class NewPassword:
    """What an agent typed. current: the password of today, an operator's or their own."""

    current: str = field(repr=False)
    password: str = field(repr=False)
    again: str = field(repr=False)


def fault_of(typed: NewPassword, agent: Agent) -> Fault | None:
    """Return what is wrong with a chosen password, or None."""
    password = typed.password
    if len(password) < SHORTEST:
        return Fault.SHORT
    if len(password) > LONGEST:
        return Fault.LONG
    if len(set(password)) < _FEWEST_SIGNS:
        return Fault.REPETITIVE
    if any(_plain(name) in _plain(password) for name in (agent.sign_in, agent.name) if _plain(name)):
        return Fault.NAME
    if password == typed.current:
        return Fault.SAME
    return None if password == typed.again else Fault.DIFFERS


def _plain(text: str) -> str:
    """Return letters and digits alone: Karim.Haddad is karimhaddad."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())
