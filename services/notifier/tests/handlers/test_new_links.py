"""A new link goes where the town's answers go, and the former one leads nowhere."""

import pytest

from guichet.channel.segments import is_in_seven_bits
from guichet.contracts.case_events import LinkRenewed
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.privacy.follow_link import new_follow_link
from guichet_testing.builders.link import linked_under


@pytest.mark.parametrize("channel", ["email", "sms", "telegram", "letter"])
async def test_a_renewed_link_is_sent_once_to_who_is_on_record(world, channel):
    case = await world.citizen_writes(channel)
    await world.view_writer.write({case.case_id})
    fresh, [key] = new_follow_link(), await world.vault.new_keys(1)
    world.cases.cases[case.case_id] = linked_under(case, key, fresh).model_copy(update={"version": 2})
    renewed = LinkRenewed(
        event_id="renewed",
        occurred_at=world.now,
        case_id=case.case_id,
        reference=case.reference,
        version=2,
        caused_by="command",
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
        answers=case.opened_by,
    )
    for _ in range(2):
        await world.view_writer.write({case.case_id})
        await world.view_writer.remove_former({case.case_id})
        await world.handlers.owe_link(renewed)
    assert [*world.views.views] == [fresh.lookup]
    [owed] = await world.deliveries.of_case(case.case_id)
    assert owed.purpose is Purpose.LINK
    if channel == "letter":
        assert owed.state is DeliveryState.WITHHELD
        return
    letter = await world.write(owed)
    assert (await world.draft(owed)).is_receipt, "written by Guichet, so that no machine answers it"
    assert fresh.token in letter.text
    assert ("In English:" in letter.text) == (channel == "email")
    assert channel != "sms" or is_in_seven_bits(letter.text), "« l’ancien » would double its price"
    assert letter.recipient
    assert (await world.write(owed)).text == letter.text
