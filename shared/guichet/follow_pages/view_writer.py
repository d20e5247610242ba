"""Write the pages of cases, sealed under their links, at the moment something becomes visible (docs/decisions/0015)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from guichet.errors import ErasedError, KeyMissingError, TamperedError, UnopenableError
from guichet.follow_pages.page_content import hides_answer, link_ends_at, page_of
from guichet.follow_pages.question_pages import question_views, shown_question
from guichet.ids import CaseId, MessageId
from guichet.privacy.follow_link import FollowLink
from guichet.store.cases.fields import LINK
from guichet.store.cases.followed import FollowedCase, FollowedCases, GivenAnswer
from guichet.store.follow_views.document import FollowView, Hidden, ShownFile, seal_view
from guichet.store.follow_views.store import FollowViews
from guichet.store.messages.document import OUTBOUND_CONTENT, Direction, MessageDocument, OutboundContent
from guichet.store.messages.store import MessageStore
from guichet.town import Town
from guichet.vault.fields import Keys, living_keys
from guichet.vault.ports import KeyOpener


@dataclass(frozen=True)
class Withdrawn:
    """A page that is shown to nobody any more."""

    case_id: CaseId


@dataclass(frozen=True)
class ViewWriter:
    """Writes views."""

    cases: FollowedCases
    messages: MessageStore
    views: FollowViews
    opener: KeyOpener
    town: Town

    async def write(self, cases: Collection[CaseId]) -> None:
        """Bring the views of these cases up to their present state, together. Raises TransientError.

        What is shown is what the store holds now, so that a replay of older events shows nothing older. Where the link
        of a case does not open, nobody can tell whose its page is: that is withdrawn.
        """
        followed = [case for case in await self.cases.find_many(cases) if case.link is not None] if cases else []
        if not followed:
            return
        messages = await self._answers(followed)
        sealed = [*(case.link for case in followed if case.link), *(each.content for each in messages.values())]
        keys = await living_keys(self.opener, sealed)
        views = [view for case in followed for view in self._views(case, messages, keys)]
        await self.views.put([view for view in views if isinstance(view, FollowView)])
        if hidden := [each for case in followed for each in self._hidden(case)]:
            await self.views.remove_questions(hidden)
        if withdrawn := [view.case_id for view in views if isinstance(view, Withdrawn)]:
            await self.views.withdraw(withdrawn)

    async def remove_former(self, cases: Collection[CaseId]) -> None:
        """Take away the views of links that were replaced: they lead nowhere. Raises TransientError."""
        for case in await self.cases.find_many(cases) if cases else []:
            await self.views.remove_former(case.case_id, case.follow)

    async def remove(self, cases: Collection[CaseId]) -> None:
        """Take the views of destroyed cases away: nobody signs an event, so the store must say that they are.

        Raises TransientError.
        """
        living = {case.case_id for case in await self.cases.find_many(cases)} if cases else set()
        if gone := {*cases} - living:
            await self.views.remove(gone)

    async def _answers(self, followed: Iterable[FollowedCase]) -> Mapping[MessageId, MessageDocument]:
        wanted = [given.message_id for case in followed for given in case.answers]
        found = await self.messages.find_many(wanted) if wanted else {}
        return {id_: message for id_, message in found.items() if message.direction is Direction.OUTBOUND}

    def _hidden(self, case: FollowedCase) -> list[MessageId]:
        """Return the answers of a case that are shown to nobody: what they ask is asked by no form any more."""
        return [given.message_id for given in case.answers if hides_answer(case, given, self.town)]

    def _views(
        self, case: FollowedCase, messages: Mapping[MessageId, MessageDocument], keys: Keys
    ) -> list[FollowView | Withdrawn]:
        """Return the page of a case, then the forms of its questions."""
        try:
            link = link_of(case, keys)
        except TamperedError:
            return [Withdrawn(case.case_id)]
        except KeyMissingError:  # today's vault lacks it, the right one may not: the page stays as it was
            return []
        if link is None:  # its key is gone: the case is being erased
            return []
        said = {
            given.message_id: self._words(case, given, messages, keys)
            for given in case.answers
            if given.message_id in messages
        }
        answers = {
            name: (messages[name], words if isinstance(words, Hidden) else words.text) for name, words in said.items()
        }
        files = {
            name: _files(messages[name], words, keys)
            for name, words in said.items()
            if isinstance(words, OutboundContent)
        }
        asked = {
            name: words.question
            for name, words in said.items()
            if isinstance(words, OutboundContent) and words.question is not None
        }
        page = seal_view(
            link,
            page_of(case, answers, self.town, files, shown_question(case, asked)),
            case_id=case.case_id,
            version=case.version,
            expires_at=link_ends_at(case, self.town),
            answers=tuple(answers),
        )
        return [page, *question_views(case, asked, self.town)]

    def _words(
        self,
        case: FollowedCase,
        given: GivenAnswer,
        messages: Mapping[MessageId, MessageDocument],
        keys: Keys,
    ) -> OutboundContent | Hidden:
        """Open an answer, or say why not. What the page will not show is not opened for it."""
        if hides_answer(case, given, self.town):
            return Hidden.SENSITIVE
        try:
            return OUTBOUND_CONTENT.on(given.message_id, messages[given.message_id].content).open(keys)
        except ErasedError:
            return Hidden.ERASED
        except UnopenableError:
            return Hidden.TAMPERED


def _files(message: MessageDocument, words: OutboundContent, keys: Keys) -> tuple[ShownFile, ...]:
    """Return the files of an answer whose words open: its key opens them, too."""
    key = keys[message.content.key_id]
    return tuple(
        ShownFile(
            attachment_id=each.attachment_id,
            message_id=message.message_id,
            name=words.attachment_names.get(each.attachment_id, f"fichier-{number}"),
            content_type=each.content_type,
            size_bytes=each.size_bytes,
            key_id=key.key_id,
            secret=key.secret,
        )
        for number, each in enumerate(message.attachments, start=1)
    )


def link_of(case: FollowedCase, keys: Keys) -> FollowLink | None:
    """Open the secret of a case's link; None where its key is gone, or the case has none. Raises UnopenableError."""
    if case.link is None or case.link.key_id not in keys:
        return None
    return LINK.open(keys[case.link.key_id], case.case_id, case.link)
