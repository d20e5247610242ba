"""What came by the form of a question says so, and the next answer goes where the question went."""

import re

from guichet.contracts.inbound_content import InboundContent, Remark
from guichet.ids import MessageId
from guichet_testing.builders.case import ARRIVED

ANSWER = MessageId("a" * 32)


async def test_it_is_read_in_the_case_and_answered_where_the_question_went(karim, hall, cases):
    case = cases["hole"]
    said = InboundContent(sender=(), text="1. Où est le trou ?\nDevant l’école.", remarks=(Remark.ANSWERS_QUESTION,))
    await hall.receive(case, said, message_id=ANSWER, at=ARRIVED, channel="portal", files={"trou.jpg": b"\xff\xd8"})
    hall.cases.put(case.model_copy(update={"last_inbound": ANSWER, "addressed": case.opened_by}))
    page = (await karim.get(f"/demandes/{case.reference}")).text
    for words in ("Devant l’école.", "trou.jpg", "votre réponse part là où la question est partie"):
        assert words in page
    [answers] = re.findall(r'name="answers" value="([^"]*)"', page)
    assert answers == case.opened_by
