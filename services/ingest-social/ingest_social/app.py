"""The composition root of ingest-social."""

from collections.abc import Coroutine
from typing import Any, Final

from guichet.channel.host.run import run_host
from guichet.contracts.topics import INBOUND_SOCIAL
from ingest_social.settings import IngestSocialSettings

SERVICE: Final = "ingest-social"


def run(settings: IngestSocialSettings) -> Coroutine[Any, Any, None]:
    """Serve every channel of the town's whose messages go onto inbound-social; see run_host."""
    return run_host(SERVICE, INBOUND_SOCIAL, settings)
