"""An answer of a sensitive sector goes whole, in parts, to the citizen and nowhere else."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.lengths import divided, units
from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Doubtful, Outcome, sent
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import Sender
from guichet.channel.outgoing.wire.exchange import Request
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound import ChannelName
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.link import a_link
from notifier.domain.part_of_answer import PartOfAnswer
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account

WORDS = "Votre demande d’aide est acceptée. " * 90  # 3,150 characters: three SMS


async def sent_by_the_lane(world, channel: ChannelName, text: str, department: str = "ccas") -> list[str]:
    """Let an agent answer; return every text that leaves, as the provider is handed it."""
    case = await world.citizen_writes(channel, department=department)
    await world.handlers.owe_reply(await world.agent_answers(case, text))
    texts = []
    while due := await world.deliveries.claim(world.lane_of(channel), "token", world.now, timedelta(minutes=1), 1):
        letter = await world.write(due[0])
        texts.append(letter.text)
        if not letter.more:
            await world.deliveries.conclude(due[0], DeliveryState.SENT, world.now, None, "SM-last")
            return texts
        await world.deliveries.advance(due[0], world.now)
    return texts


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "telegram"])
async def test_a_sensitive_answer_is_never_cut_short_with_a_link_to_the_rest(world, channel):
    texts = await sent_by_the_lane(world, channel, WORDS * 3)
    case = next(iter(world.cases.cases.values()))
    assert [text for text in texts if "…" in text or a_link(case.case_id).token in text] == []


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "telegram"])
async def test_it_goes_whole_in_numbered_parts_that_each_fit(world, channel):
    texts = await sent_by_the_lane(world, channel, WORDS * 3)
    numbers = [text.split(" ", 1)[0] for text in texts]
    assert numbers == [f"({number}/{len(texts)})" for number in range(1, len(texts) + 1)]
    assert all(units(text) <= FACTS[channel].longest for text in texts)
    said = " ".join(text.split(" ", 1)[1] for text in texts[:-1])
    assert said.split() == (WORDS * 3).split()
    assert "mairie de Saint-Aubin-des-Prés" in texts[-1]


async def test_what_fits_is_one_message_without_a_number(world):
    [text] = await sent_by_the_lane(world, "sms", "Votre demande est acceptée.")
    assert text.startswith("Votre demande est acceptée.")


async def test_another_sectors_long_answer_still_ends_in_a_link(world):
    [text] = await sent_by_the_lane(world, "sms", WORDS, department="voirie")
    assert "/suivi/" in text


@given(text=st.text(min_size=1, max_size=4000), longest=st.integers(20, 1600))
def test_no_word_of_a_divided_text_is_lost_or_doubled(text, longest):
    pieces = divided(text, longest)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(units(piece) <= longest for piece in pieces)


def test_a_sender_is_handed_one_part_and_not_those_after_it():
    part = PartOfAnswer(
        "a" * 32, "sms", "+33939000000", "+33639980101", "(1/2) un", more=True, following=("(2/2) deux",)
    )
    told = Request(ask="send", letter=part).model_dump_json()
    assert "deux" not in told
    assert Request.model_validate_json(told).letter.text == "(1/2) un"


class Relay(Sender):
    """A provider that loses the answer of one attempt, and is asked what became of it."""

    name = "twilio"

    def __init__(self, lost: int) -> None:
        self.took: list[str] = []
        self._lost = lost

    async def try_send(self, letter: Letter) -> Outcome:
        self.took.append(letter.text)
        return Doubtful("connection-lost") if len(self.took) == self._lost else sent(f"SM{len(self.took)}")

    async def settle(self, letter: Letter) -> list[Concluded]:
        return [sent("SM-found")] if letter.text in self.took else []


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
async def test_a_lost_answer_of_the_provider_doubles_no_part_and_skips_none(world, lost):
    case = await world.citizen_writes("sms", department="ccas")
    requested = await world.agent_answers(case, WORDS)
    await world.handlers.owe_reply(requested)
    relay = Relay(lost)
    lane = Lane(
        Account(relay, Rate(per_second=100, burst=100), world.clock, world.deliveries.taken),
        LaneOptions(hold=timedelta(minutes=2), settle_after=timedelta(seconds=60)),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )
    for _ in range(12):
        await lane.step()
        world.now += timedelta(minutes=2)
    assert [text[:5] for text in relay.took] == ["(1/3)", "(2/3)", "(3/3)"]
    assert (await world.deliveries.of_case(case.case_id))[-1].state is DeliveryState.SENT
    told = [event.state for event in await world.announced()]
    assert told[-1] is DeliveryState.SENT
