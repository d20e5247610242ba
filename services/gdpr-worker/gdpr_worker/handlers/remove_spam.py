"""Takes away the mail that an agent confirmed to be spam, after the time in which anybody can think better of it.

Its key first, then files and document; its bare id stays for a while, so that no mailbox delivers it again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from guichet.clock import Sleep
from guichet.data_subject.erase import Removal
from guichet.data_subject.finder import PersonFinder
from guichet.mongo.ended import Ended
from guichet.store.messages.suspended import SPAM_KEPT_FOR, SuspendedMail

AT_ONCE: Final = 200  # mails, with their files
PAUSE: Final = timedelta(seconds=1)  # after so many: whoever writes meanwhile is served


@dataclass(frozen=True)
class ConfirmedSpam(Ended):
    """Confirmed spam whose time is over."""

    suspended: SuspendedMail
    finder: PersonFinder
    removal: Removal
    sleep: Sleep

    async def remove(self, now: datetime) -> dict[str, int]:
        """Remove it; whoever is killed in between finds again what is set aside. now: aware UTC.

        Raises TransientError.
        """
        removed = 0
        while ending := await self.suspended.end_spam(now - SPAM_KEPT_FOR, AT_ONCE):
            found = await self.finder.of_messages(ending)
            await self.removal.destroy_keys(found)
            await self.removal.delete(found, now)
            removed += len(ending)
            if len(ending) == AT_ONCE:
                await self.sleep(PAUSE)
        return {"messages": removed}
