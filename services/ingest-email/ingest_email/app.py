"""The composition root of ingest-email."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog

from guichet.channel.connect import connected_edge
from guichet.errors import SettingsError
from guichet.runtime.clock import clock_of
from guichet.runtime.garbage import tune_collector
from guichet.runtime.health import Health
from guichet.runtime.server import serving_health
from guichet.runtime.signals import told_to_stop
from guichet.town.load import load_town
from guichet_mail.read.limited_readers.confinement import hide_memory
from guichet_mail.read.limited_readers.readers import LimitedReaders
from guichet_mail.read.parse import MailReader
from guichet_mail.read.read_mail import read_mail
from guichet_mail.receive.lmtp import Intake, listen
from guichet_mail.receive.mailbox import MailboxHandler
from guichet_mail.town_mailboxes import TownMailboxes
from ingest_email.settings import IngestEmailSettings

SERVICE = "ingest-email"

log = structlog.get_logger()


async def run(settings: IngestEmailSettings) -> None:
    """Take mail by LMTP until SIGTERM. Raises SettingsError for a wrong town and when a port is taken."""
    hide_memory()  # from the readers, which are this user's own processes
    town = load_town(settings.town)
    health, now = Health(), clock_of(SERVICE).now
    mailboxes = TownMailboxes(town.mailboxes, town.main_mailbox)
    reader = MailReader(mailboxes, settings.edge.message_id_key.get_secret_value(), settings.lmtp_authserv_id)
    async with LimitedReaders(reader) as limited, connected_edge(SERVICE, settings, health, now) as edge:
        handler = MailboxHandler(
            edge=edge,
            mailboxes=mailboxes,
            read=partial(read_mail, reader, limited),
            salvage=reader.salvage,
            now=now,
        )
        async with serving_health(health, settings.health), _listening(handler, settings):
            tune_collector()
            await told_to_stop().wait()


@asynccontextmanager
async def _listening(handler: MailboxHandler, settings: IngestEmailSettings) -> AsyncIterator[None]:
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
