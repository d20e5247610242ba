"""The port of a tile: one provider, as citizens hold it in the hand and as the town meets it on the wire.

A package offers its tile as an entry point of the group that `discovery.py` names, under its provider's name; a tile
imports this folder and nothing else of the sandbox.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Generic

import httpx
from fastapi import APIRouter, HTTPException

from citizen_sandbox.play.courier import Courier, TownAddress
from citizen_sandbox.play.door import Door
from citizen_sandbox.play.entry import Direction, Entry, State
from citizen_sandbox.play.form import Form, Written
from citizen_sandbox.play.journal import Journal
from citizen_sandbox.play.misbehaviour import Misbehaviour
from citizen_sandbox.play.payloads import Payload, Payloads
from citizen_sandbox.play.people import Citizen, People
from citizen_sandbox.play.settings import Settings, variable_of


@dataclass(frozen=True)
class Words:
    """One thing said in the page's two languages."""

    fr: str
    en: str


@dataclass(frozen=True)
class Sender:
    """Who writes: the address as the journal holds it, a name where the provider tells one."""

    address: str
    name: str = ""
    citizen: Citizen | None = None


@dataclass(frozen=True)
class Listener:
    """A port on which a provider listens by another protocol than HTTP. variable: that names its number."""

    port: int
    variable: str
    protocol: Callable[[], asyncio.Protocol]


@dataclass(frozen=True)
class Kit:
    """What the sandbox lends one tile. own_url: the sandbox's address, which is also the provider's for the town."""

    people: People
    journal: Journal
    courier: Courier
    misbehaviour: Misbehaviour
    http: httpx.AsyncClient
    own_url: str
    kept_messages: int
    payloads: Payloads = field(default_factory=Payloads)

    def door(self, town: TownAddress) -> Door:
        """Return one of the town's doors, whose payloads the page shows."""
        return Door(town, self.http, self.journal, self.payloads)


class OpenTile(ABC):
    """A tile at play. form: what a citizen writes with; list_id: of its messages on the page."""

    newest_first: ClassVar[bool] = False
    is_wide: ClassVar[bool] = False
    entries_template: ClassVar[str] = "bubbles.html"

    form: Form
    list_id: str
    can_edit: bool = False
    notice: str = ""  # what keeps the town from answering, such as a setting that is missing
    listeners: Sequence[Listener] = ()
    routers: Sequence[APIRouter] = ()  # the provider's own addresses, and the test API's, whole paths
    error_handlers: Mapping[type[Exception], Callable[..., Any]] = MappingProxyType({})

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    @abstractmethod
    def address_of(self, citizen: Citizen) -> str:
        """Return where messages reach this person, as the journal writes it."""

    def shown_address(self, citizen: Citizen) -> str:
        """Return the address as people say it."""
        return self.address_of(citizen)

    @abstractmethod
    async def write(self, sender: Sender, written: Written) -> list[Entry]:
        """Send what was written. Raises HTTPException when it cannot be."""

    async def edit(self, entry: Entry, text: str) -> Entry:
        """Correct a message that was sent. Raises HTTPException where the provider knows no correction."""
        raise HTTPException(422, f"a message of {entry.channel} cannot be corrected ({text!r})")

    async def again(self, entry: Entry) -> str:
        """Tell the town of a citizen's message once more, under the same id; return what it answered."""
        raise HTTPException(422, f"entry {entry.id} cannot be told again")

    def is_answer(self, payload: Payload, received: Entry) -> bool:
        """Say whether this, received, may answer what the payload carried."""
        return (received.channel, received.address) == (payload.channel, payload.address)

    def context(self, entries: Sequence[Entry], answered: Entry | None) -> Mapping[str, Any]:  # noqa: ARG002
        """Return what the tile's own templates need. entries: shown, in order; answered: by what is being written."""
        return {}

    def forget(self) -> None:  # noqa: B027 - not every provider knows anything
        """Forget what the provider knows of messages."""

    def received_after(self, payload: Payload, entries: Sequence[Entry]) -> Entry | None:
        """Return the first message of the town, of these, that may answer what the payload carried."""
        if not payload.is_message or payload.state is not State.ACCEPTED:
            return None
        later = (each for each in entries if each.id > payload.entry_id and each.direction is Direction.RECEIVED)
        return next((each for each in later if self.is_answer(payload, each)), None)


@dataclass(frozen=True, kw_only=True)
class Tile(Generic[Settings]):
    """One provider. key: its name, also the entry point's; icon: SVG path data, 24 × 24.

    channels: by the name under which the journal keeps their messages, the usual one first. troubles: what can go
    wrong, and how the page says it. provider_paths: what the addresses begin with that the town asks the provider for.
    letters: of these, where the town's sender posts letters; refusals: the statuses and bodies with which they are
    turned down. variable: which one a field of the settings is read from. templates: the folder of its own ones.
    is_optional: it is not shown where none of its variables is set, since no town that has not switched its channel on
    would answer.
    """

    key: str
    title: Words
    icon: str
    settings: type[Settings]
    open: Callable[[Settings, Kit], OpenTile]
    channels: Mapping[str, Words]
    troubles: Mapping[str, str] = field(default_factory=dict)
    provider_paths: tuple[str, ...] = ()
    letters: str = ""
    refusals: tuple[tuple[int, Mapping[str, Any]], ...] = ()
    variable: Callable[[str], str] = variable_of
    templates: Path | None = None
    is_optional: bool = False

    def plays(self, environment: Mapping[str, str]) -> bool:
        """Say whether it is shown with these variables."""
        return not self.is_optional or any(self.variable(field) in environment for field in self.settings.model_fields)
