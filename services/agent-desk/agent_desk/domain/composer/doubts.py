"""What an agent is asked before an answer leaves: what looks forgotten, or meant for somebody else. Pure.

A doubt is no refusal: whoever has looked ticks a box, and the answer goes as it is.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from agent_desk.domain.composer.variables import unfilled
from agent_desk.domain.typed_contacts import MAIL, PHONE
from guichet.town.town import Town

_ATTACHED: Final = re.compile(
    r"\bci[-\u2011 ]?joint(?:e|es|s)?\b|\ben (?:pi[eè]ces? jointes?|pj|annexe)\b|\bje (?:vous |te )?joins\b"
    r"|\bvous trouverez [^.\n]{0,60}\bjoint(?:e|es|s)?\b",
    re.IGNORECASE,
)
_CALLED: Final = re.compile(
    r"\b(?:Madame|Monsieur|Mademoiselle|Mme|Mlle|M\.)[ \u00a0]((?:[A-ZÀ-Þ][\w’'-]+[ \u00a0]?){1,3})"
)
_WORD: Final = re.compile(r"[\w’'-]+")
_NATIONAL: Final = 9  # digits of a French number without its prefix


@dataclass(frozen=True)
class Doubt:
    """One. kind: "attachment", "variable", "address", "name", "fallback". what: words of the text, or a blank."""

    kind: str
    what: str = field(default="", repr=False)


@dataclass(frozen=True)
class Known:
    """What may stand in an answer: said: whatever was said in the case, and of whom; ours: addresses of the town's."""

    said: str = field(repr=False)
    ours: Collection[str] = ()


def doubts_of(text: str, known: Known, *, has_files: bool = False) -> tuple[Doubt, ...]:
    """Return what is to be looked at in an answer before it leaves. has_files: some go with it."""
    attached = None if has_files else _ATTACHED.search(text)
    return (
        *([Doubt("attachment", attached[0])] if attached is not None else ()),
        *(Doubt("variable", each) for each in unfilled(text)),
        *(Doubt("address", each) for each in _strange_addresses(text, known)),
        *(Doubt("name", each) for each in _strange_names(text, known)),
    )


def addresses_of(town: Town) -> frozenset[str]:
    """Return the town's own addresses and telephone numbers."""
    departments = town.departments.values()
    own = {each for department in departments for each in (department.email, department.phone)}
    return frozenset({town.main_mailbox, *town.mailboxes}) | own


def doubts_about_many(text: str, town: Town) -> tuple[Doubt, ...]:
    """Return what is to be looked at in an answer to many, of whom none is asked; each fills in its variables."""
    found = doubts_of(text, Known("", addresses_of(town)))
    return tuple(each for each in found if each.kind != "variable")


def as_read(doubts: Iterable[Doubt]) -> str:
    """Return what the box says that was ticked about these: another text, and it is asked anew."""
    return " | ".join(f"{each.kind} {each.what}" for each in doubts)


def _strange_addresses(text: str, known: Known) -> list[str]:
    there = f"{known.said}\n{' '.join(known.ours)}"
    mails, digits = there.casefold(), re.sub(r"\D", "", there)
    found = [each for each in MAIL.findall(text) if each.casefold() not in mails]
    phones = (each[0] for each in PHONE.finditer(text))
    found += [each for each in phones if re.sub(r"\D", "", each)[-_NATIONAL:] not in digits]
    return list(dict.fromkeys(found))


def _strange_names(text: str, known: Known) -> list[str]:
    there = {each.casefold() for each in _WORD.findall(known.said)}
    called = (each[1].strip() for each in _CALLED.finditer(text))
    return list(dict.fromkeys(each for each in called if there.isdisjoint(map(str.casefold, _WORD.findall(each)))))
