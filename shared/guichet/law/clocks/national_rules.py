"""The law's own numbers, by the day from which each holds (docs/law.md 63). A reform is one more version here."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from guichet.law.calendar import AEE_WORKING_DAYS, ARE_WORKING_DAYS
from guichet.law.clocks.delay import Delay
from guichet.law.clocks.in_force import Version, Versions
from guichet.law.clocks.rules import SilenceMeans, SilenceRule


@dataclass(frozen=True)
class ReceiptsRule:
    """aee, are: the last day of each, in working days after receipt."""

    aee: int
    are: int
    source: str


@dataclass(frozen=True)
class RightsRule:
    """extended: from the request on, too, where the person was told why within the first delay."""

    within: Delay
    extended: Delay


RECEIPTS: Final = Versions(
    (Version(ReceiptsRule(AEE_WORKING_DAYS, ARE_WORKING_DAYS, "CRPA R112-11-2"), date(2016, 11, 7), noted=8),)
)
"""Of an electronic seizing; before, a town owed none (docs/law.md 5)."""

COMPLAINTS: Final = Versions(
    (Version(SilenceRule(SilenceMeans.REJECTS, Delay(2), "CRPA L231-4"), date(2016, 1, 1), noted=20),)
)
"""The silence on a complaint or an appeal."""

RIGHTS: Final = Versions((Version(RightsRule(Delay(1), Delay(3)), date(2018, 5, 25), noted=33),))
"""Of the GDPR."""
