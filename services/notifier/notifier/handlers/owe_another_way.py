"""A receipt, or the news of a change, that cannot arrive goes another way: in a message of its own, to an address that
the citizen proved.

Two writes, each of which may come again: what goes instead is owed, under an id that follows from what failed; then
that says so. Both are done before anybody hears of the failure, and what nobody heard of is swept: see Announcer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from guichet.case.record import CaseRecord
from guichet.contracts.delivery import Purpose
from guichet.errors import TransientError
from guichet.ids import MessageId
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.store.cases.store import CaseStore
from guichet.store.deliveries.document import LEFT, DeliveryDocument
from guichet.store.deliveries.store import Deliveries
from guichet.store.deliveries.watched import makes_up_for
from guichet.store.messages.document import INBOUND_CONTENT
from guichet.store.messages.store import MessageStore
from guichet.town import Town
from guichet.town.provider_accounts import writing_first
from guichet.vault.fields import open_each
from guichet.vault.ports import KeyOpener
from notifier.domain.another_way import WAYS_AT_MOST, Way, as_owed, may_go_on, successor, successor_id, ways_before
from notifier.domain.changes import WORTH_SAYING
from notifier.domain.wording import Wording
from notifier.handlers.find_addresses import ProvenAddress, ProvenAddresses

log = structlog.get_logger()


@dataclass(frozen=True)
class OtherWays:
    """Finds one, a receipt at a time."""

    deliveries: Deliveries
    cases: CaseStore
    messages: MessageStore
    opener: KeyOpener
    town: Town
    wording: Wording
    clock: Callable[[], datetime]

    async def go_on(self, failed: DeliveryDocument) -> Sequence[DeliveryDocument]:
        """Have what failed go another way, where it may and there is one; return both as they are to be announced.

        Raises TransientError. A bug is this receipt's alone: it has failed then, and an agent hears of it.
        """
        if not may_go_on(failed) or _is_old_news(failed, self.clock()):
            return (failed,)
        try:
            return await self._gone_on(failed)
        except TransientError:
            raise
        except Exception:
            log.exception("a bug while another way was looked for", outbound_id=failed.outbound_id)
            raise_alarm(Alarm.SEND_BUG, failed.lane)
            return (failed,)

    async def _gone_on(self, failed: DeliveryDocument) -> Sequence[DeliveryDocument]:
        of_case = await self.deliveries.of_case(failed.case_id)
        instead = next((each for each in of_case if each.outbound_id == successor_id(failed)), None)
        if instead is None:
            instead = None if _is_made_up_for(failed, of_case) else await self._found(failed, of_case)
            if instead is None:
                return (failed,)
            await self.deliveries.insert_new(instead)
            log.info("a receipt goes another way", lane=instead.lane, outbound_id=instead.outbound_id)
        await self.deliveries.hand_on(failed.outbound_id, instead.outbound_id)
        handed_on = {"goes_on_as": instead.outbound_id, "overdue_at": None}
        return failed.model_copy(update=handed_on), as_owed(instead)

    async def _found(self, failed: DeliveryDocument, of_case: list[DeliveryDocument]) -> DeliveryDocument | None:
        case = (await self.cases.find_many([failed.case_id])).get(failed.case_id)
        before = ways_before(failed, of_case)
        if case is None or len(before) >= WAYS_AT_MOST:
            return None
        tried, addresses = await self._ways_of(before), ProvenAddresses(self.messages, self.opener, self.town)
        way = self._untried(await addresses.mailboxes(case), tried)
        way = way or self._untried(await addresses.numbers(case), tried)
        return None if way is None else self._successor(failed, case, way)

    def _successor(self, failed: DeliveryDocument, case: CaseRecord, way: ProvenAddress) -> DeliveryDocument:
        onto = writing_first(way.address.kind, self.town)
        assert onto is not None  # else it is no way
        says = failed.acknowledgement
        in_parts = says is not None and self.wording.is_in_parts(case, onto, says)
        now = self.clock()
        instead = successor(failed, self.town.facts[onto], way.message, now, in_parts=in_parts)
        if failed.change is None:
            return instead
        return instead.model_copy(update={"due_at": self.town.quiet_hours.over_at(now, self.town.working_days)})

    def _untried(self, addresses: Iterable[ProvenAddress], tried: frozenset[Way]) -> ProvenAddress | None:
        """Return the newest address to which the town may write first by a way that has not failed."""
        for each in addresses:
            onto = writing_first(each.address.kind, self.town)
            if onto is not None and Way.to(each.address, onto) not in tried:
                return each
        return None

    async def _ways_of(self, deliveries: Iterable[DeliveryDocument]) -> frozenset[Way]:
        """Return the ways by which these went; of one whose address is erased nobody knows it any more."""
        went_to = [(each.channel, each.instead or each.answers) for each in deliveries]
        found = await self.messages.find_many({message for _, message in went_to})
        contents = {name: INBOUND_CONTENT.on(name, each.content) for name, each in found.items()}
        opened = (await open_each(self.opener, contents)).values
        return frozenset(
            Way.to(content.sender[0], channel)
            for channel, message in went_to
            if (content := opened.get(MessageId(message))) is not None and content.sender
        )


def _is_old_news(failed: DeliveryDocument, now: datetime) -> bool:
    """Say whether it told of a change so long ago that a report which comes now brings nobody another letter."""
    return failed.change is not None and now - failed.requested_at > WORTH_SAYING


def _is_made_up_for(failed: DeliveryDocument, of_case: Iterable[DeliveryDocument]) -> bool:
    if failed.purpose is Purpose.CHANGE:  # what came since is looked for when it would be written
        return False
    left: dict[Purpose, datetime] = {}
    for each in of_case:
        if each.purpose in (Purpose.ARE, Purpose.REPLY) and each.state in LEFT:
            left[each.purpose] = max(each.requested_at, left.get(each.purpose, each.requested_at))
    return makes_up_for(failed.purpose, failed.state, failed.requested_at, left)
