"""A question of the town's, for whoever holds its link: asked until somebody answers, once (docs/decisions/0108)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from citizen_portal.domain.question_form import QuestionForm
from citizen_portal.handlers.accept_form import digests, drafted
from guichet.channel.draft import Draft
from guichet.channel.edge import Edge
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import InboundContent, Remark
from guichet.contracts.questions import AnsweredQuestion
from guichet.contracts.topics import INBOUND_PORTAL
from guichet.ids import CaseId, MessageId, derive_id
from guichet.privacy.follow_link import QuestionLink, read_question_link
from guichet.privacy.pseudonyms import keyed_digest, message_id
from guichet.store.follow_views.question_page import QuestionPage, open_question
from guichet.store.follow_views.store import FollowViews

REMEMBERED: Final = 10_000  # links: about 2 MB; the page says of older ones that they are answered


@dataclass(frozen=True)
class AskedQuestion:
    """A link that somebody holds. page: None once it leads nowhere any more."""

    link: QuestionLink
    case_id: CaseId
    page: QuestionPage | None


@dataclass(frozen=True)
class Questions:
    """Opens questions, and takes one answer of each. account: the mailbox that the answers are written to."""

    views: FollowViews
    edge: Edge
    message_id_key: bytes
    account: str
    clock: Callable[[], datetime]
    _taken: dict[str, MessageId] = field(default_factory=dict)  # by link; the oldest first

    async def open(self, token: str) -> AskedQuestion | None:
        """Return what a link asks, or None for a token that nobody was given. Raises TransientError, TamperedError."""
        link = read_question_link(token)
        view = None if link is None else await self.views.find(link.lookup)
        if link is None or view is None:
            return None
        page = None if view.has_ended(self.clock()) else open_question(link, view)
        return AskedQuestion(link, view.case_id, page)

    def is_taken(self, asked: AskedQuestion) -> bool:
        """Say whether an answer was taken here, which the case may not have yet."""
        return asked.link.lookup in self._taken

    def has(self, asked: AskedQuestion, form: QuestionForm, channel: ChannelName) -> bool:
        """Say whether this very answer was taken here: sent again by whoever never saw the thanks, it is no other."""
        assert asked.page is not None  # there is a form
        return self._taken.get(asked.link.lookup) == self._draft(asked.link, asked.page, form, channel).message_id

    async def accept(self, asked: AskedQuestion, form: QuestionForm, channel: ChannelName) -> bool:
        """Hand an answer without errors to the edge; return once the broker has confirmed it. False: there is another.

        The id covers the link and everything that was said: sent twice, it is one message. Raises TransientError: the
        link then takes another answer, too, because nobody knows whether this one arrived.
        """
        assert asked.page is not None  # there is a form
        answer, lookup = self._draft(asked.link, asked.page, form, channel), asked.link.lookup
        if self._taken.setdefault(lookup, answer.message_id) != answer.message_id:
            return False
        try:
            await self.edge.accept(INBOUND_PORTAL, answer)
        except BaseException:  # whatever it was, and where the browser went away in between, too
            self._taken.pop(lookup, None)
            raise
        self._taken.setdefault(lookup, answer.message_id)  # of two clicks, the other one failed meanwhile
        if len(self._taken) > REMEMBERED:
            del self._taken[next(iter(self._taken))]
        return True

    def _draft(self, link: QuestionLink, page: QuestionPage, form: QuestionForm, channel: ChannelName) -> Draft:
        key = self.message_id_key
        said = derive_id("question", link.lookup, keyed_digest(key, form.text.encode()), *digests(form.files, key))
        answer = message_id(key, channel, self.account, said)
        proven = AnsweredQuestion(outbound_id=page.question, proof=link.proof(answer))
        return Draft(
            channel=channel,
            accounts=(self.account,),
            message_id=answer,
            content=InboundContent(sender=(), text=form.text, remarks=(Remark.ANSWERS_QUESTION,), question=proven),
            received_at=self.clock(),
            sender_key_value=link.lookup,
            files=drafted(form.files),
        )
