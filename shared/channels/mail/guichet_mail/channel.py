"""The channel mail: the town's mailboxes by LMTP, and its relay."""

from pathlib import Path
from typing import Final

from guichet.channel.declaration import Channel, Listener, Provider
from guichet.town.channel_facts import read_facts
from guichet_mail.receive.open_lmtp import open_lmtp
from guichet_mail.redeliver import redeliver
from guichet_mail.settings import MailSettings

MAIL: Final = Provider("mail", MailSettings, inbound=(Listener(open=open_lmtp, redeliver=redeliver),))
EMAIL: Final = Channel(facts=read_facts(Path(__file__).with_name("email.yaml")), provider=MAIL)
