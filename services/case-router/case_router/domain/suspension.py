"""Which messages a person looks at first, whose department, and when one counts as come. Pure (decision 0046)."""

from collections.abc import Iterable, Mapping, Sequence

from case_router.domain.choose_department import RoutingRules
from guichet.contracts.inbound import MessageReceived, Suspicion
from guichet.ids import MessageId
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.suspension import Suspension, SuspensionState
from guichet.town import Town


def suspicions(events: Iterable[MessageReceived]) -> dict[MessageId, Suspicion]:
    """Return why messages are to be suspended: those of which no delivery was taken for harmless."""
    found: dict[MessageId, Suspicion | None] = {}
    for event in events:
        found[event.message_id] = event.suspended if found.get(event.message_id, event.suspended) else None
    return {message: why for message, why in found.items() if why is not None}


class Suspend:
    """Says whose suspended messages are. rules: the town's; no words decide, only where a message came in."""

    def __init__(self, town: Town, rules: RoutingRules) -> None:
        self._town = town
        self._rules = rules

    def suspended(
        self, causes: Mapping[MessageId, MessageDocument], events: Sequence[MessageReceived]
    ) -> dict[MessageId, MessageDocument]:
        """Return the causes of a batch; those that a person looks at first say so."""
        whys = suspicions(events) if any(event.suspended for event in events) else {}
        held = {
            message: causes[message].model_copy(update={"suspended": self._of(causes[message], why)})
            for message, why in whys.items()
        }
        return {**causes, **held}

    def _of(self, message: MessageDocument, why: Suspicion) -> Suspension:
        department = self._rules.by_account(message.accounts).department
        return Suspension(why=why, department=department, sector=self._town.sector_of(department))


def may_answer(message: MessageDocument) -> bool:
    """Say whether a suspended message may go to an open case by itself: not where its author's domain disowns it."""
    return message.suspended is not None and message.suspended.why is Suspicion.SPAM


def as_it_comes_in(message: MessageDocument) -> MessageDocument:
    """Return a message as it is filed: a released one came when it was released, whatever it had waited.

    Its date of receipt in law is what it was.
    """
    held = message.suspended
    if held is None or held.state is not SuspensionState.RELEASED or held.decided_at is None:
        return message
    return message.model_copy(update={"at": held.decided_at})
