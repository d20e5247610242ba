"""Listen for the town's mail server, and read what it hands over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog

from guichet.channel.lent import Host
from guichet.errors import SettingsError
from guichet.runtime.prctl import hide_memory
from guichet_mail.read.limited_readers.readers import LimitedReaders
from guichet_mail.read.parse import MailReader
from guichet_mail.read.read_mail import read_mail
from guichet_mail.receive.lmtp import Intake, listen
from guichet_mail.receive.mailbox import MailboxHandler
from guichet_mail.settings import MailSettings
from guichet_mail.town_mailboxes import TownMailboxes

log = structlog.get_logger()


@asynccontextmanager
async def open_lmtp(settings: MailSettings, host: Host) -> AsyncIterator[None]:
    """Take mail by LMTP while the block runs. Raises SettingsError when the port is taken."""
    hide_memory()  # from the readers, which are this user's own processes
    mailboxes = TownMailboxes(host.town.mailboxes, host.town.main_mailbox)
    reader = MailReader(mailboxes, host.message_id_key, settings.lmtp_authserv_id)
    async with LimitedReaders(reader) as limited:
        read = partial(read_mail, reader, limited)
        handler = MailboxHandler(host=host, mailboxes=mailboxes, read=read, salvage=reader.salvage)
        async with _listening(handler, settings):
            yield


@asynccontextmanager
async def _listening(handler: MailboxHandler, settings: MailSettings) -> AsyncIterator[None]:
    try:
        intake = Intake(settings.lmtp_max_connections, settings.lmtp_max_bytes_in_flight)
        server = await listen(handler, settings.lmtp_host, settings.lmtp_port, settings.lmtp_max_bytes, intake=intake)
    except OSError as exc:
        raise SettingsError(
            f"Port {settings.lmtp_port} on {settings.lmtp_host} is taken. Stop what uses it, or set GUICHET_LMTP_PORT."
        ) from exc
    log.info("lmtp listens", host=settings.lmtp_host, port=server.sockets[0].getsockname()[1])
    try:
        yield
    finally:
        server.close()  # without waiting: a mail server keeps idle connections open for minutes
