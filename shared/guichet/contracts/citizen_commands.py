"""What a citizen asks of their own case through its link. Topic key: the case id.

The proof decides, not who published it: it is made of the link's secret and the command's id
(guichet.privacy.follow_link), and whoever has no link can make none. Only where the case's own link was tampered with
is there nothing to compare it with: see case_router.domain.commands.link_renewal.
"""

from typing import Literal

from guichet.contracts.base import Box, Event
from guichet.ids import CaseId, EventId, derive_id


class RenewLink(Event):
    """Send me a new link: mine has ended. It goes to an address that is surely theirs; `proof` is of the ended one."""

    type: Literal["RenewLink"] = "RenewLink"
    case_id: CaseId
    proof: Box


def renewal_id(lookup: str) -> EventId:
    """Return the id of the command that renews a link: one, however often it is asked for. lookup: of that link."""
    return EventId(derive_id("renew-link", lookup))
