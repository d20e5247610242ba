"""The words of receipts and answers, from the town's templates. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from guichet.case.record import CaseRecord
from guichet.channel.lengths import beginning, divided, units
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.acknowledgement import Acknowledgement
from guichet.contracts.channels import Form
from guichet.contracts.inbound import ChannelName
from guichet.contracts.questions import Question
from guichet.french.basic_letters import in_basic_letters
from guichet.privacy.follow_link import SECRET_BYTES, FollowLink, QuestionLink
from guichet.store.deliveries.document import AbuseNotice, ChangeKind, DeliveryDocument
from guichet.store.messages.document import OutboundContent
from guichet.town import Town
from guichet.town.acknowledgements import (
    MentionMissingError,
    acknowledgement_values,
    acknowledgement_words,
)
from guichet.town.enclosed import with_files_said
from guichet.town.long_dates import long_date
from guichet.town.notice_values import NewLinkValues, OtherWayValues, QuestionValues
from guichet.town.receipts import (
    follow_url,
    privacy_url,
    question_url,
    receipt_values,
    receipt_words,
    with_way_in,
)
from guichet.town.texts import (
    AbuseValues,
    AcknowledgementValues,
    GatheredAcknowledgements,
    GatheredValues,
    ReceiptValues,
    ReplyValues,
    Texts,
    TextTemplate,
    V,
    Written,
    written,
)
from notifier.domain.change_words import change_template, change_values, step_words
from notifier.domain.changes import notice_of
from notifier.domain.subject import Frame, plain_subject

_GROUNDS: Final = {
    AbuseGround.NUMBER: ("leur nombre", "their number"),
    AbuseGround.REPEATED: ("leur caractère répétitif ou systématique", "their being repeated or systematic"),
    AbuseGround.SECURITY: (
        "le risque pour la sécurité du système d’information",
        "the risk for the security of our information system",
    ),
}
_ANY_ACKNOWLEDGEMENT: Final = Acknowledgement(received_on=date.min, is_full=True)  # for the frame of its subject
_ANY_LINK: Final = FollowLink(bytes(SECRET_BYTES))  # as long as every other
_ROOM_FOR_NUMBER: Final = len("(99/99) ")


@dataclass(frozen=True)
class Wording:
    """Writes what citizens read. portal_url: base URL of the citizen portal."""

    town: Town
    portal_url: str

    def receipt(
        self,
        case: CaseRecord,
        link: FollowLink,
        channel: ChannelName,
        subject: str | None,
        came_on: ChannelName | None = None,
    ) -> OutboundContent:
        """Return the AEE. subject: the citizen's own, as it came. came_on: where it goes by another channel than that,
        by which the message seized the town."""
        values = self.receipt_values(case, link, came_on or channel)
        values = replace(values, subject=self._own_subject(case, link, channel, subject))
        return _content(receipt_words(self.town, channel, values, case.procedure))

    def receipts(self, receipts: Sequence[ReceiptValues], channel: ChannelName) -> OutboundContent:
        """Return the one message that stands for several receipts of one recipient, for messages of one day."""
        texts, values = self.town.texts.of(channel), self._gathered_values(receipts)
        if self._is_mail(channel):
            subject, mail = texts.receipts_subject, texts.receipts_mail
            return _content(written(with_way_in(mail, values), subject, mail, subject=subject.render(values)))
        text = in_basic_letters(with_way_in(texts.receipts_short, values))
        return _content(written(text, texts.receipts_short))

    def acknowledgement(
        self, case: CaseRecord, link: FollowLink, channel: ChannelName, says: Acknowledgement, subject: str | None
    ) -> OutboundContent:
        """Return the ARE. subject: the citizen's own, as it came.

        Raises MentionMissingError where the town's files lack what the law has it say.
        """
        values = self._acknowledgement_values(case, link, says)
        values = replace(values, subject=self._own_subject(case, link, channel, subject))
        return _content(acknowledgement_words(self.town, channel, values, says.procedure))

    def acknowledgements(self, words: Sequence[OutboundContent], channel: ChannelName) -> OutboundContent:
        """Return the one message that brings several acknowledgements of one recipient, each whole."""
        if len(words) == 1:
            return words[0]
        texts = self.town.texts.of(channel)
        values = GatheredAcknowledgements(self.town.name, tuple(each.text for each in words))
        if self._is_mail(channel):
            return _letter(texts.acknowledgements_subject, texts.acknowledgements_mail, values)
        return _content(written(texts.acknowledgements_short.render(values), texts.acknowledgements_short))

    def by_mail_instead(
        self,
        case: CaseRecord,
        link: FollowLink,
        came_on: ChannelName,
        words: OutboundContent,
        says: Acknowledgement | None,
    ) -> OutboundContent:
        """Return a receipt's words, written for the channel that its message came on, as a mail that brings them.

        says: of an ARE.
        """
        texts = self.town.texts.of(came_on, case.procedure if says is None else says.procedure)
        subject = (
            texts.receipt_subject.render(self.receipt_values(case, link, came_on))
            if says is None
            else texts.acknowledgement_subject.render(self._acknowledgement_values(case, link, says))
        )
        said = _below(words, texts.mail_instead_mail, OtherWayValues(self.town.facts[came_on].title.fr))
        return said.model_copy(update={"subject": subject})

    def by_another_way(
        self, case: CaseRecord, words: OutboundContent, came_on: ChannelName, onto: ChannelName
    ) -> OutboundContent:
        """Return a message's words that say, in a mail, why they come there. came_on: the channel that failed at
        first; a short message is recognised by its reference, and is paid by its length."""
        if not self._is_mail(onto):
            return words
        why = OtherWayValues(self.town.facts[came_on].title.fr)
        return _below(words, self._texts(case, onto).another_way_mail, why)

    def reply(
        self,
        case: CaseRecord,
        link: FollowLink,
        channel: ChannelName,
        text: str,
        subject: str | None,
        files: int = 0,
        question: Question | None = None,
    ) -> OutboundContent:
        """Return an agent's answer in the town's frame. What is too long for a chat ends in a link to the whole.

        files: how many go with it: a chat is told where they are. question: it asks by a form, to which it leads.
        """
        texts, asked = self._texts(case, channel), () if question is None else (self._asks(case, channel, question),)
        asks = "".join(f"\n\n{each.text}" for each in asked)
        used = {name: version for each in asked for name, version in each.written_from.items()}
        if not self._is_mail(channel):
            text = with_files_said(text, files, self.follow_url(link))
        values = self._reply_values(case, link, text)
        values = replace(values, subject=self._own_subject(case, link, channel, subject))
        if self._is_mail(channel):
            said = _letter(texts.reply_subject, texts.reply_mail, replace(values, text=f"{values.text}{asks}"))
        else:
            fitting = _fitting(texts.reply_short, values, self._room(channel), asks)
            said = _content(written(fitting, texts.reply_short))
        return said.model_copy(update={"written_from": {**said.written_from, **used}})

    def _asks(self, case: CaseRecord, channel: ChannelName, question: Question) -> Written:
        """Return what leads to the form of a question, to stand below an answer's words."""
        texts, until = self._texts(case, channel), question.until
        values = QuestionValues(
            question_url=question_url(self.portal_url, QuestionLink(question.secret).token),
            until_on=long_date(until, "fr"),
            until_in_english=long_date(until, "en"),
        )
        return self._line(channel, texts.question_mail, texts.question_short, values)

    def new_link(
        self, case: CaseRecord, link: FollowLink, channel: ChannelName, subject: str | None
    ) -> OutboundContent:
        """Return the message that brings a new link, in the frame of an answer."""
        texts = self._texts(case, channel)
        values = NewLinkValues(self.town.name, case.reference, self.follow_url(link))
        return self._framed(
            case, link, channel, subject, self._line(channel, texts.new_link_mail, texts.new_link_short, values)
        )

    def change(
        self, case: CaseRecord, link: FollowLink, delivery: DeliveryDocument, subject: str | None
    ) -> OutboundContent:
        """Return what tells a citizen of a change of their case, in the frame of an answer. delivery: of that purpose.

        subject: the citizen's own, as it came.
        """
        assert delivery.change is not None
        channel, notice = delivery.channel, notice_of(delivery.change.step, case)
        if delivery.change.kind is ChangeKind.STEP and notice is not None:
            return self.reply(case, link, channel, step_words(notice, is_mail=self._is_mail(channel)), subject)
        template = change_template(delivery.change.kind, self._texts(case, channel), is_mail=self._is_mail(channel))
        at = case.closed_at or delivery.requested_at  # by another way it is owed later, and no day later is promised
        values = change_values(case, delivery.change.department, at, self.town)
        return self._framed(case, link, channel, subject, self._line(channel, template, template, values))

    def closing(self, case: CaseRecord, channel: ChannelName, closed_at: datetime) -> str:
        """Return the sentences of an answer behind which the case is closed."""
        texts, values = self._texts(case, channel), change_values(case, case.department, closed_at, self.town)
        return self._line(channel, texts.closing_mail, texts.closing_short, values).text

    def _line(self, channel: ChannelName, mail: TextTemplate[V], short: TextTemplate[V], values: V) -> Written:
        """Return words of a mail, or those of a short message in the letters that cost least."""
        if self._is_mail(channel):
            return written(mail.render(values), mail)
        return written(in_basic_letters(short.render(values)), short)

    def _framed(
        self, case: CaseRecord, link: FollowLink, channel: ChannelName, subject: str | None, said: Written
    ) -> OutboundContent:
        framed = self.reply(case, link, channel, said.text, subject)
        return framed.model_copy(update={"written_from": {**framed.written_from, **said.written_from}})

    def abuse_notice(self, case: CaseRecord, channel: ChannelName, notice: AbuseNotice) -> OutboundContent:
        """Return what tells a sender that their messages were declared abusive. It has no link: answers may go
        elsewhere than to their author, whom it is for.
        """
        reason, reason_in_english = _GROUNDS[notice.ground]
        values = AbuseValues(
            town_name=self.town.name,
            reference=case.reference,
            department=self.town.department_or_fallback(case.department),
            reason=reason,
            reason_in_english=reason_in_english,
            until_on=long_date(notice.until, "fr"),
            until_in_english=long_date(notice.until, "en"),
            privacy_url=self._privacy_url,
        )
        texts = self._texts(case, channel)
        if self._is_mail(channel):
            return _letter(texts.abuse_subject, texts.abuse_mail, values)
        return _content(written(in_basic_letters(texts.abuse_short.render(values)), texts.abuse_short))

    def in_parts(
        self, case: CaseRecord, link: FollowLink, channel: ChannelName, text: str, *, begun: bool
    ) -> list[str]:
        """Return an answer whole, as the messages that carry it: one where it fits, else numbered ones.

        begun: some have left. Where the text is divided depends on the text and the channel alone, and the town's
        frame is a part of its own: what the town changes meanwhile moves no word from one part to another.
        """
        values, template = self._reply_values(case, link, text), self._texts(case, channel).reply_short
        whole, room = template.render(values), self._room(channel)
        if units(whole) <= room and not begun:
            return [whole]
        parts = [*divided(values.text, room - _ROOM_FOR_NUMBER), template.render(replace(values, text=""))]
        return [f"({number}/{len(parts)}) {part}" for number, part in enumerate(parts, start=1)]

    def is_in_parts(self, case: CaseRecord, channel: ChannelName, says: Acknowledgement) -> bool:
        """Say whether an acknowledgement may need more than one message of its channel: also while it is unwritable."""
        facts = self.town.facts[channel]
        if facts.form is not Form.SHORT:
            return False
        try:
            words = self.acknowledgement(case, _ANY_LINK, channel, says, None)
        except MentionMissingError:
            return True
        return units(words.text) > self._room(channel)

    def parts_of(self, channel: ChannelName, text: str) -> list[str]:
        """Return an acknowledgement whole, as the messages that carry it: one where it fits, else numbered ones."""
        room = self._room(channel)
        if units(text) <= room:
            return [text]
        parts = divided(text, room - _ROOM_FOR_NUMBER)
        return [f"({number}/{len(parts)}) {part}" for number, part in enumerate(parts, start=1)]

    def _is_mail(self, channel: ChannelName) -> bool:
        return self.town.facts[channel].form is Form.MAIL

    def _room(self, channel: ChannelName) -> int:
        """Return what one short message holds."""
        longest = self.town.facts[channel].longest
        assert longest is not None, f"{channel} has no short messages"
        return longest

    def _own_subject(self, case: CaseRecord, link: FollowLink, channel: ChannelName, subject: str | None) -> str:
        """Return a citizen's subject without what our earlier mails of this case put around it, or a blank."""
        if not subject:
            return ""
        base, own = self.town.texts.base, self._texts(case, channel)
        frames = [
            *self._frames(case, link, channel, own),
            *(self._frames(case, link, channel, base) if own is not base else ()),
        ]
        return plain_subject(subject, frames)

    def _frames(self, case: CaseRecord, link: FollowLink, channel: ChannelName, texts: Texts) -> Iterator[Frame]:
        """Yield what mails put around a citizen's subject; of a case that named no procedure then, with other words."""
        receipt, reply = self.receipt_values(case, link, channel), self._reply_values(case, link, "")
        first = self._acknowledgement_values(case, link, _ANY_ACKNOWLEDGEMENT)
        corrected = replace(first, corrects=True)
        yield Frame.of(lambda words: texts.receipt_subject.render(replace(receipt, subject=words)))
        yield Frame.of(lambda words: texts.reply_subject.render(replace(reply, subject=words)))
        yield Frame.of(lambda words: texts.acknowledgement_subject.render(replace(first, subject=words)))
        yield Frame.of(lambda words: texts.acknowledgement_subject.render(replace(corrected, subject=words)))

    def _texts(self, case: CaseRecord, channel: ChannelName) -> Texts:
        """Return the town's words for a letter of a case that is written for a channel."""
        return self.town.texts.of(channel, case.procedure)

    def receipt_values(self, case: CaseRecord, link: FollowLink, channel: ChannelName) -> ReceiptValues:
        """Return what a receipt of a case may say; nothing of it is the citizen's own words."""
        return receipt_values(
            self.town,
            self.portal_url,
            channel,
            reference=case.reference,
            received_at=case.received_at,
            department=self.town.department_or_fallback(case.department),
            token=link.token,
            is_known=case.citizen is not None or bool(case.candidates),
        )

    def _acknowledgement_values(
        self, case: CaseRecord, link: FollowLink, says: Acknowledgement
    ) -> AcknowledgementValues:
        return acknowledgement_values(
            self.town,
            self.portal_url,
            says,
            reference=case.reference,
            department=case.department,
            token=link.token,
        )

    def _gathered_values(self, receipts: Sequence[ReceiptValues]) -> GatheredValues:
        return GatheredValues(
            town_name=self.town.name,
            received_on=receipts[0].received_on,
            receipts=tuple(receipts),
            privacy_url=self._privacy_url,
            is_saisine=all(each.is_saisine for each in receipts),
            seize_at=next((each.seize_at for each in receipts if each.seize_at), ""),
        )

    def _reply_values(self, case: CaseRecord, link: FollowLink, text: str) -> ReplyValues:
        return ReplyValues(
            town_name=self.town.name,
            reference=case.reference,
            text=text.strip(),
            department=self.town.department_or_fallback(case.department),
            follow_url=self.follow_url(link),
            privacy_url=self._privacy_url,
            subject="",
        )

    @property
    def _privacy_url(self) -> str:
        return privacy_url(self.portal_url)

    def follow_url(self, link: FollowLink) -> str:
        """Return the address of a case's page."""
        return follow_url(self.portal_url, link.token)


def _content(said: Written) -> OutboundContent:
    return OutboundContent(subject=said.subject, text=said.text, written_from=dict(said.written_from))


def _letter(subject: TextTemplate[V], mail: TextTemplate[V], values: V) -> OutboundContent:
    return _content(written(mail.render(values), subject, mail, subject=subject.render(values)))


def _below(words: OutboundContent, template: TextTemplate[V], values: V) -> OutboundContent:
    """Return words with further ones below them."""
    used = {**words.written_from, template.name: template.version}
    return words.model_copy(update={"text": f"{words.text}\n\n{template.render(values)}", "written_from": used})


def _fitting(template: TextTemplate[ReplyValues], values: ReplyValues, longest: int, last: str = "") -> str:
    """Return an answer cut to what one message holds. last: what stands below its words, and is never cut."""
    whole = template.render(replace(values, text=f"{values.text}{last}"))
    if units(whole) <= longest:
        return whole
    frame = units(template.render(replace(values, text=last, is_cut=True)))
    words = beginning(values.text, longest - frame).rstrip()
    return template.render(replace(values, text=f"{words}{last}", is_cut=True))
