"""Twilio's webhooks are lost on the way, a photo does not come: citizens are heard and agents told all the same."""

import re

import pytest
from playwright.async_api import expect

from citizen_sandbox.play.entry import Attachment
from guichet_testing.doors.desk_lines import reference_in

REFERENCE = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
PHOTO = Attachment(name="trou.jpg", media_type="image/jpeg", content=b"\xff\xd8photo")
# Strangers: what citizens of other stories write by SMS later joins their open cases.
WITH_PHOTO, WITHOUT = "+33639987701", "+33639987702"
ROUNDS_MS = 90_000  # some rounds of catching up, every 10 s, on a busy machine
pytestmark = [pytest.mark.story, pytest.mark.real, pytest.mark.timeout(300)]


async def test_what_twilio_could_not_tell_is_learnt_from_its_list(sandbox, sign_in):
    desk = await sign_in("sophie.renard")
    await sandbox.misbehave("twilio-lost-webhook", count=2)
    await sandbox.misbehave("twilio-media-refused")
    await sandbox.send_sms(phone=WITH_PHOTO, text="Photo d’un dépôt sauvage quai Nord", files=[PHOTO])
    await sandbox.send_sms(phone=WITHOUT, text="Encombrants abandonnés rue du Port")

    # One photo that does not come holds nobody else up, and its own message only until it comes.
    row = desk.get_by_role("row").filter(has_text="abandonnés rue du Port")
    await expect(row).to_be_visible(timeout=ROUNDS_MS)
    with_photo = desk.get_by_role("row").filter(has_text="dépôt sauvage quai Nord")
    await expect(with_photo).to_be_visible(timeout=ROUNDS_MS)

    # Nobody hears Twilio say that the answer arrived; the agent learns it all the same.
    receipt = await sandbox.wait_for_sms(address=WITHOUT)
    assert await reference_in(row) == REFERENCE.search(receipt.text)[0]
    await row.get_by_role("link").click()
    await sandbox.misbehave("twilio-lost-status")
    await desk.get_by_label("Réponse à l’usager").fill("Enlèvement prévu lundi.")
    await desk.get_by_role("button", name="Envoyer la réponse").click()
    await sandbox.wait_for_sms(address=WITHOUT, after=receipt.id, containing="Enlèvement prévu")
    reply = desk.locator(".delivery-delivered")
    await expect(reply.last).to_be_visible(timeout=ROUNDS_MS)
    assert await sandbox.troubles() == {}
