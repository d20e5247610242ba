"""A tile's place on the page: what fails in it is told there, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException

from citizen_sandbox.play.entry import Entry
from citizen_sandbox.play.form import Written
from citizen_sandbox.play.people import Citizen
from citizen_sandbox.play.tile import OpenTile, Sender, Tile


@dataclass
class Seat:
    """A tile, as it is declared and as it is at play. fault: what last failed in it, for its developer."""

    tile: Tile[Any]
    play: OpenTile
    fault: str = ""

    def note(self, error: Exception) -> str:
        """Write down that it failed, and return the sentence."""
        self.fault = f"Cette tuile a échoué : {type(error).__name__}: {error}"
        return self.fault

    def address_of(self, citizen: Citizen) -> str:
        """Return where messages reach this person; empty where the tile cannot say."""
        try:
            return self.play.address_of(citizen)
        except Exception as exc:
            self.note(exc)
            return ""

    async def write(self, sender: Sender, written: Written) -> list[Entry]:
        """Send what was written. Raises HTTPException."""
        with self._told():
            return await self.play.write(sender, written)

    async def edit(self, entry: Entry, text: str) -> Entry:
        """Correct a message. Raises HTTPException."""
        with self._told():
            return await self.play.edit(entry, text)

    async def again(self, entry: Entry) -> str:
        """Tell the town of a message once more. Raises HTTPException."""
        with self._told():
            return await self.play.again(entry)

    def forget(self) -> None:
        """Forget messages, payloads and faults."""
        self.fault = ""
        self.play.kit.payloads.clear()
        try:
            self.play.forget()
        except Exception as exc:
            self.note(exc)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except HTTPException:  # a tile's way to refuse
            raise
        except Exception as exc:
            raise HTTPException(500, self.note(exc)) from exc
