"""A mail that the town's own filter suspects, let in as ingest-email does: the sandbox's mail server suspects none."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import patch

from guichet.channel.connect import connected_edge
from guichet.channel.envelope import Envelope
from guichet.channel.settings import AdapterSettings
from guichet.contracts.inbound import Suspicion
from guichet.contracts.topics import INBOUND_EMAIL
from guichet.runtime.health import Health
from guichet.runtime.settings import read_settings
from guichet_canary.writing.cast import Person
from guichet_canary.writing.mails import CONTACT
from guichet_local.stack import LocalStack
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes


async def be_taken_for_spam(stack: LocalStack, writer: Person, raw: bytes) -> None:
    """Seal the mail and publish it, with its file, as one that waits for an agent."""
    with patch.dict(os.environ, stack.environment_of("ingest-email")):
        settings = read_settings(AdapterSettings)
    reader = MailReader(TownMailboxes([CONTACT], CONTACT), b"canary".ljust(32))
    draft = reader.read(Envelope(writer.email.value, (CONTACT,), raw), datetime.now(UTC))
    async with connected_edge("ingest-email", settings, Health(), lambda: datetime.now(UTC)) as edge:
        await edge.accept(INBOUND_EMAIL, replace(draft, suspended=Suspicion.SPAM))
