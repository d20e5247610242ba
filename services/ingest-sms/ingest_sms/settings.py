"""The settings of ingest-sms, read once, in `__main__`."""

from guichet.channel.host.settings import HostSettings


class IngestSmsSettings(HostSettings):
    """Those of every host; what a channel's provider needs, its package reads itself."""
