"""What becomes of a mail that nobody can read, a bug of ours among the reasons."""

from types import SimpleNamespace
from typing import Any

from guichet.contracts.topics import INBOUND_EMAIL
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.receive.mailbox import MailboxHandler
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_mail.whence import HERE
from guichet_testing.conformance.world import World

CONTACT = "contact@mairie.example"


def a_bug(*_: Any) -> Any:
    raise ZeroDivisionError


async def test_a_mail_that_becomes_a_dead_letter_notes_whose_channel_it_came_on_and_who_sent_it() -> None:
    world = World()
    accept = AcceptMail(world.lend("mail", INBOUND_EMAIL), a_bug, a_bug)
    handler = MailboxHandler(TownMailboxes([CONTACT], CONTACT), accept)
    mail = b"From: Zo\xc3\xa9 <zoe@exemple.test>\r\n\r\nUn trou"
    handed_over = SimpleNamespace(mail_from="<retour@exemple.test>", rcpt_tos=[CONTACT], content=mail)
    assert await handler.handle_DATA(SimpleNamespace(whence=HERE), None, handed_over) == "250 2.0.0 accepted"
    [origin] = world.origins
    assert origin is not None
    assert origin.provider == "mail"
    assert [each.value for each in origin.senders or ()] == ["retour@exemple.test", "zoe@exemple.test"]
