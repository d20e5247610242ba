"""A mail of the export names those between whom it went."""

from unittest.mock import Mock

import pytest

from guichet.contracts.base import Sealed
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound_content import Identifier
from guichet.ids import CaseId, KeyId, MessageId
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet_cli.town_export.mails import Mails
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town

TOWN = the_example_town()
HERS = Identifier(kind="email", value="amina@courriel.example")


def an_answer(account: str) -> MessageDocument:
    return MessageDocument(
        _id=MessageId("answer"),
        direction=Direction.OUTBOUND,
        channel="email",
        accounts=(account,),
        at=ARRIVED,
        filed=CaseId("case"),
        purpose=Purpose.REPLY,
        content=Sealed(key_id=KeyId("key"), box=b""),
    )


@pytest.mark.parametrize(
    ("account", "chosen", "sender", "to"),
    [
        (TOWN.main_mailbox, None, TOWN.main_mailbox, "famille@courriel.example"),
        ("+33600000000", HERS, TOWN.main_mailbox, HERS.value),
    ],
)
def test_an_answer_by_another_way_went_where_an_agent_chose(account, chosen, sender, to):
    content = OutboundContent(subject="Votre demande", text="C’est fait.", to=chosen)
    mail = Mails(Mock(), Mock(), TOWN).mail(an_answer(account), content, (), "famille@courriel.example")
    assert mail is not None
    assert (mail.sender, mail.to) == (sender, (to,))
