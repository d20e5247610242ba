"""The tiles as one person's page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from citizen_sandbox.play.entry import Entry
from citizen_sandbox.play.journal import Wanted
from citizen_sandbox.play.people import Citizen
from citizen_sandbox.web.grid import grid_of
from citizen_sandbox.web.playground import Playground
from citizen_sandbox.web.seat import Seat

STRANGERS: Final = "inconnus"  # the place of whatever reaches nobody in the file


def wanted_by(playground: Playground, player: str) -> Wanted:
    """Return the wish for what a page shows. Raises HTTPException 404 when there is nobody of that id."""
    if player == STRANGERS:
        return playground.of_strangers()
    return Wanted(addresses=playground.addresses_of(playground.people.existing(player)))


@dataclass(frozen=True)
class View:
    """One page. answered: the entry that is being replied to."""

    playground: Playground
    templates: Environment
    player: str
    answered: Entry | None

    def context(self) -> dict[str, Any]:
        """Return what the page's template needs."""
        playground, wanted = self.playground, wanted_by(self.playground, self.player)
        entries = playground.journal.entries(wanted)
        wide = [seat.play.is_wide for seat in playground.seats]
        return {
            "player": self.player,
            "citizen": self._citizen,
            "citizens": playground.people.citizens,
            "strangers": STRANGERS,
            "trouble_words": playground.troubles,
            "remaining": playground.misbehaviour.remaining(),
            "grid": grid_of(wide),
            "seats": [self._seat(seat, entries, wanted) for seat in playground.seats],
        }

    @property
    def _citizen(self) -> Citizen | None:
        return self.playground.people.find(self.player)

    def _seat(self, seat: Seat, entries: Sequence[Entry], wanted: Wanted) -> dict[str, Any]:
        """Return one tile; in place of one that cannot be shown, the reason."""
        try:
            return self._shown(seat, entries, wanted)
        except Exception as exc:
            bare = dict.fromkeys(("address", "entries", "form", "payloads"), "")
            return self._framed(seat) | bare | {"notice": seat.note(exc)}

    def _framed(self, seat: Seat) -> dict[str, Any]:
        tile, play = seat.tile, seat.play
        return {
            "list_id": play.list_id,
            "title": tile.title.fr,
            "icon": tile.icon,
            "notice": seat.fault or play.notice,
            "troubles": tile.troubles,
            "is_wide": play.is_wide,
            "newest_first": play.newest_first,
        }

    def _shown(self, seat: Seat, entries: Sequence[Entry], wanted: Wanted) -> dict[str, Any]:
        """Return its words, and its three parts as markup."""
        tile, play, citizen = seat.tile, seat.play, self._citizen
        own = [entry for entry in entries if entry.channel in tile.channels]
        payloads = [(each, play.received_after(each, own)) for each in play.kit.payloads.newest_first(wanted)]
        shown = own[::-1] if play.newest_first else own
        answered = self.answered if self.answered and self.answered.channel in tile.channels else None
        context = {
            "player": self.player,
            "citizen": citizen,
            "entries": shown,
            "badges": {name: words.fr for name, words in list(tile.channels.items())[1:]},
            "can_edit": play.can_edit,
            "form": play.form,
            "answered": answered,
            "payloads": payloads,
            "list_id": play.list_id,
            **play.context(shown, answered),
        }
        return self._framed(seat) | {
            "address": play.shown_address(citizen) if citizen else "",
            "entries": self._render(play.entries_template, context),
            "form": self._render(play.form.template, context) if citizen and play.form.fields else "",
            "payloads": self._render("payloads.html", context),
        }

    def _render(self, template: str, context: dict[str, Any]) -> Markup:
        rendered = self.templates.get_template(template).render(context)
        return Markup(rendered.strip())  # noqa: S704 - escaped by its template; an empty list must be empty
