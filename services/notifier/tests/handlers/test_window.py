"""What leaves once a channel's window is over: R27 (docs/law.md 48; docs/decisions/0111)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.outgoing.letter import Template
from guichet.channel.outgoing.outcomes import sent
from guichet.contracts.base import Sealed
from guichet.contracts.case_events import CaseReopened, CaseRerouted, CaseState
from guichet.contracts.channels import OUTSIDE_WINDOW
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.contracts.questions import AskedField, FieldKind, Question
from guichet.ids import MessageId, SectorCitizenId
from guichet.store.messages.document import Direction, MessageDocument
from guichet.town.policies import ChannelPolicy, Templates
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.link import a_link
from notifier.domain.late_letter import LateLetter
from notifier.domain.window import ON_THE_WAY, is_open
from services.notifier.tests.conftest import ADDRESSES, ARRIVED, event_of
from services.notifier.tests.entry.one_lane import ObedientSender, lane_of
from services.notifier.tests.handlers.test_step_notices import at, reached

S = DeliveryState
HERS = SectorCitizenId("citizen-1")
DAY = FACTS["whatsapp"].window
LATE = ARRIVED + DAY + timedelta(hours=1)
APPROVED = Templates(receipt="HX" + "a" * 32, answer="HX" + "b" * 32, change="HX" + "c" * 32, link="HX" + "d" * 32)
WHY = Sealed(key_id="k", box=b"why")
OWN = ADDRESSES["whatsapp"][1]


def with_templates(world, templates):
    channels = {**world.town.channels, "whatsapp": ChannelPolicy(templates=templates)}
    world.town = replace(world.town, channels=channels)
    return world


@pytest.fixture
def approved(world):
    """A town whose account has a template for each kind of letter."""
    return with_templates(world, APPROVED)


@pytest.fixture
def without(world):
    """A town whose account has none."""
    return with_templates(world, Templates())


async def opens(world, **said):
    return await world.citizen_writes("whatsapp", citizen=HERS, **said)


async def receipt_of(world, case):
    await world.owe_receipts(world.opened(case))
    return await world.receipt_of(case)


async def answer_of(world, case, **said):
    requested = await world.agent_answers(case, "Le lampadaire est réparé.", **said)
    await world.handlers.owe_reply(requested)
    return delivery(world, requested.outbound_id)


def delivery(world, outbound_id):
    return next(each for each in world.deliveries.everything() if each.outbound_id == outbound_id)


def fixed(case, template):
    return Template(template, (case.reference, f"https://guichet.mairie.example/suivi/{a_link(case.case_id).token}"))


WRITTEN = MessageDocument(
    _id=MessageId("m"), direction=Direction.INBOUND, channel="whatsapp", accounts=(), at=ARRIVED, content=WHY
)


@given(since=st.timedeltas(timedelta(0), timedelta(days=3)), late=st.timedeltas(timedelta(0), timedelta(days=1)))
def test_a_window_is_over_a_little_before_its_provider_says_so_whenever_we_heard_of_the_message(since, late):
    caught_up = WRITTEN.model_copy(update={"at": ARRIVED + late, "received_at": ARRIVED})
    for message in (WRITTEN, caught_up):
        assert is_open([message], DAY, ARRIVED + since) == (since < DAY - ON_THE_WAY)


async def test_within_the_day_the_words_are_our_own(approved):
    letter = await approved.write(await receipt_of(approved, await opens(approved)))
    assert letter.template is None
    assert not isinstance(letter, LateLetter)


async def test_r27_after_it_a_receipt_is_the_towns_template_with_reference_and_link_alone(approved):
    case = await opens(approved)
    receipt = await receipt_of(approved, case)
    approved.now = LATE
    assert (await approved.write(receipt)).template == fixed(case, APPROVED.receipt)


async def test_an_answer_is_a_template_too_and_says_none_of_the_agents_words(approved):
    case = await opens(approved)
    answer = await answer_of(approved, case)
    approved.now = LATE
    template = (await approved.write(answer)).template
    assert template == fixed(case, APPROVED.answer)
    assert "lampadaire" not in "".join(template.values)


async def test_a_channel_without_a_window_knows_none(approved):
    case = await approved.citizen_writes("sms", citizen=HERS)
    receipt = await receipt_of(approved, case)
    approved.now = LATE
    letter = await approved.write(receipt)
    assert (letter.template, type(letter).__name__) == (None, "Letter")


@pytest.mark.parametrize("hides", ["sensitive", "question"])
async def test_what_the_page_does_not_show_is_no_template(approved, hides):
    asked = (AskedField(kind=FieldKind.LINE, label="À quel numéro de la rue ?"),)
    question = Question(secret=b"q" * 24, fields=asked, until=LATE.date()) if hides == "question" else None
    case = await opens(approved, **({"department": "ccas"} if hides == "sensitive" else {}))
    answer = await answer_of(approved, case, question=question)
    approved.now = LATE
    assert isinstance(await approved.write(answer), LateLetter)


@pytest.mark.parametrize(("kind", "template"), [(CaseReopened, APPROVED.change), (CaseRerouted, None)])
async def test_a_change_that_the_page_names_is_one_and_another_is_not(approved, kind, template):
    case = await opens(approved, state=CaseState.IN_PROGRESS)
    said = {"from_sector": "s", "from_department": "accueil"} if kind is CaseRerouted else {}
    await approved.handlers.owe_change(kind(**event_of(case, 3), by="lea", reason=WHY, **said))
    [notice] = await approved.deliveries.of_case(case.case_id)
    approved.now = LATE + timedelta(hours=10)  # by day
    letter = await approved.write(notice)
    assert letter.template == (fixed(case, template) if template else None)
    assert isinstance(letter, LateLetter) == (template is None)


async def test_a_step_whose_words_are_on_no_page_is_none(approved):
    case = at(approved, await opens(approved), "one")
    await approved.handlers.owe_step(reached(approved, case, "one"))
    [notice] = await approved.deliveries.of_case(case.case_id)
    approved.now = LATE + timedelta(hours=10)  # by day
    letter = await approved.write(notice)
    assert (letter.template, isinstance(letter, LateLetter)) == (None, True)


async def test_what_may_have_left_as_a_template_is_asked_after_as_one_though_they_wrote_since(approved):
    case = await opens(approved)
    answer = await answer_of(approved, case)
    approved.now = LATE
    await wrote_again(approved, case, OWN, HERS)
    assert (await approved.write(answer)).template is None, "nothing has left"
    await approved.claimed("twilio", timedelta(minutes=1))
    assert (await approved.write(delivery(approved, answer.outbound_id))).template == fixed(case, APPROVED.answer)


async def wrote_again(world, case, address, citizen, channel="whatsapp"):
    content = InboundContent(sender=(Identifier(kind="phone", value=address),), text="Alors ?")
    again = MessageId("again")
    message = await world.receive(again, channel, "+33939000001", content, case.case_id, citizen=citizen)
    world.messages.messages[again] = message.model_copy(update={"at": LATE - timedelta(hours=2)})


@pytest.mark.parametrize(
    ("address", "citizen", "channel", "is_free"),
    [
        (OWN, HERS, "whatsapp", True),
        (OWN, HERS, "sms", False),
        ("+33639980199", HERS, "whatsapp", False),
        (OWN, SectorCitizenId("who-they-are-in-another-sector"), "whatsapp", False),
    ],
)
async def test_a_later_message_opens_it_again_of_that_channel_address_and_sector(
    approved, address, citizen, channel, is_free
):
    case = await opens(approved)
    receipt = await receipt_of(approved, case)
    approved.now = LATE
    await wrote_again(approved, case, address, citizen, channel)
    assert ((await approved.write(receipt)).template is None) == is_free


async def test_of_nobody_in_particular_the_newest_message_of_the_case_says_so(approved):
    case = await approved.citizen_writes("whatsapp", last_inbound=MessageId("again"))
    receipt = await receipt_of(approved, case)
    approved.now = LATE
    await wrote_again(approved, case, OWN, None)
    assert (await approved.write(receipt)).template is None


async def goes(world, *, known=(), answers=()):
    """Have the lane go on after the window; return its sender."""
    sender = ObedientSender(*answers)
    sender.name, sender.known = "twilio", [*known]
    world.now = LATE
    await lane_of(world, sender).step()
    return sender


async def test_r27_without_a_template_nobody_is_asked_and_it_fails_with_the_reason(without):
    answer = await answer_of(without, await opens(without))
    sender = await goes(without)
    failed = delivery(without, answer.outbound_id)
    assert (failed.state, failed.reason, sender.letters) == (S.FAILED, OUTSIDE_WINDOW, [])
    assert OUTSIDE_WINDOW in FACTS["whatsapp"].failures


async def test_what_may_have_left_before_it_was_over_is_settled_first(without):
    answer = await answer_of(without, await opens(without))
    await without.claimed("twilio", timedelta(minutes=1))
    sender = await goes(without, known=[sent("SM1")])
    settled = delivery(without, answer.outbound_id)
    assert (settled.state, settled.provider_id, sender.letters) == (S.SENT, "SM1", [])


async def test_of_what_may_have_left_and_nobody_knows_an_agent_decides(without):
    answer = await answer_of(without, await opens(without))
    await without.claimed("twilio", timedelta(minutes=1))
    sender = await goes(without)
    left = delivery(without, answer.outbound_id)
    assert (left.state, left.reason, sender.letters) == (S.UNKNOWN, OUTSIDE_WINDOW, [])
    assert left.undecided_since is not None


async def test_that_a_template_went_is_kept_for_the_agent_to_read(approved):
    answer = await answer_of(approved, await opens(approved))
    await goes(approved, answers=[sent("SM1")])
    went = delivery(approved, answer.outbound_id)
    assert (went.state, went.reason) == (S.SENT, "by-template")
