"""What a message's adapter says of how it came stands above its words, in the agent's language."""

import pytest

from guichet.contracts.inbound_content import InboundContent, Remark
from guichet.ids import MessageId
from guichet_testing.builders.case import ARRIVED

SAID = {
    Remark.ENCRYPTED: ("est chiffré", "is encrypted"),
    Remark.SIGNATURE_UNCHECKED: ("signature électronique que Guichet ne vérifie pas", "which Guichet does not check"),
    Remark.SEVERAL_AUTHORS: ("plusieurs auteurs", "several authors"),
    Remark.UNOPENED: ("n’a pas pu être ouverte", "could not be opened"),
    Remark.CUT_SHORT: ("trop de pièces", "more files"),
    Remark.ANSWERS_QUESTION: ("Rien ne prouve qui a ouvert le lien", "Nothing proves who opened the link"),
    Remark.IMPOSSIBLE_PLACE: ("nulle part sur la Terre", "nowhere on Earth"),
}


@pytest.mark.parametrize("remark", Remark)
async def test_a_remark_is_said_in_words(karim, hall, cases, remark):
    content = InboundContent(sender=(), text="Voir ci-joint.", remarks=(remark, "of-tomorrow"))
    await hall.receive(cases["hole"], content, message_id=MessageId("m" * 32), at=ARRIVED)
    address = f"/demandes/{cases['hole'].reference}"
    french, english = SAID[remark]
    page = (await karim.get(address)).text
    assert french in page
    assert "of-tomorrow" not in page
    assert english in (await karim.get(f"{address}?langue=en")).text
