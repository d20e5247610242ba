"""What every kind of run is judged by: what was accepted, filed, told and answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from citizen_sandbox.play.entry import Direction, Entry
from guichet_testing.town.sandbox_client import SandboxClient
from tests.faults.load.accepted import Accepted
from tests.faults.load.plan import Plan
from tests.faults.trouble.chaos import Strike
from tests.faults.trouble.in_flight import Eyes
from tests.faults.verdicts import reading, verdicts
from tests.faults.verdicts.excuses import excuses
from tests.faults.verdicts.outcome import Doubled
from tests.faults.verdicts.verdicts import Verdict


async def judge_messages(eyes: Eyes, plans: Sequence[Plan], accepted: Accepted) -> list[Verdict]:
    """Judge that nothing is lost or doubled: messages, cases, events."""
    sendings = [sending for plan in plans for sending in plan.sendings]
    told = [each.message_id for each in sendings if each.number in accepted.numbers]
    threads = frozenset(thread for plan in plans for thread in plan.threads)
    filed, cases = await reading.filed(eyes.database), await reading.cases(eyes.database)
    return [
        verdicts.accepted_is_stored([each for each in told if each is not None], list(filed)),
        verdicts.one_case_per_thread(threads, filed, cases),
        verdicts.events_are_in_order(await reading.events(eyes.town.kafka), cases),
    ]


async def judge_receipts(
    eyes: Eyes, entries: Iterable[Entry], began: datetime, strikes: Iterable[Strike]
) -> tuple[list[Verdict], Doubled]:
    """Judge that each case is answered, and that each further copy has a reason; return those that came twice."""
    database = eyes.database
    receipts, cases = await reading.receipts(database), await reading.cases(database)
    copies = reading.copies(entries, await reading.references(database), began)
    excused = excuses(copies, strikes)
    doubled = {each: found for each, found in copies.items() if len(found) > 1}
    judged = [
        verdicts.each_case_is_answered(receipts, copies, cases),
        verdicts.second_copies_are_excused(copies, excused),
        verdicts.only_what_was_never_answered_is_undecided(receipts, copies, excused),
    ]
    return judged, {each: (found, excused.get(each, ())) for each, found in doubled.items()}


async def received(sandbox: SandboxClient, on_call: str, after: int = 0) -> list[Entry]:
    """Return what reached citizens; the mails to whoever is on call are no citizen's."""
    found = await sandbox.entries(direction=Direction.RECEIVED, after=after)
    return [entry for entry in found if entry.address != on_call]
