"""The settings of ingest-social, read once, in `__main__`. Each channel reads its own."""

from guichet.channel.host.settings import HostSettings


class IngestSocialSettings(HostSettings):
    """What every host of channels needs."""
