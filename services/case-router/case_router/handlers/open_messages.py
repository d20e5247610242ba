"""Open messages and learn who wrote them, in bulk. What cannot be opened any more counts as erased."""

from collections.abc import Iterable, Sequence

from case_router.domain.arrival import Arrival, Holders, Opened
from case_router.domain.earlier_mail import EarlierMail, as_earlier
from case_router.domain.keys import RouterKeys
from case_router.domain.suspension import as_it_comes_in
from case_router.domain.thread_marks import head_of, read_marks
from case_router.handlers.recognise_citizens import RecogniseCitizens
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.ids import MessageId
from guichet.privacy.follow_link import QuestionLink
from guichet.store.messages.document import INBOUND_CONTENT, OUTBOUND_CONTENT, Direction, MessageDocument
from guichet.town import Town
from guichet.vault.fields import open_each
from guichet.vault.ports import Vault


class MessageReader:
    """Turns sealed messages into arrivals. Every method raises TransientError."""

    def __init__(self, *, vault: Vault, registry: RecogniseCitizens, keys: RouterKeys, town: Town) -> None:
        self._vault = vault
        self._registry = registry
        self._keys = keys
        self._town = town

    async def open(self, messages: Iterable[MessageDocument]) -> list[Opened]:
        """Return the messages that can be opened; a destroyed key leaves its message out. Raises UnopenableError."""
        sealed = {message.message_id: message for message in messages}
        contents = await INBOUND_CONTENT.open_many(self._vault, {name: each.content for name, each in sealed.items()})
        return [self._opened(sealed[name], content) for name, content in contents.items()]

    async def open_others(self, messages: Iterable[MessageDocument]) -> list[Opened]:
        """Return what lies in the store and can be opened: what was tampered with there must stop no other message."""
        sealed = {message.message_id: message for message in messages}
        values = {name: INBOUND_CONTENT.on(name, each.content) for name, each in sealed.items()}
        contents = (await open_each(self._vault, values)).values
        return [self._opened(sealed[name], content) for name, content in contents.items()]

    async def open_earlier(self, mails: Iterable[MessageDocument]) -> dict[MessageId, EarlierMail]:
        """Return mails that lie in the store, for others to be compared with; what was tampered with is left out."""
        sealed = {mail.message_id: mail for mail in mails}
        values = {name: INBOUND_CONTENT.on(name, each.content) for name, each in sealed.items()}
        contents = await open_each(self._vault, values)
        opened = [self._opened(sealed[name], content) for name, content in contents.values.items()]
        earlier = {each.message.message_id: as_earlier(each) for each in opened}
        erased = sealed.keys() - earlier.keys() - contents.tampered
        return earlier | {name: EarlierMail(sealed[name], sealed[name].mail_head, None) for name in erased}

    async def chosen_addresses(self, answers: Iterable[MessageDocument]) -> dict[MessageId, Identifier]:
        """Return where agents chose to send answers; of what does not open nothing is known."""
        values = {each.message_id: OUTBOUND_CONTENT.on(each.message_id, each.content) for each in answers}
        contents = (await open_each(self._vault, values)).values
        return {name: content.to for name, content in contents.items() if content.to is not None}

    async def questions(self, letters: Iterable[MessageDocument]) -> dict[MessageId, QuestionLink]:
        """Return the links of the questions that letters of the town's ask; of what does not open nothing is known."""
        ours = [each for each in letters if each.direction is Direction.OUTBOUND]
        values = {each.message_id: OUTBOUND_CONTENT.on(each.message_id, each.content) for each in ours}
        contents = (await open_each(self._vault, values)).values
        asked = {name: content.question for name, content in contents.items()}
        return {name: QuestionLink(each.secret) for name, each in asked.items() if each is not None}

    async def recognise(self, messages: Sequence[Opened]) -> list[Arrival]:
        """Return opened messages with who may have written them; unknown senders become provisional citizens."""
        holders = await self._registry.recognise(messages) if messages else {}
        return [self._arrival(opened, holders.get(opened.message.message_id, Holders())) for opened in messages]

    def unrecognised(self, opened: Opened) -> Arrival:
        """Return an opened message of whose author nobody asks: a mail that may be spam enters nobody."""
        return self._arrival(opened, Holders())

    def _arrival(self, opened: Opened, holders: Holders) -> Arrival:
        marks = read_marks(opened.message, opened.content, opened.facts, self._keys, self._town.mailboxes)
        return Arrival(opened=opened, holders=holders, marks=marks)

    def _opened(self, message: MessageDocument, content: InboundContent) -> Opened:
        facts = self._town.facts[message.channel]
        return Opened(as_it_comes_in(message), content, facts, head_of(message, content, facts, self._keys))


def as_cause(event: MessageReceived, trace: str | None) -> MessageDocument:
    """Return the document of a message that is not filed yet. trace: whoever files it continues it."""
    return MessageDocument(
        _id=event.message_id,
        direction=Direction.INBOUND,
        channel=event.channel,
        accounts=tuple(dict.fromkeys(event.accounts)),
        at=event.at_our_edge,
        received_at=event.received_at,
        dated_by=event.dated_by,
        date_doubt=event.date_doubt,
        edits=event.edits,
        automatic=event.automatic,
        unread=event.unread,
        entered_by=event.entered_by,
        procedure=event.procedure,
        on_the_spot=event.on_the_spot,
        attachments=event.attachments,
        content=event.content,
        trace=trace,
    )
