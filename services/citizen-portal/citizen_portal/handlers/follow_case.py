"""What a citizen sees of their case: what the notifier sealed for whoever holds the link, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from guichet.contracts.citizen_commands import RenewLink, renewal_id
from guichet.contracts.topics import CITIZEN_COMMANDS
from guichet.ids import CaseId
from guichet.kafka.produce.publisher import Publication, Publisher
from guichet.privacy.follow_link import read_follow_link
from guichet.store.follow_views.document import FollowPage, open_view
from guichet.store.follow_views.store import FollowViews


@dataclass(frozen=True)
class Followed:
    """A link that somebody holds. page: None once the link has ended, or was withdrawn."""

    case_id: CaseId
    page: FollowPage | None
    withdrawn: bool = False


@dataclass(frozen=True)
class FollowLinks:
    """Opens follow links."""

    views: FollowViews
    publisher: Publisher
    clock: Callable[[], datetime]

    async def open(self, token: str) -> Followed | None:
        """Return what a follow link leads to, or None for a token that nobody was given. Raises TransientError,
        TamperedError for a page that somebody altered.

        The token is the only key there is: it opens the one view that was sealed under it.
        """
        link = read_follow_link(token)
        view = None if link is None else await self.views.find(link.lookup)
        if link is None or view is None:
            return None
        page = None if view.has_ended(self.clock()) else open_view(link, view)
        return Followed(view.case_id, page, view.withdrawn)

    async def ask_for_a_new_link(self, token: str) -> None:
        """Ask the router for a link in place of one that has ended or was withdrawn; of any other token nothing comes.

        However often it is asked, it is one command of one link: once the link is replaced, another command would prove
        nothing, and enough of those stop the router. What decides is the proof. Raises TransientError.
        """
        link = read_follow_link(token)
        view = None if link is None else await self.views.find(link.lookup)
        now = self.clock()
        if link is None or view is None or not (view.withdrawn or view.has_ended(now)):
            return
        command = renewal_id(link.lookup)
        asked = RenewLink(event_id=command, occurred_at=now, case_id=view.case_id, proof=link.proof(command))
        await self.publisher.publish(Publication(CITIZEN_COMMANDS, asked))
