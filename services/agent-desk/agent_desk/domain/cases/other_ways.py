"""The other addresses by which an answer may reach a case's citizen (docs/decisions/0084). Pure.

Each is proven to be theirs and nobody else's, and the town writes there first: an answer goes there without a tick.
The router judges it anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent_desk.domain.cases.citizen_card import CitizenCard, KnownIdentifier
from agent_desk.domain.cases.destination import Destination, is_at, reason_against
from guichet.case.record import CaseRecord
from guichet.contracts.channels import Form
from guichet.contracts.inbound_content import Identifier
from guichet.ids import MessageId
from guichet.privacy.normal_form import comparable
from guichet.town.provider_accounts import writing_first
from guichet.town.town import Town

Mark = Callable[[str], str]
"""Makes of what an address is, in one case, a mark that tells it from others, and from which nobody guesses it."""


@dataclass(frozen=True)
class OtherAddress:
    """An address of the citizen's that an answer may go to. mark: by which a form and a draft name it (as `way`).

    It is alike in no two cases. to: where it leads.
    """

    mark: str
    to: Destination


def other_ways(
    case: CaseRecord,
    card: CitizenCard | None,
    usual: Destination | None,
    answers: MessageId,
    town: Town,
    mark: Mark,
) -> tuple[OtherAddress, ...]:
    """Return them, mails first; none where nobody is sure who wrote, or a third person did: nothing that is said to
    them goes to the citizen's addresses.

    card: of the case's citizen. usual: where an answer goes that chooses nothing. answers: the message that it answers.
    """
    if case.citizen is None or case.unverified or card is None or (usual is not None and usual.elsewhere):
        return ()
    proven = (each for each in card.identifiers if is_proven(each))
    led = (_led(each, answers, town) for each in proven)
    ways = [
        OtherAddress(mark(_named(case, each.address)), each)
        for each in led
        if each and not _is_usual(each, usual, town)
    ]
    return tuple(
        sorted(ways, key=lambda each: (town.facts[each.to.channel].form is not Form.MAIL, each.to.address.value))
    )


def is_proven(known: KnownIdentifier) -> bool:
    """Say whether an address is this citizen's alone, and proven so: by the town, or by what came from there."""
    return not known.tampered and not known.shared and (known.verified or known.vouched)


def chosen(ways: Sequence[OtherAddress], mark: str) -> OtherAddress | None:
    """Return the one that a form names; None where it names none, or one that is no more."""
    return next((each for each in ways if mark and each.mark == mark), None)


def _led(known: KnownIdentifier, answers: MessageId, town: Town) -> Destination | None:
    channel = writing_first(known.kind, town)
    if channel is None:
        return None
    address = Identifier(kind=known.kind, value=known.value)
    to = Destination(answers, channel, address, elsewhere=False, surely_theirs=known.verified)
    return to if reason_against(to, channel, town) is None else None


def _is_usual(to: Destination, usual: Destination | None, town: Town) -> bool:
    if usual is None or town.facts.reaching(usual.channel).answered_on != to.channel:
        return False
    return is_at(KnownIdentifier(kind=to.address.kind, value=to.address.value), usual.address)


def _named(case: CaseRecord, address: Identifier) -> str:
    return f"way\n{case.case_id}\n{address.kind}\n{comparable(address)}"
