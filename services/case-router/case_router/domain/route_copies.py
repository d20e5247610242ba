"""The mails of a batch that other routes have brought before: which may be, and what is noted of them. Pure."""

from collections.abc import Iterator

from case_router.domain.arrival import Arrival
from case_router.domain.batch_context import BatchContext
from case_router.domain.decisions import Decisions
from case_router.domain.earlier_mail import EarlierMail, as_earlier
from guichet.contracts.inbound import require_possible_accounts
from guichet.store.threads.claim import Claim


class RouteCopies:
    """Of one context, as far as it is decided."""

    def __init__(self, context: BatchContext, decisions: Decisions) -> None:
        self._context = context
        self._decisions = decisions

    def earlier(self, arrival: Arrival) -> Iterator[tuple[Claim, EarlierMail]]:
        """Yield the mails that claimed this mail's Message-ID as theirs before it did, each with its claim."""
        for claim in self._context.own_claims_before(arrival, self._decisions.claims.on(arrival.marks.own)):
            in_batch = self._context.arrivals.get(claim.claimed_by)
            known = self._context.earlier.get(claim.claimed_by) if in_batch is None else as_earlier(in_batch.opened)
            if known is not None:
                yield claim, known

    def note(self, copy: Arrival, first: EarlierMail) -> None:
        """Note a copy, and to which accounts both came.

        Raises PermanentError where these are more than a town has: they rest in one document.
        """
        message, decided = first.message, self._decisions
        before = decided.accounts.get(message.message_id, message.accounts)
        accounts = tuple(dict.fromkeys((*before, *copy.message.accounts)))
        require_possible_accounts(accounts)
        decided.accounts[message.message_id] = accounts
        decided.copies[copy.message_id] = message.message_id

    def keep_head(self, arrival: Arrival) -> None:
        """Note the head of a mail that is no copy, unless one before it has the same: it rests in one document.

        Equal in two, of which one may be in another sector, it would join them (docs/decisions/0014).
        """
        head = arrival.opened.head
        if head is not None and all(mail.head != head for _, mail in self.earlier(arrival)):
            self._decisions.heads[arrival.message_id] = head
