"""The broker is away for a while: sources are refused, try again, and nothing is lost or doubled."""

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.story, pytest.mark.real, pytest.mark.timeout(240)]


async def test_what_was_refused_while_the_broker_was_away_arrives_once_it_is_back(sandbox, sign_in, guichet):
    guichet.stop("kafka")
    mail = await sandbox.send_mail("amina-benali", "Signalisation effacée", "Le passage piéton est effacé.")
    chat = await sandbox.send_telegram("thomas-lefevre", "Le feu tricolore du centre est en panne")
    sms = await sandbox.send_sms("thomas-lefevre-2", "Un trou dans la chaussée avenue Foch")
    guichet.start("kafka")
    assert mail.state == "waiting"
    assert " 451 " in mail.answer
    assert chat.state == "waiting"
    assert "503" in chat.answer
    assert sms.state == "refused"  # Twilio does not try again: its message list does
    assert "503" in sms.answer

    assert (await sandbox.answered(mail, 60)).state == "accepted"
    assert (await sandbox.answered(chat, 60)).state == "accepted"
    await sandbox.wait_for_mail("amina-benali", 60)
    await sandbox.wait_for_telegram("thomas-lefevre", 60)
    await sandbox.wait_for_sms("thomas-lefevre-2", 120)

    desk = await sign_in("karim.haddad")
    for words in ("Signalisation effacée", "feu tricolore du centre", "trou dans la chaussée avenue Foch"):
        await expect(desk.get_by_role("row").filter(has_text=words)).to_have_count(1)
    for citizen, channel in (("amina-benali", "mail"), ("thomas-lefevre", "telegram"), ("thomas-lefevre-2", "sms")):
        received = [
            each for each in await sandbox.entries(citizen) if (each.direction, each.channel) == ("received", channel)
        ]
        assert len(received) == 1, f"{citizen} got {len(received)} receipts"
