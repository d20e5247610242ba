"""To which address a message of the town's left, as far as its case tells."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_desk.domain.cases.left_for import with_addresses
from agent_desk.domain.cases.moments import TownWrote
from guichet.contracts.base import Sealed
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import MessageId
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.doors.filled_hall import mail, phone

PHONE, MAIL, CHOSEN = phone("+33639982222"), mail("lea.martin@courriel.example"), mail("a.martin@travail.example")
LATER = ARRIVED + timedelta(minutes=9)
CASE = a_case("texted", last_inbound=MessageId("last"))
ANSWER = TownWrote(
    at=ARRIVED + timedelta(minutes=5),
    message_id=MessageId("answer"),
    channel="sms",
    purpose=Purpose.REPLY,
    text="Réparé.",
    author=None,
    delivery=DeliveryState.FAILED,
)
SAID = {
    name: InboundContent(sender=(by,), text="") for name, by in ((CASE.opened_by, PHONE), (CASE.last_inbound, MAIL))
}


def inbound(name, at, **fields):
    about = {"channel": "sms", "accounts": (), "filed": CASE.case_id, "content": Sealed(key_id="k", box=b"?")}
    return MessageDocument(_id=name, direction=Direction.INBOUND, at=at, **about, **fields)


OPENING, LAST = (CASE.opened_by, ARRIVED), (CASE.last_inbound, LATER)


@pytest.mark.parametrize(
    ("sent", "there", "address"),
    [
        (ANSWER, (OPENING, LAST), PHONE),
        (replace(ANSWER, at=LATER), (OPENING, LAST), MAIL),
        (ANSWER, (LAST,), None),
        (replace(ANSWER, purpose=Purpose.AEE), (LAST,), PHONE),
        (replace(ANSWER, purpose=Purpose.ARE), (LAST,), PHONE),
        (replace(ANSWER, purpose=Purpose.LINK), (OPENING,), None),
        (replace(ANSWER, by_mail_instead=True), (OPENING,), None),
        (replace(ANSWER, by_another_way=True), (OPENING,), None),
    ],
    ids=[
        "the sender then",
        "the last",
        "on a page before",
        "a receipt",
        "an acknowledgement",
        "a new link",
        "past a cap",
        "another way",
    ],
)
def test_it_is_the_one_that_it_answered_and_none_where_that_is_not_known(sent, there, address):
    [told] = with_addresses([sent], CASE, [inbound(*each) for each in there], SAID)
    assert told.left_for == address


def test_the_one_that_its_author_chose_comes_before():
    said = {**SAID, ANSWER.message_id: OutboundContent(text="Réparé.", to=CHOSEN)}
    [told] = with_addresses([ANSWER], CASE, [inbound(*OPENING)], said)
    assert told.left_for == CHOSEN


@pytest.mark.parametrize("what", [{"automatic": "auto-submitted"}, {"copy_of": MessageId("first")}])
def test_what_no_person_wrote_and_a_copy_are_answered_by_nothing(what):
    [told] = with_addresses([ANSWER], CASE, [inbound(*OPENING), inbound("between", ANSWER.at, **what)], SAID)
    assert told.left_for == PHONE
