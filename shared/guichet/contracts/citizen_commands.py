"""What a citizen asks of their own case through its link. Topic key: the case id.

The proof decides, not who published it: it is made of the link's secret and the command's id
(guichet.privacy.follow_link), and whoever has no link can make none.
"""

from typing import Literal

from guichet.contracts.base import Box, Event
from guichet.ids import CaseId


class RenewLink(Event):
    """Send me a new link: mine has ended. It goes to an address that is surely theirs; `proof` is of the ended one."""

    type: Literal["RenewLink"] = "RenewLink"
    case_id: CaseId
    proof: Box
