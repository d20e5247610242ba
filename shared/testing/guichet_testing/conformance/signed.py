"""What adapters promise whose provider proves where its payloads come from: by a signature or a secret."""

# a test's name is its sentence

from guichet_testing.conformance.suite import TEXT, AdapterConformance
from guichet_testing.conformance.world import World

FORGED: tuple[str, ...] = ("", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "é")


class SignedConformance(AdapterConformance):
    """Inherit this one where the provider signs."""

    async def test_what_is_forged_is_refused_and_goes_nowhere(self) -> None:
        for proof in FORGED:
            world = World()
            async with self.open(world) as source:
                answer = await source.deliver_forged(self.payload(TEXT), proof)
            assert answer.codes == (403,), f"a forged payload (proof {proof!r}) was answered {answer} instead of 403"
            assert not world.broker.published, "a forged payload was published"
            assert not world.dead_letters, "a forged payload was put aside: dead letters are for what the provider sent"

    async def test_nothing_is_parsed_before_the_proof_is_checked(self) -> None:
        world = World()
        async with self.open(world) as source:
            answer = await source.deliver_forged(self.unreadable(), FORGED[1])
        checked = answer.codes == (403,) and not world.dead_letters
        assert checked, f"a forged unreadable payload was answered {answer}: it was parsed before it was verified"

    async def test_the_proof_is_checked_on_the_public_address(self) -> None:
        """Behind a proxy the request shows another address than the one that the provider signed."""
        world = World()
        async with self.open(world) as source:
            answer = await self._deliver(source, self.payload(TEXT))
        sentence = "a genuine payload was refused behind a proxy: verify on the configured public address"
        assert answer.codes != (403,), sentence
