"""Why a receipt may have come twice: its send was in doubt. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from tests.faults.chaos import Strike
from tests.faults.found import Copy

from guichet.ids import MessageId


def excuses(copies: Mapping[MessageId, Sequence[Copy]], strikes: Iterable[Strike]) -> dict[MessageId, str]:
    """Return, for each receipt whose send was in doubt, why: its sender died or slept over it, or was never answered."""
    found = {
        MessageId(outbound): f"in flight at {strike.act} of {strike.process}, second {strike.second:.0f}"
        for strike in strikes
        for outbound in strike.orphans
    }
    unanswered = {
        outbound: "the provider took it and was ordered not to answer"
        for outbound, arrived in copies.items()
        if any(copy.is_unanswered for copy in arrived[:-1])
    }
    return unanswered | found
