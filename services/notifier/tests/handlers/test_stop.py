"""No receipt leaves for what is nothing but STOP; a photo of the sign of that name is a request: R26 (docs/law.md 49)."""

import pytest

from guichet.contracts.inbound import Attachment
from guichet.contracts.inbound_content import Identifier, InboundContent, Location
from notifier.domain.draft import NotWantedError

PHOTO = Attachment(attachment_id="photo", content_type="image/jpeg", size_bytes=3)


async def receipt_of_a_stop(world, *, location: Location | None = None, **message):
    case = await world.citizen_writes("sms")
    sender = (Identifier(kind="phone", value="+33639980101"),)
    content = InboundContent(sender=sender, text="Stop !", location=location)
    await world.receive(case.opened_by, "sms", case.account, content, case.case_id, **message)
    await world.owe_receipts(world.opened(case))
    return await world.receipt_of(case)


async def test_r26_a_word_alone_is_answered_by_nothing(world):
    with pytest.raises(NotWantedError):
        await world.write(await receipt_of_a_stop(world))


async def test_r26_with_a_photo_it_is_a_request(world):
    assert (await world.write(await receipt_of_a_stop(world, attachments=(PHOTO,)))).text


async def test_r26_with_a_place_it_is_a_request(world):
    place = Location(latitude=48.5, longitude=-2.7)
    assert (await world.write(await receipt_of_a_stop(world, location=place))).text
