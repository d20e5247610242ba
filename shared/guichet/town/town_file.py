"""What town.yaml says."""

from datetime import timedelta

from pydantic import AnyHttpUrl, Field

from guichet.law.territories import Territory
from guichet.town.migrations.table import FIRST
from guichet.town.organisation import DepartmentName, MailboxEntry
from guichet.town.policies import THREATS_KEPT, PublishedTerms
from guichet.town.procedure_clocks import DelayText
from guichet.town.quiet_hours import QUIET_HOURS, QuietHoursText
from guichet.town.remedies import RemediesEntry
from guichet.town.values import Duration, Mailbox, TownModel


class TownFile(TownModel):
    """town.yaml. version: the last migration that the folder has been through (guichet.town.migrations)."""

    version: int = FIRST
    name: str
    main_mailbox: Mailbox
    dpo: Mailbox | None = None
    mailboxes: dict[Mailbox, MailboxEntry] = Field(min_length=1)
    fallback_department: DepartmentName
    territory: Territory | None = None  # whose public holidays count
    alsace_moselle: bool = False  # `territory: alsace-moselle`, in a folder that has not been through migration 3
    rights_roll: bool = True  # a month of the GDPR that ends on no working day ends on the next (docs/law.md 60)
    good_friday: bool = True  # in Alsace-Moselle: no holiday without a Protestant temple or a mixed church
    reopen_within: Duration = timedelta(days=90)
    follow_links_last: Duration = timedelta(days=90)
    abuse_lasts: Duration = Field(default=timedelta(days=90), gt=timedelta(0), le=timedelta(days=366))
    threats_kept: DelayText = THREATS_KEPT
    quiet_hours: QuietHoursText = QUIET_HOURS
    terms: PublishedTerms | None = None
    court: str | None = None  # the administrative court, name and address, as a receipt tells it; or « à confirmer »
    remedies: RemediesEntry | None = None  # in the town's own words; None: in the usual ones
    telephone_relay: AnyHttpUrl | None = None  # for who cannot telephone (loi 2005-102, art. 78)
    demonstration: bool = False

    @property
    def lies_in(self) -> Territory:
        """Return the part of France whose public holidays count."""
        return self.territory or (Territory.ALSACE_MOSELLE if self.alsace_moselle else Territory.METROPOLITAN)
