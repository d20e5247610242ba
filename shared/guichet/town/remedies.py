"""Where one appeals against what silence rejects: the delays and routes that a receipt tells (docs/law.md 11, 66)."""

from dataclasses import dataclass
from typing import Final

from guichet.contracts.channels import Words
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.law.clocks.rules import source_of
from guichet.town.values import TownModel

_COURT: Final = "{court}"
_UNNAMED: Final = Words(
    fr="le tribunal administratif dont dépend la commune",
    en="the administrative court of the town (tribunal administratif)",
)
_USUAL: Final = Words(  # in French without an ê or ç, with which an SMS is twice as long
    fr="Contre ce rejet, vous disposez de deux mois pour saisir la juridiction compétente : {court} (en ligne : "
    "www.telerecours.fr). Dans ce délai, vous pouvez aussi demander à l’autorité qui a décidé de revoir sa décision "
    "(recours gracieux) ; le délai pour saisir la juridiction ne recommence à courir qu’une fois ce recours rejeté.",
    en="Against this rejection you have two months to apply to the competent court: {court} (online: "
    "www.telerecours.fr). Within the same time you may ask the authority that decided to think again (recours "
    "gracieux); the time for applying to the court begins anew only once that has been rejected.",
)


class RemediesEntry(TownModel):
    """Delays and routes of appeal, in the town's words. `{court}` stands for the court that town.yaml names."""

    fr: str
    en: str


@dataclass(frozen=True)
class Remedies:
    """A town's. court: name and address; None: to be confirmed. said: in its own words; None: in the usual ones."""

    court: str | None = None
    said: RemediesEntry | None = None

    def words(self, own: RemediesEntry | None) -> Words:
        """Return what is told where silence rejects. own: the procedure's, which come before the town's."""
        chosen = own or self.said or _USUAL
        court = Words(fr=self.court, en=self.court) if self.court else _UNNAMED
        fr = with_no_break_spaces(chosen.fr.replace(_COURT, court.fr))
        return Words(fr=fr, en=chosen.en.replace(_COURT, court.en))


def court_of(written: str | None) -> str | None:
    """Return the court that is named; None where it is said to be confirmed, or nothing at all."""
    return None if written is None else source_of(written)
