"""How many receipts one address gets a day; further ones wait and leave in one message (docs/decisions/0020).

Whoever writes under another's address would else have the town flood that person under its receipts. Of letters about
changes (docs/decisions/0109) a case gets few a day, and an address as many as receipts; further ones do not leave: the
follow page says how it is, and no law wants them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from guichet.contracts.inbound_content import Identifier
from guichet.ids import CaseId, MessageId
from guichet.law.calendar import PARIS, paris_date
from guichet.privacy.coarse_times import day_of
from guichet.privacy.normal_form import one_mailbox
from guichet.privacy.pseudonyms import counted_changes, counted_receipt, counted_recipient
from guichet.store.deliveries.receipt_counts import Counted, ReceiptCounts
from notifier.domain.outcomes import Gathered

IN_THE_MORNING: Final = time(8)  # nobody's telephone rings at midnight
IN_THE_EVENING: Final = time(18)
LATE_ONES_WAIT: Final = timedelta(minutes=15)
CHANGES_OF_A_CASE: Final = 5  # a day; closed, reopened, passed on and back is four
REMEMBERED_FOR: Final = timedelta(days=4)  # from the day's beginning: to the day, an exact time would join


@dataclass(frozen=True)
class NewReceipt:
    """A receipt about to leave for the first time. For a message that came to our edge at `arrived_at`, and was
    received in law at `received_at`.

    proven: it goes to who surely wrote. These count for themselves: nobody else can use up what is theirs.
    same_day: of an acknowledgement, whose last day this may be.
    """

    receipt: MessageId
    recipient: Identifier
    arrived_at: datetime
    received_at: datetime
    proven: bool
    same_day: bool = False


@dataclass(frozen=True)
class NewChange:
    """A letter about a change of a case that was made at `changed_at`, about to leave for the first time.

    again: by another way, after one that failed: to its case it is no further letter.
    """

    change: MessageId
    case: CaseId
    recipient: Identifier
    changed_at: datetime
    again: bool = False


@dataclass(frozen=True)
class Ceiling:
    """per_day: receipts that one address gets one by one, for messages of one day in Paris. key: 32 bytes.

    The day is that of the arrival: an outage of ours that ends brings those of many days of receipt at once.
    """

    counts: ReceiptCounts
    key: bytes = field(repr=False)
    per_day: int
    clock: Callable[[], datetime]

    async def gathered(self, receipts: Sequence[NewReceipt]) -> dict[MessageId, Gathered]:
        """Count receipts; return those that do not leave by themselves. Raises TransientError."""
        if not receipts:
            return {}
        now = self.clock()
        ends_at = day_of(now) + REMEMBERED_FOR
        past = await self.counts.past([self._counted(each) for each in receipts], self.per_day, ends_at)
        late = [receipts[place] for place in past]
        return {
            each.receipt: Gathered(leaves_today_at(now) if each.same_day else leaves_at(each.received_at, now))
            for each in late
        }

    async def too_many(self, changes: Sequence[NewChange]) -> frozenset[MessageId]:
        """Count letters about changes; return those that do not leave. Raises TransientError."""
        first = [each for each in changes if not each.again]
        of_cases = {each.change: counted_changes(self.key, "case", each.case, _day(each)) for each in first}
        past = await self._past(of_cases, CHANGES_OF_A_CASE)
        to_addresses = {
            each.change: counted_changes(self.key, each.recipient.kind, one_mailbox(each.recipient), _day(each))
            for each in changes
            if each.change not in past
        }
        return past | await self._past(to_addresses, self.per_day)

    async def _past(self, counted: Mapping[MessageId, str], ceiling: int) -> frozenset[MessageId]:
        if not counted:
            return frozenset()
        letters, ends_at = [*counted], day_of(self.clock()) + REMEMBERED_FOR
        counting = [Counted(counted[each], counted_receipt(self.key, each)) for each in letters]
        return frozenset(letters[place] for place in await self.counts.past(counting, ceiling, ends_at))

    def _counted(self, new: NewReceipt) -> Counted:
        kind, value, day = new.recipient.kind, one_mailbox(new.recipient), paris_date(new.arrived_at)
        recipient = counted_recipient(self.key, kind, value, day, proven=new.proven)
        return Counted(recipient, counted_receipt(self.key, new.receipt))


def _day(new: NewChange) -> date:
    return paris_date(new.changed_at)


def leaves_at(received_at: datetime, now: datetime) -> datetime:
    """Return when what is gathered of a day leaves: the next morning in Paris, once no more of that day can come.

    The law gives until the end of the next working day, which ends sixteen hours later at the earliest. What comes
    after that morning (a store or a provider was away for days) waits until the next quarter of an hour.
    """
    morning = datetime.combine(paris_date(received_at) + timedelta(days=1), IN_THE_MORNING, PARIS)
    return max(morning, rounded_up(now, LATE_ONES_WAIT))


def leaves_today_at(now: datetime) -> datetime:
    """Return when gathered acknowledgements leave: in the evening of the day in Paris, so that none misses its last
    day; those of after it in the next quarter of an hour."""
    evening = datetime.combine(paris_date(now), IN_THE_EVENING, PARIS)
    return max(evening, rounded_up(now, LATE_ONES_WAIT))


def rounded_up(at: datetime, to: timedelta) -> datetime:
    """Return the next full minute, quarter of an hour …: a moment that many share tells nothing of who waits."""
    since = (at - datetime.min.replace(tzinfo=at.tzinfo)) % to
    return at + (to - since if since else timedelta(0))
