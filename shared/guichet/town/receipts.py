"""The words of a receipt (AEE), from the town's templates: for who sends them, and for a demonstration. Pure."""

from datetime import datetime

from guichet.contracts.channels import Form
from guichet.contracts.inbound import ChannelName
from guichet.town.organisation import Department
from guichet.town.policies import SveStatus
from guichet.town.texts import ReceiptValues, in_french
from guichet.town.town import Town


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
        asks_who_writes=is_saisine and is_short and not is_known,
    )


def receipt_words(town: Town, channel: ChannelName, values: ReceiptValues) -> tuple[str | None, str]:
    """Return the subject, of a mail alone, and the text."""
    texts = town.texts
    if town.facts[channel].form is Form.MAIL:
        return texts.receipt_subject.render(values), texts.receipt_mail.render(values)
    return None, texts.receipt_short.render(values)


def follow_url(portal_url: str, token: str) -> str:
    """Return the address of a case's page."""
    return f"{portal_url.rstrip('/')}/suivi/{token}"


def privacy_url(portal_url: str) -> str:
    """Return the address of the privacy notice."""
    return f"{portal_url.rstrip('/')}/confidentialite"
