"""Why a receipt may have come twice: its send was in doubt. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from guichet.ids import MessageId
from tests.faults.trouble.chaos import Strike
from tests.faults.verdicts.found import Copy

UNANSWERED = "the provider took it and was ordered not to answer"


def excuses(copies: Mapping[MessageId, Sequence[Copy]], strikes: Iterable[Strike]) -> dict[MessageId, tuple[str, ...]]:
    """Return each doubt there was about a receipt: who sent it died or slept over it, or was never answered.

    One doubt is one further copy at the most.
    """
    found: defaultdict[MessageId, list[str]] = defaultdict(list)
    for strike in strikes:
        when = f"{strike.act} of {strike.process}, second {strike.second:.0f}"
        for outbound in strike.orphans:
            found[MessageId(outbound)].append(f"in flight at {when}")
    for outbound, arrived in copies.items():
        found[outbound] += [UNANSWERED for copy in arrived if copy.is_unanswered]
    return {outbound: tuple(doubts) for outbound, doubts in found.items() if doubts}
