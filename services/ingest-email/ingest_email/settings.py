"""The settings of ingest-email, read once, in `__main__`."""

from guichet.channel.host.settings import HostSettings


class IngestEmailSettings(HostSettings):
    """Those of every host; a channel that it opens reads its own."""
