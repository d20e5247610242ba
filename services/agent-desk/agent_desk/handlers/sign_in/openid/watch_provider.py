"""Ask a provider that did not answer, again and again: an alarm is raised and ends while nobody signs in, too."""

from datetime import timedelta
from typing import Final

import structlog

from agent_desk.domain.sign_in.openid.errors import ProviderAwayError
from agent_desk.handlers.sign_in.openid.provider_client import ProviderClient
from guichet.clock import Sleep

log = structlog.get_logger()
EVERY: Final = timedelta(minutes=1)


async def watch_provider(provider: ProviderClient, sleep: Sleep) -> None:
    """Ask at the start, and from then on while it is in doubt. For as long as the desk runs."""
    while True:
        if provider.alarm.is_in_doubt:
            try:
                await provider.look()
            except ProviderAwayError as exc:
                log.warning("the identity provider is away", error=str(exc))
        await sleep(EVERY)
