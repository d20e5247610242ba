"""One letter for several receipts of one recipient: whose they are, and which go together."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from guichet.channel.lengths import units
from guichet.channel.outgoing.letter import Letter
from guichet.contracts.channels import ChannelFacts, Form
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import MAIL_ADDRESS, Identifier
from guichet.ids import MessageId, derive_id
from guichet.privacy.normal_form import comparable
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.messages.document import OUTBOUND_CONTENT, OutboundContent
from guichet.town.texts import ReceiptValues
from notifier.domain.draft import Found
from notifier.domain.unfinished_letter import UnfinishedLetter
from notifier.domain.wording import Wording
from notifier.handlers.write_letters import LetterWriter

Trouble = tuple[DeliveryDocument, Exception]


@dataclass(frozen=True)
class Bundle:
    """A letter, or why there is none, and the receipts that it stands for, oldest first."""

    letter: Letter | Exception
    receipts: tuple[DeliveryDocument, ...]


@dataclass(frozen=True)
class _Line:
    """What a receipt says, and to whom. facts: of the channel that carries it: the form's go by mail, with mails'.

    words: of an acknowledgement, which stands whole in the letter.
    """

    receipt: DeliveryDocument
    facts: ChannelFacts
    recipient: Identifier = field(repr=False)
    values: ReceiptValues = field(repr=False)
    words: OutboundContent | None = field(default=None, repr=False)

    @property
    def channel(self) -> ChannelName:
        """The channel that carries it."""
        return self.facts.name

    @property
    def goes_with(self) -> tuple[str | datetime | bool | None, ...]:
        """Equal for those that leave together. What was tried together is tried again together, with nothing new."""
        account = "" if self.facts.form is Form.MAIL else self.receipt.account
        together = (self.channel, account, comparable(self.recipient), self.receipt.unsettled_since)
        if self.words is not None:
            return *together, self.receipt.purpose
        return *together, self.values.received_on, self.values.is_saisine


@dataclass(frozen=True)
class BundleWriter:
    """Writes bundles. writer: reads and keeps what single letters need too."""

    writer: LetterWriter
    wording: Wording

    async def write(self, held: Sequence[DeliveryDocument]) -> tuple[list[Bundle], list[Trouble]]:
        """Return the letters for these receipts, and the receipts that cannot be written, each with why.

        Each case keeps its own line of the letter, before any letter is returned. Raises TransientError.
        """
        found = await self.writer.read(held)
        lines: list[_Line] = []
        troubles: list[Trouble] = []
        for each in held:
            try:
                lines.append(self._line(each, found))
            except Exception as why:
                troubles.append((each, why))
        new = [each for each in lines if each.receipt.outbound_id not in found.messages]
        own = [(each.receipt, self._words([each])) for each in new]
        await self.writer.keep(own, found)
        return [self._bundle(group) for group in self._groups(lines)], troubles

    def _line(self, receipt: DeliveryDocument, found: Found) -> _Line:
        case = found.case_of(receipt)
        values = self.wording.receipt_values(case, found.link_of(case), receipt.channel)
        channels = found.channels
        facts = channels[channels[receipt.channel].answered_on or receipt.channel]
        return _Line(receipt, facts, found.recipient_of(receipt), values, self._acknowledgement(receipt, found))

    def _acknowledgement(self, receipt: DeliveryDocument, found: Found) -> OutboundContent | None:
        """Return the words of an acknowledgement, those that are kept where they are. Raises as `draft` does."""
        if receipt.acknowledgement is None:
            return None
        if receipt.outbound_id in found.messages:
            return found.opened(receipt.outbound_id, OUTBOUND_CONTENT)
        case = found.case_of(receipt)
        return self.wording.acknowledgement(
            case, found.link_of(case), receipt.channel, receipt.acknowledgement, subject=None
        )

    def _words(self, lines: Sequence[_Line]) -> OutboundContent:
        """Return what the letter says that stands for these."""
        channel, whole = lines[0].channel, [each.words for each in lines if each.words is not None]
        if whole:
            return self.wording.acknowledgements(whole, channel)
        return self.wording.receipts([each.values for each in lines], channel)

    def _groups(self, lines: Sequence[_Line]) -> Iterator[list[_Line]]:
        together: dict[object, list[_Line]] = defaultdict(list)
        for line in sorted(lines, key=lambda each: (each.receipt.requested_at, each.receipt.outbound_id)):
            together[line.goes_with].append(line)
        for group in together.values():
            yield from fitting(group, self._fits)

    def _fits(self, lines: Sequence[_Line]) -> bool:
        facts = lines[0].facts
        text = self._words(lines).text
        return facts.longest is None or units(text) <= facts.longest

    def _bundle(self, lines: Sequence[_Line]) -> Bundle:
        first, accounts = lines[0], {each.receipt.account for each in lines}
        words = self._words(lines)
        letter = UnfinishedLetter(
            outbound_id=_name(first),
            channel=first.channel,
            account=first.receipt.account if len(accounts) == 1 else "",
            reference=None,
            is_receipt=True,
            recipient=_usual_spelling(first.recipient),
            subject=words.subject or "",
            text=words.text,
        )
        return Bundle(self.writer.finish(letter), tuple(each.receipt for each in lines))


def fitting(lines: Sequence[_Line], fits: Callable[[Sequence[_Line]], bool]) -> Iterator[list[_Line]]:
    """Yield the lines in their order in as few groups as fit; a line that fits nowhere is one."""
    group: list[_Line] = []
    for line in lines:
        if group and not fits([*group, line]):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _usual_spelling(address: Identifier) -> str:
    """Return a mail address as most would write it: one of these receipts may ask for a spelling that none delivers."""
    return comparable(address) if address.kind == MAIL_ADDRESS else address.value


def _name(first: _Line) -> MessageId:
    """Return the id of a letter, the same as long as its first receipt is there.

    A mail's is of its own: an answer to it is about no one case. A provider's reports count for the first receipt.
    """
    own = first.receipt.outbound_id
    return MessageId(derive_id("gathered", own)) if first.facts.form is Form.MAIL else own
