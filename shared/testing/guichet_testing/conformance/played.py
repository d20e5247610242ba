"""What a channel's tile promises: it speaks as the provider that the channel understands, in both directions."""

# a test's name is its sentence

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from guichet.channel.outgoing.outcomes import Concluded
from guichet.channel.text import clean_text
from guichet.contracts.channels import Form
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound import MessageReceived
from guichet.privacy.normal_form import written_form
from guichet_testing.conformance.opened import topic_of, webhook_of
from guichet_testing.conformance.payloads import Payloads
from guichet_testing.conformance.provider_api import Reply, Request
from guichet_testing.conformance.tiles import TileConformance
from guichet_testing.conformance.way_out import WayOutConformance

if TYPE_CHECKING:
    from guichet_testing.conformance.playing import Playing

TYPED: Final = "Nid-de-poule rue des Lilas 🚲"


class PlayedInConformance(TileConformance):
    """Of every channel with a webhook."""

    payloads: Payloads

    async def test_each_citizen_of_the_tile_has_an_address_of_the_channels(self) -> None:
        kind = self.channel.facts.kind
        async with self._playing() as at_play:
            if at_play is None or kind is None:
                return
            for citizen in at_play.citizens:
                address = at_play.play.address_of(citizen)
                fits = written_form(kind, address)
                assert fits, (
                    f"the tile's `address` calls {citizen.name} {address!r}, which the pattern of `kind` does not take"
                    f" ({kind.pattern}): let it call citizens as the provider does"
                )

    async def test_what_a_citizen_writes_in_the_tile_arrives(self) -> None:
        async with self._playing() as at_play:
            if at_play is None:
                return
            citizen = at_play.citizens[0]
            event = await self._arrived(at_play)
            content = await at_play.town.world.content(event)
            address, kind = at_play.play.address_of(citizen), self.channel.facts.kind
        assert content.text == clean_text(TYPED), (
            f"a citizen wrote {TYPED!r} in the tile, and {content.text!r} arrived: mend the tile's `payload`, or parse"
        )
        sender = content.sender[0].value
        same = sender == address or (kind is not None and written_form(kind, sender) == written_form(kind, address))
        assert same, (
            f"{address!r} wrote in the tile, and an answer would go to {sender!r}: mend the tile's `payload`, or parse"
        )

    async def _arrived(self, at_play: "Playing") -> MessageReceived:
        [entry, *_] = await at_play.write(at_play.citizens[0], TYPED)
        self._let_in(at_play, entry.answer)
        why = "; ".join(str(error) for _, _, error in at_play.town.world.dead_letters)
        assert not why, f"nobody can read what the tile posts ({why}): mend the tile's `payload`, or parse"
        topic = topic_of(self.channel.facts)
        events = at_play.town.world.received(topic) if topic is not None else []
        assert events, f"a citizen wrote in the tile, and no message came of it ({entry.answer}): mend its `payload`"
        return events[-1]

    def _let_in(self, at_play: "Playing", answer: str) -> None:
        path = at_play.town.webhook.path
        assert answer != "HTTP 404", (
            f"the tile posts elsewhere than to the webhook ({path}), or `make run` tells it so: name"
            f" GUICHET_SANDBOX_…_WEBHOOK_URL under `account.local`, {{host}}{path}"
        )
        if answer == "HTTP 403":
            at_play.town.take_what_is_signed(self.payloads.message(TYPED))
        assert answer != "HTTP 403", (
            "verify() refuses what the tile posts (HTTP 403): let its `sign` prove it as the provider does: the same"
            f" header, prefix and secret. {at_play.play.notice}".rstrip(" .")
        )

    @asynccontextmanager
    async def _playing(self) -> "AsyncIterator[Playing | None]":
        """Open the tile; None where there is nothing to open, or nothing that it could post to."""
        tile = self._tile()
        if tile is None or webhook_of(self.channel) is None:
            yield None
            return
        from guichet_testing.conformance.playing import playing  # noqa: PLC0415 - where there is a sandbox

        async with playing(self.channel, self.payloads, tile) as at_play:
            yield at_play


class PlayedOutConformance(TileConformance, WayOutConformance):
    """Of every channel that letters leave by."""

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


class PlayedConformance(PlayedInConformance, PlayedOutConformance):
    """Of every channel with a webhook that letters leave by."""

    async def test_a_letter_is_shown_in_the_tile_and_its_answer_is_understood(self) -> None:
        async with self._playing() as at_play:
            if at_play is None:
                return
            await at_play.write(at_play.citizens[0], TYPED)  # some providers take answers alone
            letter = replace(self._letter(), recipient=at_play.play.address_of(at_play.citizens[0]))
            _, requests = await self._try(self._api.accepted, letter)
            answers = [await self._taken(at_play, each) for each in requests]
            shown = [(each.text, each.address) for each in at_play.received()]
        assert answers, "the sender posted nothing for a letter"
        assert shown, f"the tile took a letter ({_said(answers[-1])}), and shows none: mend the tile's `read`"
        text, address = shown[-1]
        assert text == letter.text, f"the sender posted {letter.text!r}, and the tile shows {text!r}: mend its `read`"
        assert address == letter.recipient, (
            f"a letter to {letter.recipient!r} is shown to {address!r} in the tile: mend its `read`"
        )
        tried, _ = await self._try(answers[-1], letter)
        understood = isinstance(tried, Concluded) and tried.state is DeliveryState.SENT
        assert understood, f"the tile took a letter with {_said(answers[-1])}, which became {tried!r} instead of sent"
        told = isinstance(tried, Concluded) and tried.provider_id
        assert told or not self._api.tells_id, (
            f"the tile took a letter with {_said(answers[-1])}, in which the sender finds no id: let its `accepted`"
            " answer as the provider does"
        )

    async def _taken(self, at_play: "Playing", request: Request) -> Reply:
        try:
            answer = await at_play.take(request)
        except Exception as exc:
            raise AssertionError(
                f"the tile crashes on a letter ({type(exc).__name__}: {exc}): mend its `read`"
            ) from exc
        taken = 200 <= answer.status < 300
        assert taken, f"the tile answers a letter of the sender's with {_said(answer)}: mend its `read` or its `api`"
        return answer


def _said(reply: Reply) -> str:
    return f"{reply.status} {reply.body.decode(errors='replace')[:200]}"
