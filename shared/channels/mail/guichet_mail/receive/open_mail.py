"""Open both ways by which mail comes in, the town's mail server's and its mailboxes, and read what comes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog

from guichet.channel.lent import Host
from guichet.errors import SettingsError
from guichet.runtime.prctl import hide_memory
from guichet.runtime.settings import read_settings
from guichet_mail.mail_file import read_mail_file
from guichet_mail.read.limited_readers.readers import LimitedReaders
from guichet_mail.read.parse import MailReader
from guichet_mail.read.read_mail import read_mail
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.receive.lmtp import Intake, listen
from guichet_mail.receive.mailbox import MailboxHandler
from guichet_mail.receive.neighbours import Neighbours
from guichet_mail.settings import MailSettings, TownFolder
from guichet_mail.town_mailboxes import TownMailboxes

log = structlog.get_logger()


@asynccontextmanager
async def open_mail(settings: MailSettings, host: Host) -> AsyncIterator[None]:
    """Take mail in while the block runs. Raises SettingsError when the port is taken, or mail.yaml is wrong."""
    hide_memory()  # from the readers, which are this user's own processes
    file = read_mail_file(read_settings(TownFolder).town, host.town.mailboxes)
    mailboxes = TownMailboxes(host.town.mailboxes, host.town.main_mailbox)
    reader = MailReader(mailboxes, host.message_id_key, file.own_systems(settings.lmtp_authserv_id))
    async with LimitedReaders(reader) as limited:
        accept = AcceptMail(host, partial(read_mail, reader, limited), reader.salvage)
        async with _listening(MailboxHandler(mailboxes, accept), settings):
            if not file.imap or host.town.demonstration:  # which has nobody's mailbox, nor its password
                yield
                return
            # the library of IMAP is not loaded where no mailbox is read
            from guichet_mail.receive.imap.open_imap import open_imap  # noqa: PLC0415

            async with open_imap(settings, host, file, accept):
                yield


@asynccontextmanager
async def _listening(handler: MailboxHandler, settings: MailSettings) -> AsyncIterator[None]:
    try:
        intake = Intake(settings.lmtp_max_connections, settings.lmtp_max_bytes_in_flight)
        where = (settings.lmtp_host, settings.lmtp_port)
        neighbours = None if settings.may_hand_in is None else Neighbours(settings.may_hand_in)
        server = await listen(handler, *where, settings.lmtp_max_bytes, intake=intake, neighbours=neighbours)
    except OSError as exc:
        raise SettingsError(
            f"Port {settings.lmtp_port} on {settings.lmtp_host} is taken. Stop what uses it, or set GUICHET_LMTP_PORT."
        ) from exc
    log.info("lmtp listens", host=settings.lmtp_host, port=server.sockets[0].getsockname()[1])
    try:
        yield
    finally:
        server.close()  # without waiting: a mail server keeps idle connections open for minutes
