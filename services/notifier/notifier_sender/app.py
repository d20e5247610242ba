"""The composition root of a sender: one account behind its socket. It knows no town, no store, no broker and no key."""

import os
from typing import Final

from guichet.channel.host.discovery import use_packages_of
from guichet.channel.outgoing.wire.lane_socket import LaneSocket
from guichet.channel.outgoing.wire.sender_server import SenderServer
from guichet.runtime.garbage import tune_collector
from guichet.runtime.health import Health
from guichet.runtime.server import require_free_port, serving_health
from guichet.runtime.signals import told_to_stop
from notifier_sender.accounts import open_account
from notifier_sender.settings import SenderSettings

DISTRIBUTION: Final = "notifier"


def name_of(lane: str) -> str:
    """Return what logs, metrics and the console call the sender of a lane."""
    return f"sender-{lane}"


async def run(settings: SenderSettings) -> None:
    """Send for one account until SIGTERM. Raises SettingsError, also where another process sends for it already."""
    stopping = told_to_stop()
    where = settings.health
    require_free_port(where.health_host, where.health_port, "GUICHET_HEALTH_PORT")
    use_packages_of(settings.channels, settings.channel_packages)
    sender = open_account(settings.lane)
    notifier = os.getuid() if settings.notifier_uid is None else settings.notifier_uid
    server = SenderServer(sender, LaneSocket(settings.sender_sockets, settings.lane, notifier))
    health = Health()
    health.add("socket", server.check)
    await server.start()
    try:
        async with serving_health(health, where):
            tune_collector()
            await stopping.wait()
    finally:
        await server.stop()
