"""The settings of a sender, read once, in `__main__`; those of its account are read by who opens it (accounts.py)."""

from pathlib import Path

from pydantic import Field

from guichet.channel.host.settings import Names
from guichet.contracts.inbound import ChannelName
from guichet.runtime.settings import HealthSettings, ServiceSettings


class SenderSettings(ServiceSettings):
    """lane: the provider account that this process sends for.

    sender_sockets: the folder of the sockets over which the notifier hands letters to senders (0700).
    notifier_uid: who may connect; None: who runs as the same user as this process. channels, channel_packages: of an
    account that is not part of Guichet, those that it carries and the folder with a folder for each.
    """

    health: HealthSettings
    lane: ChannelName
    sender_sockets: Path
    notifier_uid: int | None = Field(default=None, ge=0)
    channels: Names = ()
    channel_packages: Path | None = None
