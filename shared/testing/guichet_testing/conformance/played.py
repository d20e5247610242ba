"""What a channel's tile promises of the way out: letters arrive in it, and it refuses in codes that the facts know."""

# a test's name is its sentence

from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from guichet.channel.outgoing.outcomes import Concluded
from guichet.contracts.channels import Form
from guichet_testing.conformance.provider_api import Reply
from guichet_testing.conformance.way_out import WayOutConformance

TILES = "guichet.sandbox_tiles"


class PlayedConformance(WayOutConformance):
    """Of every channel that letters leave by. tile: the one to look at; None: that of the entry point."""

    tile: Any = None

    async def test_the_tile_takes_letters_where_they_are_sent(self) -> None:
        tile = self._tile()
        if tile is None or self._facts.form is Form.MAIL:  # by SMTP, which has no paths
            return
        assert tile.letters, "the tile does not say `letters`: the path that the sender posts them to"
        _, requests = await self._try(self._api.accepted)
        elsewhere = [each.path for each in requests if not each.path.startswith(tile.letters)]
        assert not elsewhere, f"the sender posts letters to {elsewhere[0]}, and the tile takes them at {tile.letters}"

    async def test_the_tile_refuses_in_codes_that_the_facts_know(self) -> None:
        tile = self._tile()
        if tile is None:
            return
        unknown, _ = await self._try(self._api.unknown_refusal)
        for status, body in tile.refusals:
            tried, _ = await self._try(Reply(status, dict(body)))
            reason = tried.reason if isinstance(tried, Concluded) else None
            known = reason in self._facts.failures and tried != unknown
            assert known, (
                f"the tile refuses with {status} {dict(body)}, which `reasons` does not know: it became {tried!r}"
            )

    def _tile(self) -> Any:
        if self.tile is not None or find_spec("citizen_sandbox") is None:  # a repository that has no sandbox
            return self.tile
        return next((each.load() for each in entry_points(group=TILES, name=self.channel.provider.name)), None)
