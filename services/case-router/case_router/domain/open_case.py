"""How a new case looks: department, whose it is in that sector, reference. Pure."""

from case_router.domain.arrival import Arrival, Holders
from case_router.domain.choose_department import Routing, RoutingRules
from case_router.domain.keys import RouterKeys
from case_router.domain.participants import Participants
from guichet.case.case import Case
from guichet.case.known import InSector
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.delivery import Purpose, mail_message_id
from guichet.contracts.inbound_content import MAIL_ADDRESS, InboundContent
from guichet.ids import AnchorId, CitizenId, SectorCitizenId, SectorId, receipt_id
from guichet.law.calendar import paris_date
from guichet.privacy.pseudonyms import mail_anchor, sector_citizen_id
from guichet.privacy.tokens import make_reference
from guichet.store.messages.document import MessageDocument
from guichet.town.town import Town


class CaseOpener:
    """Makes new cases out of arrivals."""

    def __init__(self, town: Town, keys: RouterKeys) -> None:
        self._town = town
        self.rules = RoutingRules(town)
        self._keys = keys
        self.participants = Participants(keys.thread)

    def open(self, arrival: Arrival, attempt: int = 0) -> Case:
        """Return the case that the message opens, nothing of it sealed yet and its link not made.

        attempt: how many references of this case were found to belong to another.
        """
        message, content = arrival.message, arrival.opened.content
        routing = self._routing(message, content)
        sector = self._town.sector_of(routing.department)
        owner = self.in_sector(arrival.holders, sector)
        case_id = arrival.own_case
        case = Case(
            CaseRecord(
                _id=case_id,
                version=0,
                reference=make_reference(case_id, paris_date(message.date_of_receipt).year, attempt),
                state=CaseState.RECEIVED,
                sector=sector,
                department=routing.department,
                citizen=owner.citizen,
                candidates=owner.candidates,
                unverified=arrival.holders.unverified,
                channel=message.channel,
                account=message.accounts[0],
                opened_by=message.message_id,
                last_inbound=message.message_id,
                received_at=message.date_of_receipt,
                updated_at=message.at,
                automatic=message.automatic,
                routing=routing.reason,
                procedure=routing.procedure,
                entered_by=message.entered_by,
                participants=self.participants.first_of(case_id, arrival.marks.sender, arrival.marks.people),
                follow="",
            )
        )
        case.open(message)
        if routing.is_confirmed and routing.procedure is not None:
            case.know_procedure(routing.procedure, message.at)
            if (workflow := self._town.workflow_of(routing.procedure)) is not None:
                case.begin_workflow(workflow, message.message_id, message.at, trace=message.trace)
        return case

    def _routing(self, message: MessageDocument, content: InboundContent) -> Routing:
        if message.unread:
            return self.rules.unread()
        if message.entered_by is not None:
            return self.rules.entered(message.procedure, message.accounts, content.subject, content.text)
        return self.rules.choose(message.accounts, content.subject, content.text)

    def in_sector(self, holders: Holders, sector: SectorId) -> InSector:
        """Return the sector's own ids of those who may have written."""
        citizen = self.own_id(sector, holders.citizen) if holders.citizen else None
        return InSector(sector, citizen, tuple(sorted(self.own_id(sector, each) for each in holders.candidates)))

    def own_id(self, sector: SectorId, citizen: CitizenId) -> SectorCitizenId:
        """Return a sector's own id of a citizen."""
        return sector_citizen_id(self._keys.sector, sector, citizen)

    def receipt_anchors(self, arrival: Arrival) -> tuple[AnchorId, ...]:
        """Return the anchor of the receipt's Message-ID where the receipt goes by mail, so that an answer joins."""
        address = arrival.opened.answered_at
        if address is None or address.kind != MAIL_ADDRESS:
            return ()
        receipt = mail_message_id(receipt_id(arrival.own_case, Purpose.AEE), self._town.domain)
        return (mail_anchor(self._keys.thread, receipt),)
