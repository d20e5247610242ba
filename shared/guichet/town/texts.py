"""The words that citizens read, in the town's own templates. What they may name is listed here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

import jinja2

from guichet.law.calendar import PARIS
from guichet.town.long_dates import long_date
from guichet.town.notice_values import ChangeValues, NewLinkValues, OtherWayValues, QuestionValues
from guichet.town.organisation import Department


@dataclass(frozen=True)
class ReceiptValues:
    """What a receipt (AEE) may say. received_on, received_time: Europe/Paris, at our edge."""

    town_name: str
    reference: str
    received_on: str  # 30 avril 2026
    received_time: str  # 23 h 30
    department: Department
    follow_url: str
    privacy_url: str
    is_saisine: bool  # False: a courtesy receipt, no legal clock runs on this channel
    subject: str  # the citizen's subject, or a blank: always a blank where nobody vouches for their address
    seize_at: str = ""  # of a courtesy receipt: where a message does seize the town (docs/law.md 3)
    asks_who_writes: bool = False  # nobody knows them: name and postal address are asked for, once (docs/law.md 4)


@dataclass(frozen=True)
class GatheredValues:
    """What one message says that stands for several receipts of one recipient, for messages of one day.

    is_saisine, seize_at: of each of them.
    """

    town_name: str
    received_on: str
    receipts: tuple[ReceiptValues, ...]
    privacy_url: str
    is_saisine: bool
    seize_at: str = ""


@dataclass(frozen=True)
class AcknowledgementValues:
    """What an acknowledgement (ARE) may say. received_on, decides_on: days in Paris, in words; a blank: none is said.

    is_full: whether it says all that R112-11-1 asks for (docs/law.md 11); else the date and the service alone.
    procedure: its name in the catalogue, or a blank. silence: what it means, decides_on: from when; blanks where it
    decides nothing, or nobody knows. remedies: of a rejection, with their delays, in the town's words.
    is_first: no registration receipt brought the links before.
    without_telephone: how who cannot telephone reaches the service, in a sentence.
    corrects: it replaces one that said otherwise. subject: as of a receipt.
    """

    town_name: str
    reference: str
    received_on: str
    department: Department
    without_telephone: str
    is_full: bool
    procedure: str
    silence: Literal["", "accepts", "rejects"]
    decides_on: str
    remedies: str
    corrects: bool
    is_first: bool
    follow_url: str
    privacy_url: str
    subject: str


@dataclass(frozen=True)
class GatheredAcknowledgements:
    """What one message says that brings several acknowledgements to one recipient. letters: the text of each, whole."""

    town_name: str
    letters: tuple[str, ...]


@dataclass(frozen=True)
class ReplyValues:
    """What frames an agent's answer. text: the agent's words; subject: the citizen's, or a blank.

    is_cut: the answer is too long for the channel, `text` is its beginning, and the follow page has the whole of it.
    """

    town_name: str
    reference: str
    text: str
    department: Department
    follow_url: str
    privacy_url: str
    subject: str
    is_cut: bool = False


@dataclass(frozen=True)
class AbuseValues:
    """What tells a sender that an agent declared their messages abusive. reference: the case on which it was decided.

    reason, reason_in_english: the ground in the law's words, never the agent's. until_on: the last day, in Paris.
    """

    town_name: str
    reference: str
    department: Department
    reason: str
    reason_in_english: str
    until_on: str  # 1er mai 2026
    until_in_english: str  # 1 May 2026
    privacy_url: str


Values = (
    ReceiptValues
    | GatheredValues
    | ReplyValues
    | AbuseValues
    | AcknowledgementValues
    | GatheredAcknowledgements
    | ChangeValues
    | NewLinkValues
    | QuestionValues
    | OtherWayValues
)
V = TypeVar(
    "V",
    ReceiptValues,
    GatheredValues,
    ReplyValues,
    AbuseValues,
    AcknowledgementValues,
    GatheredAcknowledgements,
    ChangeValues,
    NewLinkValues,
    QuestionValues,
    OtherWayValues,
)


class Written(NamedTuple):
    """The words of a letter. subject: of a mail alone. written_from: the versions of its templates, by their names."""

    subject: str | None
    text: str
    written_from: Mapping[str, str]


class TextTemplate(Generic[V]):
    """A Jinja template of plain text. A variable that it names and that does not exist is an error, never a blank.

    names: the variables that it names. translations: the same in other languages, which stand below it, in order.
    name: as its file's, with the folder where it is a channel's or a procedure's. version: eight hexadecimal digits,
    others once a word of it or of its translations is changed.
    """

    def __init__(
        self,
        path: Path,
        template: jinja2.Template,
        names: Collection[str] = (),
        translations: Sequence["TextTemplate[V]"] = (),
        *,
        name: str = "",
        version: str = "",
    ) -> None:
        self.path = path
        self.name, self.version = name or path.stem, version
        self.names = frozenset(names)
        self.translations: tuple[TextTemplate[V], ...] = tuple(translations)
        self._template = template

    def render(self, values: V) -> str:
        """Return the text, without blank lines at either end: in French, then in each other language that it has."""
        return self.with_translations(self.in_french(values), values)

    def in_french(self, values: V) -> str:
        """Return the text without its translations: what the law asks for stands in it."""
        return self._template.render(named(values)).strip()

    def with_translations(self, french: str, values: V) -> str:
        """Return the text of which the French is there already."""
        return "\n\n".join((french, *(each.render(values) for each in self.translations)))


@dataclass(frozen=True)
class Texts:
    """Every template of the town. mail: e-mail; short: SMS, WhatsApp, Telegram.

    From `closed` on: words that Guichet brings along, unless the town has a file of that name. closing, question:
    lines of an answer; mail_instead, another_way: of a receipt.
    """

    receipt_subject: TextTemplate[ReceiptValues]
    receipt_mail: TextTemplate[ReceiptValues]
    receipt_short: TextTemplate[ReceiptValues]
    receipts_subject: TextTemplate[GatheredValues]
    receipts_mail: TextTemplate[GatheredValues]
    receipts_short: TextTemplate[GatheredValues]
    reply_subject: TextTemplate[ReplyValues]
    reply_mail: TextTemplate[ReplyValues]
    reply_short: TextTemplate[ReplyValues]
    abuse_subject: TextTemplate[AbuseValues]
    abuse_mail: TextTemplate[AbuseValues]
    abuse_short: TextTemplate[AbuseValues]
    acknowledgement_subject: TextTemplate[AcknowledgementValues]
    acknowledgement_mail: TextTemplate[AcknowledgementValues]
    acknowledgement_short: TextTemplate[AcknowledgementValues]
    acknowledgements_subject: TextTemplate[GatheredAcknowledgements]
    acknowledgements_mail: TextTemplate[GatheredAcknowledgements]
    acknowledgements_short: TextTemplate[GatheredAcknowledgements]
    closed_mail: TextTemplate[ChangeValues]
    closed_short: TextTemplate[ChangeValues]
    reopened_mail: TextTemplate[ChangeValues]
    reopened_short: TextTemplate[ChangeValues]
    rerouted_mail: TextTemplate[ChangeValues]
    rerouted_short: TextTemplate[ChangeValues]
    closing_mail: TextTemplate[ChangeValues]
    closing_short: TextTemplate[ChangeValues]
    new_link_mail: TextTemplate[NewLinkValues]
    new_link_short: TextTemplate[NewLinkValues]
    question_mail: TextTemplate[QuestionValues]
    question_short: TextTemplate[QuestionValues]
    mail_instead_mail: TextTemplate[OtherWayValues]
    another_way_mail: TextTemplate[OtherWayValues]


TEMPLATES: Final = tuple(field.name for field in fields(Texts))
"""The name of each, as its file's is: of whose letter, then how it is written."""


def written(text: str, *templates: TextTemplate[Any], subject: str | None = None) -> Written:
    """Return a letter's words with what wrote them."""
    return Written(subject, text, {each.name: each.version for each in templates})


def named(values: Values) -> dict[str, Any]:
    """Return what a template may name."""
    return {field.name: getattr(values, field.name) for field in fields(values)}


def in_french(at: datetime) -> tuple[str, str]:
    """Return date and hour in Paris of an aware instant, as a citizen reads them: ("1er mai 2026", "1 h 30").

    The hour's spaces do not break: no line ends within it.
    """
    local = at.astimezone(PARIS)
    return long_date(at, "fr"), f"{local.hour}\u00a0h\u00a0{local.minute:02d}"
