"""All that the page and the test API act on, in one hand."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import HTTPException

from citizen_sandbox.play.courier import Courier
from citizen_sandbox.play.entry import Entry
from citizen_sandbox.play.journal import Journal, Wanted
from citizen_sandbox.play.misbehaviour import Misbehaviour, Order
from citizen_sandbox.play.people import Citizen, People
from citizen_sandbox.web.seat import Seat


@dataclass(frozen=True)
class Playground:
    """The sandbox's parts. seats: in the order of the page."""

    people: People
    journal: Journal
    misbehaviour: Misbehaviour
    courier: Courier
    seats: tuple[Seat, ...]

    def existing_entry(self, number: int) -> Entry:
        """Return the entry of that number. Raises HTTPException 404."""
        found = self.journal.find(number)
        if found is None:
            raise HTTPException(404, f"no entry {number}: it never was, or is forgotten")
        return found

    def existing_seat(self, key: str) -> Seat:
        """Return the tile of that name. Raises HTTPException 404 naming those there are."""
        found = next((seat for seat in self.seats if seat.tile.key == key), None)
        if found is None:
            raise HTTPException(404, f"no tile {key!r}; there are {', '.join(seat.tile.key for seat in self.seats)}")
        return found

    def seat_of(self, entry: Entry) -> Seat:
        """Return the tile that carried the entry."""
        return next(seat for seat in self.seats if entry.channel in seat.tile.channels)

    def addresses_of(self, citizen: Citizen) -> frozenset[str]:
        """Return where messages reach this person, on any tile."""
        return frozenset(seat.address_of(citizen) for seat in self.seats) - {""}

    def of_strangers(self) -> Wanted:
        """Return the wish for what reached addresses that belong to nobody in the file."""
        own = (self.addresses_of(citizen) for citizen in self.people.citizens)
        return Wanted(strangers_to=frozenset().union(*own))

    @property
    def troubles(self) -> Mapping[str, str]:
        """Every trouble that can be ordered, in words."""
        return {name: words for seat in self.seats for name, words in seat.tile.troubles.items()}

    def order(self, trouble: str, order: Order) -> None:
        """Let a trouble strike. Raises HTTPException 422 naming those there are."""
        if trouble not in self.troubles:
            raise HTTPException(422, f"no trouble {trouble!r}; there are {', '.join(self.troubles)}")
        self.misbehaviour.ask(trouble, order)

    async def reset(self) -> None:
        """Stop every delivery under way, forget every message, behave well again."""
        await self.courier.stop()
        self.journal.clear()
        for seat in self.seats:
            seat.forget()
        self.misbehaviour.clear()
