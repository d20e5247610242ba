"""What a letter costs its town, whether it may go to its number, and when one that waits is tried again. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from guichet.channel.letter_cost import cost_of
from guichet.channel.outgoing.letter import Letter
from guichet.contracts.channels import ChannelFacts
from guichet.contracts.inbound_content import PHONE_NUMBER
from guichet.law.calendar import PARIS, paris_date
from guichet.store.deliveries.document import CAP_REACHED, DeliveryDocument
from guichet.store.deliveries.spending import Charge
from guichet.town.costs import AccountCosts
from guichet.town.reachable_numbers import reason_against
from notifier.domain.outcomes import Barred
from notifier.domain.part_of_answer import PartOfAnswer

LOOK_AGAIN: Final = timedelta(minutes=10)  # a cap may be lifted, or a letter given back, at any time


def charge_of(
    letter: Letter, counted: Sequence[str], facts: ChannelFacts, costs: AccountCosts, day: date
) -> Charge | Barred | None:
    """Return what these texts cost as letters; None where nothing is billed by the letter, or nothing is to be counted.

    Barred: the letter may not go to its number.
    """
    if facts.charged is None:
        return None
    number = letter.recipient if facts.kind is not None and facts.kind.name == PHONE_NUMBER else None
    if number is not None and (why := reason_against(number, costs.countries)):
        return Barred(why)
    if not counted:
        return None
    return cost_of(counted, facts, costs, number, day)


def counted_before(letter: Letter, held: DeliveryDocument) -> tuple[str, ...]:
    """Return the texts that are counted before an attempt: of an answer in parts all of them before the first one
    leaves, so that no cap stops it half-way; what is sent again, in doubt or because an agent says so, by itself."""
    if not held.parts_sent and not held.copies:
        return (letter.text, *(letter.following if isinstance(letter, PartOfAnswer) else ()))
    is_sent_again = held.copies or held.decisions
    return (letter.text,) if is_sent_again else ()


def tried_again_at(now: datetime) -> datetime:
    """Return when a letter without room is looked at again: soon, and at once when the day ends."""
    midnight = datetime.combine(paris_date(now) + timedelta(days=1), time(), PARIS)
    return min(now + LOOK_AGAIN, midnight)


def only_waits(held: DeliveryDocument, now: datetime) -> bool:
    """Say whether nothing but room can move a letter on: it waits already, looks nowhere else now, and none of it may
    have left. It need not be written to find that there is still none."""
    return held.reason == CAP_REACHED and held.unsettled_since is None and not looks_for_another_way(held, now)


def looks_for_another_way(held: DeliveryDocument, now: datetime) -> bool:
    """Say whether a letter that meets a cap looks for a mailbox: when it first does, then once a day in Paris.

    It reads the citizen's mails for that, which change little in ten minutes.
    """
    due = held.due_at.astimezone(PARIS)
    is_first_of_day = due.time() == time() or due.date() < paris_date(now)
    return held.reason != CAP_REACHED or is_first_of_day
