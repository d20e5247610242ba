"""The words of a receipt (AEE), from the town's templates: for who sends them, and for a demonstration. Pure."""

from datetime import datetime
from typing import Final, TypeVar

from guichet.contracts.channels import Form
from guichet.contracts.inbound import ChannelName
from guichet.french.basic_letters import in_basic_letters
from guichet.ids import ProcedureId
from guichet.town.organisation import Department
from guichet.town.policies import SveStatus
from guichet.town.texts import GatheredValues, ReceiptValues, TextTemplate, Written, in_french, written
from guichet.town.town import Town

W = TypeVar("W", ReceiptValues, GatheredValues)

_WAY_IN: Final = "Pour saisir officiellement la mairie : "


def receipt_values(
    town: Town,
    portal_url: str,
    channel: ChannelName,
    *,
    reference: str,
    received_at: datetime,
    department: Department,
    token: str,
    is_known: bool = True,
) -> ReceiptValues:
    """Return what a receipt of a case may say, without the citizen's subject. token: of the link of its follow page.

    is_known: whether the registry knows who writes. Who seized the town by a number or a name in a chat alone, and is
    known to nobody, is asked who they are: their request is treated meanwhile (docs/law.md 4).
    """
    is_saisine = town.policy(channel).sve_status is SveStatus.SAISINE
    is_short = town.facts[channel].form is not Form.MAIL
    received_on, received_time = in_french(received_at)
    return ReceiptValues(
        town_name=town.name,
        reference=reference,
        received_on=received_on,
        received_time=received_time,
        department=department,
        follow_url=follow_url(portal_url, token),
        privacy_url=privacy_url(portal_url),
        is_saisine=is_saisine,
        subject="",
        seize_at="" if is_saisine else town.seize_at or "",
        asks_who_writes=is_saisine and is_short and not is_known,
    )


def receipt_words(
    town: Town, channel: ChannelName, values: ReceiptValues, procedure: ProcedureId | None = None
) -> Written:
    """Return the words. procedure: the case's, whose words they are."""
    texts = town.texts.of(channel, procedure)
    if town.facts[channel].form is Form.MAIL:
        subject, mail = texts.receipt_subject, texts.receipt_mail
        return written(with_way_in(mail, values), subject, mail, subject=subject.render(values))
    return written(in_basic_letters(with_way_in(texts.receipt_short, values)), texts.receipt_short)


def with_way_in(template: TextTemplate[W], values: W) -> str:
    """Return a receipt's text; a courtesy receipt's says where a message does seize the town (docs/law.md 3).

    A template of before receipts named it gets it as a line at its end: a town may have written no other.
    """
    text = template.render(values)
    return text if not values.seize_at or "seize_at" in template.names else f"{text}\n{_WAY_IN}{values.seize_at}"


def follow_url(portal_url: str, token: str) -> str:
    """Return the address of a case's page."""
    return f"{portal_url.rstrip('/')}/suivi/{token}"


def question_url(portal_url: str, token: str) -> str:
    """Return the address of a question's form."""
    return f"{portal_url.rstrip('/')}/question/{token}"


def privacy_url(portal_url: str) -> str:
    """Return the address of the privacy notice."""
    return f"{portal_url.rstrip('/')}/confidentialite"
