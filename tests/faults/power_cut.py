"""`python -m tests.faults.power_cut`: what `make power-cut` runs. The power fails while messages come in.

One broker and one mongod, as a small town has them: nobody else holds a copy. What was accepted before the cut must be
filed and answered after it, from what the disk had been told to keep.
"""

import sys
from typing import Final

from guichet_local.plan.ports import KAFKA, MONGODB
from guichet_testing.town.store import DATA, looked_into
from tests.faults.trouble.chaos import Strike
from tests.faults.trouble.schedule import Act
from tests.faults.variant import Scene, Variant, main
from tests.faults.verdicts.verdicts import Verdict

CUTS_AT: Final = (0.2, 0.6)  # shares of the messages


async def cut_twice(scene: Scene) -> None:
    """Cut the power, let it return, and once more."""
    survived = 0
    for share in CUTS_AT:
        await scene.until_share(share)
        waiting = sum(map(len, scene.accepted.in_flight.values()))
        strike = Strike(scene.second, Act.CUT, "the machine", waiting)
        survived += not await scene.machine.cut_power()
        accepted = len(scene.accepted.numbers)
        scene.say(f"power cut at second {strike.second:.0f}: {accepted} accepted, {waiting} on their way")
        await scene.machine.power_returns(lambda strike=strike: strike.orphans.extend(_held(scene)))  # type: ignore[misc]
        scene.say(f"power is back, {len(strike.orphans)} sends were in flight")
        scene.strikes.append(strike)
    figures = ", ".join(f"second {each.second:.0f}: {each.in_flight} messages on their way" for each in scene.strikes)
    wrong = tuple(f"nothing was in flight at second {each.second:.0f}" for each in scene.strikes if not each.in_flight)
    scene.verdicts.append(Verdict("power cuts with messages in flight", figures, wrong))
    control = (f"an unflushed file survived {survived} of {len(CUTS_AT)} cuts",) if survived else ()
    scene.verdicts.append(Verdict("what nobody flushed is gone, as after a cut", "", control))


def _held(scene: Scene) -> list[str]:
    """Return the receipts whose sending was under way, as the store remembers it."""
    with looked_into(scene.machine.town.stack) as client:
        deliveries = client[DATA]["deliveries"]
        return [each["_id"] for each in deliveries.find({"held_by": {"$exists": True}}, {"_id": 1})]


POWER_CUT: Final = Variant(f"power cut under {KAFKA} and {MONGODB}", cut_twice, shared_disk=True)

if __name__ == "__main__":
    try:
        sys.exit(main(POWER_CUT))
    except KeyboardInterrupt:
        sys.exit(130)
