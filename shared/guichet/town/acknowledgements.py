"""The words of an acknowledgement (ARE), from the town's templates and its catalogue. Pure."""

from dataclasses import replace
from typing import Final

from guichet.contracts.acknowledgement import Acknowledgement
from guichet.contracts.channels import Form
from guichet.contracts.inbound import ChannelName
from guichet.errors import TransientError
from guichet.french.basic_letters import in_basic_letters
from guichet.ids import DepartmentId, ProcedureId
from guichet.town.long_dates import long_date
from guichet.town.mentions import missing_mentions, says_too_much
from guichet.town.receipt_terms import ReceiptTerms
from guichet.town.receipts import follow_url, privacy_url
from guichet.town.remedies import RemediesEntry
from guichet.town.texts import AcknowledgementValues, Written, written
from guichet.town.town import Town

_OF_AN_APPEAL: Final = RemediesEntry(  # a second request to think again would move no delay
    fr="Contre ce rejet, vous disposez de deux mois pour saisir la juridiction compétente : {court} (en ligne : "
    "www.telerecours.fr).",
    en="Against this rejection you have two months to apply to the competent court: {court} (online: "
    "www.telerecours.fr).",
)


class MentionMissingError(TransientError):
    """A mention that the law asks for is in no file of the town's: nothing leaves before somebody has put it there."""


def acknowledgement_values(
    town: Town, portal_url: str, says: Acknowledgement, *, reference: str, department: DepartmentId, token: str
) -> AcknowledgementValues:
    """Return what an acknowledgement may say, without the citizen's subject. token: of the link of its follow page."""
    terms, silence = town.receipt_terms(says.procedure, department), says.silence
    return AcknowledgementValues(
        town_name=town.name,
        reference=reference,
        received_on=long_date(says.received_on, "fr"),
        department=town.department_or_fallback(department),
        without_telephone=terms.without_telephone.fr,
        is_full=says.is_full,
        procedure=terms.procedure.fr if terms.procedure and says.is_full else "",
        silence=silence.means if silence else "",
        decides_on=long_date(silence.decides_on, "fr") if silence else "",
        remedies=_remedies(town, says, terms) if silence and silence.means == "rejects" else "",
        corrects=says.corrects,
        is_first=says.is_first,
        follow_url=follow_url(portal_url, token),
        privacy_url=privacy_url(portal_url),
        subject="",
    )


def _remedies(town: Town, says: Acknowledgement, terms: ReceiptTerms) -> str:
    """Return the delays and routes of appeal; a blank where nobody may guess them.

    Which court comes after a remedy that the procedure wants first, the usual words do not say.
    """
    known = town.procedures.get(says.procedure) if says.procedure is not None else None
    if known is not None and known.remedies is not None:
        return terms.remedies.fr
    version = town.clock_rules.procedure(str(says.procedure), says.received_on)
    if version is not None and version.rule.remedy is not None:
        return ""
    return town.remedies.words(_OF_AN_APPEAL if says.is_appeal else None).fr


def acknowledgement_words(
    town: Town, channel: ChannelName, values: AcknowledgementValues, procedure: ProcedureId | None = None
) -> Written:
    """Return the words. procedure: the case's, whose words they are.

    Raises MentionMissingError where the text would leave out a mention that it owes, or say what nobody knows.
    """
    is_mail = town.facts[channel].form is Form.MAIL
    values = values if is_mail else in_short_letters(values)
    texts = town.texts.of(channel, procedure)
    template = texts.acknowledgement_mail if is_mail else texts.acknowledgement_short
    french = template.in_french(values)
    if missing := missing_mentions(french, values, is_mail=is_mail):
        raise MentionMissingError(f"the acknowledgement leaves out {', '.join(missing)}: mend the town's files")
    if says_too_much(french, values):
        raise MentionMissingError("the acknowledgement says what silence means, which nobody knows: mend its template")
    text, subject = template.with_translations(french, values), texts.acknowledgement_subject
    return written(text, subject, template, subject=subject.render(values)) if is_mail else written(text, template)


def in_short_letters(values: AcknowledgementValues) -> AcknowledgementValues:
    """Return the town's words with the apostrophes and spaces of a short message's own alphabet, at half the price."""
    named = values.department
    return replace(
        values,
        procedure=in_basic_letters(values.procedure),
        remedies=in_basic_letters(values.remedies),
        department=named.model_copy(update={"name": in_basic_letters(named.name)}),
    )
