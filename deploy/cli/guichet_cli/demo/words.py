"""The town's own words of receipts, from its templates, as the notifier writes them. Pure."""

from dataclasses import dataclass

from guichet.case.record import CaseRecord
from guichet.contracts.channels import Form
from guichet.privacy.follow_link import FollowLink
from guichet.store.messages.document import OutboundContent
from guichet.town import Town
from guichet.town.policies import SveStatus
from guichet.town.texts import ReceiptValues, in_french


@dataclass(frozen=True)
class Words:
    """portal: address of the citizen portal, with a slash at its end."""

    town: Town
    portal: str

    def receipt(self, case: CaseRecord, link: FollowLink) -> OutboundContent:
        """Return the receipt of a case."""
        received_on, received_time = in_french(case.received_at)
        values = ReceiptValues(
            town_name=self.town.name,
            reference=case.reference,
            received_on=received_on,
            received_time=received_time,
            department=self.town.departments[case.department],
            follow_url=f"{self.portal}suivi/{link.token}",
            privacy_url=f"{self.portal}confidentialite",
            is_saisine=self.town.policy(case.channel).sve_status is SveStatus.SAISINE,
            subject="",
        )
        texts = self.town.texts
        if self.town.facts[case.channel].form is Form.MAIL:
            return OutboundContent(subject=texts.receipt_subject.render(values), text=texts.receipt_mail.render(values))
        return OutboundContent(text=texts.receipt_short.render(values))
