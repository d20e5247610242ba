"""The town's own words of receipts, from its templates, as the notifier writes them. Pure."""

from dataclasses import dataclass

from guichet.case.record import CaseRecord
from guichet.privacy.follow_link import FollowLink
from guichet.store.messages.document import OutboundContent
from guichet.town import Town
from guichet.town.receipts import receipt_values, receipt_words


@dataclass(frozen=True)
class Words:
    """portal: address of the citizen portal, with a slash at its end."""

    town: Town
    portal: str

    def receipt(self, case: CaseRecord, link: FollowLink) -> OutboundContent:
        """Return the receipt of a case."""
        values = receipt_values(
            self.town,
            self.portal,
            case.channel,
            reference=case.reference,
            received_at=case.received_at,
            department=self.town.departments[case.department],
            token=link.token,
        )
        said = receipt_words(self.town, case.channel, values, case.procedure)
        return OutboundContent(subject=said.subject, text=said.text, written_from=dict(said.written_from))
