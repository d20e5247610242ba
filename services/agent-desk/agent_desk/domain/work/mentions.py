"""Colleagues to whom an internal note speaks by name. Pure.

An @ at the end of a word is an address', and one before a blank is a sign like any other.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from guichet.ids import AgentId
from guichet.town.folded import folded

_SPOKEN_TO: Final = re.compile(r"(?<![\w.@/+-])@(\w(?:[\w.'’@-]*\w)?)")


@dataclass(frozen=True)
class Mentions:
    """agents: who are spoken to, each once. unknown: what was typed after an @ and is nobody's who may be."""

    agents: tuple[AgentId, ...]
    unknown: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class NotePart:
    """A piece of a note. agent: who is spoken to there; None: words."""

    text: str = field(repr=False)
    agent: AgentId | None = None


def mentions_in(words: str, handles: Mapping[AgentId, str], able: Collection[AgentId]) -> Mentions:
    """Return to whom words speak. handles: of everybody. able: who is shown the note."""
    theirs = {handle: agent for agent, handle in handles.items() if agent in able}
    typed = dict.fromkeys(each[1] for each in _SPOKEN_TO.finditer(words))
    agents = dict.fromkeys(theirs[folded(each)] for each in typed if folded(each) in theirs)
    return Mentions(tuple(agents), tuple(each for each in typed if folded(each) not in theirs))


def note_parts(words: str, mentions: Collection[AgentId], handles: Mapping[AgentId, str]) -> tuple[NotePart, ...]:
    """Return a note in pieces, so that its page says whom it speaks to by what they are called now."""
    return tuple(each for each in _parts(words, {handles.get(agent): agent for agent in mentions}) if each.text)


def _parts(words: str, theirs: Mapping[str | None, AgentId]) -> Iterator[NotePart]:
    end = 0
    for each in _SPOKEN_TO.finditer(words):
        if (agent := theirs.get(folded(each[1]))) is not None:
            yield NotePart(words[end : each.start()])
            yield NotePart(each[0], agent)
            end = each.end()
    yield NotePart(words[end:])
