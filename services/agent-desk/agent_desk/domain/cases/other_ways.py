"""The other addresses by which an answer may reach a case's citizen (docs/decisions/0084). Pure.

Each is proven to be theirs and nobody else's, and the town writes there first: an answer goes there without a tick.
The router judges it anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from agent_desk.domain.cases.citizen_card import CitizenCard, KnownIdentifier
from agent_desk.domain.cases.destination import Destination, is_at, reason_against
from agent_desk.domain.cases.moments import Words
from guichet.case.record import CaseRecord
from guichet.contracts.channels import Form
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.ids import MessageId
from guichet.privacy.normal_form import comparable
from guichet.store.messages.document import MessageDocument
from guichet.town.provider_accounts import writing_first
from guichet.town.town import Town

Mark = Callable[[str], str]
"""Makes of what an address is, in one case, a mark that tells it from others, and from which nobody guesses it."""
Written = Mapping[tuple[str, str], datetime]
"""By kind and comparable value of an address: when something was last written from there."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


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
    written: Written = MappingProxyType({}),
) -> tuple[OtherAddress, ...]:
    """Return them, mails first, and of these the one from which the citizen wrote last, else the one that is known
    since last; none where nobody is sure who wrote, or a third person did: nothing that is said to them goes to the
    citizen's addresses.

    card: of the case's citizen. usual: where an answer goes that chooses nothing. answers: the message that it answers.
    """
    if case.citizen is None or case.unverified or card is None or (usual is not None and usual.elsewhere):
        return ()
    newest_first = sorted(
        (each for each in card.identifiers if is_proven(each)),
        key=lambda each: (written.get(_of(each), _NEVER), each.since or _NEVER),
        reverse=True,
    )
    led = (_led(each, answers, town) for each in newest_first)
    ways = [
        OtherAddress(mark(_named(case, each.address)), each)
        for each in led
        if each and not _is_usual(each, usual, town)
    ]
    return tuple(sorted(ways, key=lambda each: town.facts[each.to.channel].form is not Form.MAIL))


def written_from(messages: Iterable[MessageDocument], words: Mapping[MessageId, Words]) -> Written:
    """Return when messages came from each address that wrote them."""
    found: dict[tuple[str, str], datetime] = {}
    for message in sorted(messages, key=lambda each: each.at):
        said = words.get(message.message_id)
        if isinstance(said, InboundContent) and said.sender and message.entered_by is None:
            found[said.sender[0].kind, comparable(said.sender[0])] = message.at
    return found


def is_proven(known: KnownIdentifier) -> bool:
    """Say whether an address is this citizen's alone, and proven so: by the town, or by what came from there."""
    return not known.tampered and not known.shared and (known.verified or known.vouched)


def chosen(ways: Sequence[OtherAddress], mark: str) -> OtherAddress | None:
    """Return the one that a form names; None where it names none, or one that is no more."""
    return next((each for each in ways if mark and each.mark == mark), None)


def _of(known: KnownIdentifier) -> tuple[str, str]:
    return known.kind, comparable(Identifier(kind=known.kind, value=known.value))


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
