"""Ask a provider that did not answer, again and again: an alarm is raised and ends while nobody signs in, too."""

from datetime import timedelta
from typing import Final

from agent_desk.handlers.sign_in.openid.provider_client import ProviderClient
from guichet.clock import Sleep
from guichet.runtime.rounds import in_rounds

EVERY: Final = timedelta(minutes=1)


async def watch_provider(provider: ProviderClient, sleep: Sleep) -> None:
    """Ask at the start, and from then on while it is in doubt. For as long as the desk runs."""

    async def look() -> None:
        if provider.alarm.is_in_doubt:
            await provider.look()

    await in_rounds(look, EVERY, sleep, "the identity provider is away")
