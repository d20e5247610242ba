"""What a citizen sees of their case: what the notifier sealed for whoever holds the link, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from guichet.ids import CaseId
from guichet.privacy.follow_link import read_follow_link
from guichet.store.follow_view_document import FollowPage, open_view
from guichet.store.follow_views import FollowViews


@dataclass(frozen=True)
class Followed:
    """A link that somebody holds. page: None once the link has ended."""

    case_id: CaseId
    page: FollowPage | None


@dataclass(frozen=True)
class Following:
    """Opens follow links."""

    views: FollowViews
    clock: Callable[[], datetime]

    async def open(self, token: str) -> Followed | None:
        """Return what a follow link leads to, or None for a token that nobody was given. Raises TransientError.

        The token is the only key there is: it opens the one view that was sealed under it.
        """
        link = read_follow_link(token)
        view = None if link is None else await self.views.find(link.lookup)
        if link is None or view is None:
            return None
        return Followed(view.case_id, None if view.has_ended(self.clock()) else open_view(link, view))
