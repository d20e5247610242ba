"""What the town owes after an event."""

import pytest

from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Automatic
from guichet.contracts.inbound_content import Identifier
from guichet.ids import receipt_id
from guichet_testing.builders.channels import FACTS
from notifier.domain.intents import answered_message, receipt_intent, reply_intent


@pytest.mark.parametrize(
    ("channel", "lane"),
    [
        ("email", "mail"),
        ("portal", "mail"),
        ("sms", "twilio"),
        ("whatsapp", "twilio"),
        ("telegram", "telegram"),
    ],
)
async def test_the_receipt_goes_by_the_channel_of_origin(world, channel, lane):
    case = await world.citizen_writes(channel)
    intent = receipt_intent(world.opened(case), None, FACTS)
    assert (intent.lane, intent.state, intent.answers) == (lane, DeliveryState.PENDING, case.opened_by)
    assert intent.outbound_id == receipt_id(case.case_id, Purpose.AEE)
    assert intent.due_at == world.opened(case).occurred_at


@pytest.mark.parametrize("automatic", Automatic)
async def test_no_machine_gets_a_receipt_and_the_reason_is_kept(world, automatic):
    case = await world.citizen_writes()
    intent = receipt_intent(world.opened(case, automatic=automatic), None, FACTS)
    assert (intent.state, intent.reason, intent.unpublished) == (DeliveryState.WITHHELD, automatic.value, True)


async def test_a_letter_has_no_electronic_way_back(world):
    case = await world.citizen_writes("letter")
    intent = receipt_intent(world.opened(case), None, FACTS)
    assert (intent.state, intent.reason) == (DeliveryState.WITHHELD, "not-electronic")


async def test_an_answer_to_what_was_taken_down_goes_by_mail_whatever_way_they_spoke(world):
    case = await world.citizen_writes("letter")
    opening = world.messages.messages[case.opened_by]
    intent = reply_intent(await world.agent_answers(case), case, opening, FACTS)
    assert (intent.channel, intent.lane, intent.account) == ("email", "mail", case.account)
    assert (intent.state, intent.reason, intent.unpublished) == (DeliveryState.PENDING, None, False)


@pytest.mark.parametrize(
    ("channel", "goes_by", "is_the_case_s"),
    [
        ("portal", None, True),
        ("portal", "email", True),
        ("portal", "sms", False),
        ("counter", None, True),
        ("counter", "email", True),
        ("counter", "sms", False),
        ("sms", None, True),
        ("sms", "sms", True),
        ("sms", "email", False),
    ],
)
async def test_an_answer_leaves_by_the_account_that_was_written_to_unless_its_channel_has_no_such_one(
    world, channel, goes_by, is_the_case_s
):
    case = await world.citizen_writes(channel)
    opening = world.messages.messages[case.opened_by]
    to = Identifier(kind="email", value="lea@courriel.example")
    asked = await world.agent_answers(case, to=to if goes_by else None, goes_by=goes_by)
    intent = reply_intent(asked, case, opening, FACTS)
    assert intent.account == (case.account if is_the_case_s else "")
    assert intent.to_chosen is (goes_by is not None)


async def test_an_answer_goes_to_the_last_message_of_a_person(world):
    case = await world.citizen_writes()
    first = world.messages.messages[case.opened_by]
    later = first.model_copy(update={"message_id": "later"})
    bounce = first.model_copy(update={"message_id": "bounce", "automatic": Automatic.DELIVERY_REPORT})
    assert answered_message(case.model_copy(update={"last_inbound": "later"}), [first, later]) is later
    assert answered_message(case.model_copy(update={"last_inbound": "bounce"}), [first, bounce]) is first
    assert answered_message(case, []) is None


async def test_a_machines_case_is_answered_all_the_same_when_an_agent_wants_it(world):
    case = await world.citizen_writes()
    only = world.messages.messages[case.opened_by].model_copy(update={"automatic": Automatic.AUTO_SUBMITTED})
    assert answered_message(case, [only]) is only


async def test_an_answer_follows_the_citizen_to_another_channel(world):
    case = await world.citizen_writes("sms")
    other = await world.citizen_writes("email", "case-2")
    by_mail = world.messages.messages[other.opened_by]
    intent = reply_intent(await world.agent_answers(case), case, by_mail, FACTS)
    assert (intent.channel, intent.lane, intent.account) == ("email", "mail", "contact@mairie.example")
