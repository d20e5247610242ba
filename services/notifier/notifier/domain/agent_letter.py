"""The mail that tells an agent what is addressed to them: why, of which cases, and where. Nobody's name or words. Pure.

No answer to it is awaited. It has the null return path, to which no server sends a bounce (RFC 5321 4.5.5) and no
absence notice goes (RFC 3834 4), and it says that a machine wrote it: nothing comes back that would become a case.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from guichet.channel.outgoing.letter import Letter, Mail
from guichet.channel.word_previews import WordPreview
from guichet.contracts.channels import ChannelFacts, Form, KnownChannels
from guichet.contracts.delivery import OWN_MAIL_HEADER, mail_message_id
from guichet.contracts.inbound import ChannelName
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.french.prepositions import of_town
from guichet.ids import MessageId, Reference
from guichet.store.agents.news import NewsKind
from guichet.town import Town
from notifier.domain.due_lines import DueCase, due_lines

NO_RETURN: Final = ""
_TRIAL: Final = "[Essai des textes de la mairie : tout y est inventé, rien n’a été reçu ni décidé.]"
_NO_SUBJECT: Final = "message court"
CASES_NAMED: Final = 20  # of more a mail says how many


@dataclass(frozen=True)
class Words:
    """What a mail says in one language. many, more: with a number in it. line: a case's reference, then why.

    spaced: what its sentences go through before they leave.
    """

    one: str
    many: str
    begins: str
    line: str
    why: Mapping[NewsKind, str]
    one_more: str
    more: str
    ends: str
    spaced: Callable[[str], str] = str


FRENCH: Final = Words(
    one="Guichet : une demande vous attend",
    many="Guichet : {} demandes vous attendent",
    begins="Bonjour,\n\nPour vous, dans Guichet :",
    line="- {} : {}",
    why={
        NewsKind.MENTION: "une note interne vous mentionne",
        NewsKind.GIVEN: "cette demande vous est attribuée",
        NewsKind.BACK: "mise en attente, elle est de retour",
        NewsKind.CALL: "quelqu’un attend d’être rappelé",
        NewsKind.URGENT: "urgente, arrivée pendant l’astreinte",
    },
    one_more="… et 1 autre",
    more="… et {} autres",
    ends=(
        "Pour les ouvrir :\n{desk}/pour-moi\n\n"
        "Merci de ne pas répondre à ce courriel : votre réponse serait traitée comme le message d’un usager.\n\n"
        "Vous le recevez parce que vous l’avez demandé. Pour y renoncer :\n{desk}/preferences"
    ),
    spaced=with_no_break_spaces,
)
ENGLISH: Final = Words(
    one="Guichet: one case is waiting for you",
    many="Guichet: {} cases are waiting for you",
    begins="Hello,\n\nFor you, in Guichet:",
    line="- {}: {}",
    why={
        NewsKind.MENTION: "an internal note mentions you",
        NewsKind.GIVEN: "this case was assigned to you",
        NewsKind.BACK: "it was put off, and is back",
        NewsKind.CALL: "somebody is waiting to be called back",
        NewsKind.URGENT: "urgent, it came during the time on call",
    },
    one_more="… and 1 more",
    more="… and {} more",
    ends=(
        "To open them:\n{desk}/pour-moi\n\n"
        "Please do not reply to this mail: your reply would be handled as a citizen’s message.\n\n"
        "You get it because you asked for it. To stop it:\n{desk}/preferences"
    ),
)
BY_LANGUAGE: Final[Mapping[str, Words]] = {"fr": FRENCH, "en": ENGLISH}


@dataclass(frozen=True)
class MailContent:
    """What an agent is told. about: why, of which case, in the order in which it came.

    due: which cases a clock of the law came to a day in; is_more: in others, too.
    """

    address: str = field(repr=False)
    language: str
    about: Sequence[tuple[NewsKind, Reference]]
    due: Sequence[DueCase] = ()
    is_more: bool = False


@dataclass(frozen=True)
class TrialContent:
    """What an administrator wanted to see of the town's words. letter: with invented values."""

    address: str = field(repr=False)
    letter: WordPreview


def mails_of(channels: KnownChannels) -> ChannelFacts:
    """Return the channel of Guichet's own that carries mails."""
    ours = (facts for name, facts in channels.items() if name not in channels.of_other_packages)
    return next(facts for facts in ours if facts.form is Form.MAIL and facts.answered_on == facts.name)


def agent_letter(
    mail_id: MessageId, content: MailContent | TrialContent, town: Town, desk: str, channel: ChannelName
) -> Letter:
    """Return the letter, the same at each call. desk: the desk's address, without a slash at its end."""
    if isinstance(content, TrialContent):
        return _letter(mail_id, content.address, _trial_subject(content), _trial_text(content), "fr", town, channel)
    language = content.language if content.language in BY_LANGUAGE else "fr"
    words = BY_LANGUAGE[language]
    subject, text = words.spaced(_subject(content, words)), words.spaced(_text(content, words, desk))
    return _letter(mail_id, content.address, subject, text, language, town, channel)


def _letter(
    mail_id: MessageId, address: str, subject: str, text: str, language: str, town: Town, channel: ChannelName
) -> Letter:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(f"Guichet, mairie {of_town(town.name)}", addr_spec=town.main_mailbox)
    mail["To"] = Address(addr_spec=address)
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{mail_message_id(mail_id, town.domain)}>"
    mail[OWN_MAIL_HEADER] = mail_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"  # Exchange's word for it
    mail.set_content(text + "\n", cte="quoted-printable")
    mail["Content-Language"] = language
    whole = Mail(NO_RETURN, mail.as_bytes())
    return Letter(mail_id, channel, town.main_mailbox, recipient=address, text=text, mail=whole)


def _trial_subject(content: TrialContent) -> str:
    return " ".join(f"[ESSAI] {content.letter.subject or _NO_SUBJECT}".split())  # a template may have two lines


def _trial_text(content: TrialContent) -> str:
    letter, billed = content.letter, content.letter.segments
    counted = "" if billed is None else f"\n\n({letter.units} signes, {billed} message(s) facturé(s))"
    return f"{_TRIAL}\n\n{letter.text}{counted}"


def _subject(content: MailContent, words: Words) -> str:
    count = len({reference for _, reference in content.about} | {each.reference for each in content.due})
    return words.one if count == 1 else words.many.format(count)


def _text(content: MailContent, words: Words, desk: str) -> str:
    by_case: dict[Reference, list[str]] = {}
    for kind, reference in content.about:
        why = by_case.setdefault(reference, [])
        if words.why[kind] not in why:
            why.append(words.why[kind])
    lines = [words.line.format(reference, ", ".join(why)) for reference, why in by_case.items()]
    if len(lines) > CASES_NAMED:
        others = len(lines) - CASES_NAMED
        lines = [*lines[:CASES_NAMED], words.one_more if others == 1 else words.more.format(others)]
    due = due_lines(content.due, content.language, is_more=content.is_more)
    parts = (words.begins, "\n".join(lines), due, words.ends.format(desk=desk))
    return "\n\n".join(part for part in parts if part)
