"""The other addresses by which an answer may reach a case's citizen (docs/decisions/0084). Pure.

Each is proven to be theirs and nobody else's, and the town writes there first: an answer goes there without a tick.
The router judges it anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from agent_desk.domain.cases.citizen_card import CitizenCard, KnownIdentifier
from agent_desk.domain.cases.destination import Destination, is_at, reason_against
from agent_desk.domain.cases.moments import Words
from guichet.case.record import CaseRecord
from guichet.contracts.authorship import proves_its_author, written_by
from guichet.contracts.channels import Form, KnownChannels
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
) -> tuple[OtherAddress, ...]:
    """Return them, mails first, and of these the one that is known since last; none where nobody is sure who wrote, or
    a third person did: nothing that is said to them goes to the citizen's addresses.

    card: of the case's citizen. usual: where an answer goes that chooses nothing. answers: the message that it answers.
    """
    if case.citizen is None or case.unverified or card is None or (usual is not None and usual.elsewhere):
        return ()
    newest_first = sorted(
        (each for each in card.identifiers if is_proven(each)),
        key=lambda each: each.since or _NEVER,
        reverse=True,
    )
    led = (_led(each, answers, town) for each in newest_first)
    ways = [
        OtherAddress(mark(_named(case, each.address)), each)
        for each in led
        if each and not _is_usual(each, usual, town)
    ]
    return _mails_first(ways, town)


def is_to_order(ways: Sequence[OtherAddress], town: Town) -> bool:
    """Say whether it matters which was written from last: two are mails, or two are none."""
    return len({_is_mail(each, town) for each in ways}) < len(ways)


def last_written_first(ways: Sequence[OtherAddress], written: Written, town: Town) -> tuple[OtherAddress, ...]:
    """Return them, mails first, and of these the one from which the citizen wrote last, else as they stand."""
    return _mails_first(sorted(ways, key=lambda each: written.get(_of(each.to.address), _NEVER), reverse=True), town)


def written_from(
    messages: Iterable[MessageDocument], words: Mapping[MessageId, Words], channels: KnownChannels
) -> Written:
    """Return when messages came last from each address of which somebody vouches that it wrote them.

    A Reply-To, or a From that nobody vouches for, can be anybody's: it brings no address to the front.
    """
    found: dict[tuple[str, str], datetime] = {}
    for message in sorted(messages, key=lambda each: each.at):
        said = words.get(message.message_id)
        if isinstance(said, InboundContent) and proves_its_author(said, channels[message.channel]):
            author = written_by(said, message.automatic)
            if author is not None:
                found[_of(author)] = message.at
    return found


def is_proven(known: KnownIdentifier) -> bool:
    """Say whether an address is this citizen's alone, and proven so: by the town, or by what came from there."""
    return not known.tampered and not known.shared and (known.verified or known.vouched)


def chosen(ways: Sequence[OtherAddress], mark: str) -> OtherAddress | None:
    """Return the one that a form names; None where it names none, or one that is no more."""
    return next((each for each in ways if mark and each.mark == mark), None)


def _of(address: Identifier) -> tuple[str, str]:
    return address.kind, comparable(address)


def _mails_first(ways: Iterable[OtherAddress], town: Town) -> tuple[OtherAddress, ...]:
    return tuple(sorted(ways, key=lambda each: not _is_mail(each, town)))


def _is_mail(way: OtherAddress, town: Town) -> bool:
    return town.facts[way.to.channel].form is Form.MAIL


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
