"""The letter by which a person is told that their request was passed on (docs/law.md 16, R6). Pure.

French first, then English, as the other letters whose words are Guichet's own. What it says of the delay is what the
clocks say.
"""

from dataclasses import dataclass
from datetime import date

from guichet.case.legal_facts import facts_of
from guichet.case.record import CaseRecord
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.french.prepositions import of_town
from guichet.law.calendar import paris_date
from guichet.law.clocks.rules import SilenceMeans
from guichet.law.clocks.statement import Statement, full_statement
from guichet.town.authorities import Authority
from guichet.town.long_dates import long_date
from guichet.town.town import Town


@dataclass(frozen=True)
class TransferLetter:
    """What it says. words: the agent's own, or a blank. silence: what the clocks say of it; None: nobody has confirmed
    what silence means here.
    """

    town: str
    reference: str
    received_on: date
    day: date
    authority: Authority
    words: str
    silence: Statement | None

    @property
    def text(self) -> str:
        """The letter, without a signature."""
        french, english = (filter(None, part) for part in (self._french(), self._english()))
        return "\n\n".join((*map(with_no_break_spaces, french), "In English:", *english))

    def _french(self) -> tuple[str, ...]:
        return (
            "Bonjour,",
            f"Votre demande {self.reference}, reçue le {long_date(self.received_on, 'fr')}, ne relève pas de la"
            f" compétence de la commune {of_town(self.town)}. Nous l’avons donc transmise le"
            f" {long_date(self.day, 'fr')} à l’administration compétente (article L114-2 du code des relations entre"
            " le public et l’administration) :",
            self._reached("Téléphone : ", "Courriel : ", "Site : "),
            self.words.strip(),
            "C’est cette administration qui vous répondra, et qui accusera réception de votre demande : n’attendez"
            " plus d’accusé de réception de la mairie.",
            self._delay_in_french(),
        )

    def _english(self) -> tuple[str, ...]:
        return (
            f"Your request {self.reference}, received on {long_date(self.received_on, 'en')}, is not for our town to"
            f" decide. On {long_date(self.day, 'en')} we passed it on to the competent authority, named above. That"
            " authority will answer you and acknowledge your request: expect no further acknowledgement from the town"
            " hall.",
            self._delay_in_english(),
        )

    def _reached(self, telephone: str, email: str, website: str) -> str:
        to = self.authority
        lines = (
            to.name,
            to.postal_address,
            to.telephone and telephone + to.telephone,
            to.email and email + to.email,
            f"{website}{to.website}" if to.website else None,
        )
        return "\n".join(filter(None, lines))

    def _delay_in_french(self) -> str:
        received, silence = long_date(self.received_on, "fr"), self.silence
        if silence is None:
            return (
                "Si le silence de l’administration vaut rejet de votre demande, le délai court depuis le"
                f" {received}, jour où la mairie l’a reçue ; s’il vaut acceptation, il ne court qu’à compter du jour"
                " où l’administration compétente la reçoit (article L114-3 du même code)."
            )
        if silence.means is SilenceMeans.REJECTS and silence.decides_on is not None:
            return (
                f"Sans réponse d’ici au {long_date(silence.decides_on, 'fr')}, votre demande sera réputée rejetée : ce"
                f" délai court depuis le {received}, jour où la mairie l’a reçue (article L114-3 du même code)."
            )
        if silence.means is SilenceMeans.ACCEPTS:
            return (
                "Le délai au terme duquel le silence vaut acceptation ne court qu’à compter du jour où"
                " l’administration compétente reçoit votre demande (article L114-3 du même code)."
            )
        return ""

    def _delay_in_english(self) -> str:
        received, silence = long_date(self.received_on, "en"), self.silence
        if silence is None:
            return (
                f"Where silence counts as a refusal, the time runs from {received}, when the town hall received your"
                " request; where it counts as an acceptance, only from the day on which the competent authority"
                " receives it."
            )
        if silence.means is SilenceMeans.REJECTS and silence.decides_on is not None:
            return (
                f"Without an answer by {long_date(silence.decides_on, 'en')} your request counts as refused: the time"
                f" runs from {received}, when the town hall received it."
            )
        if silence.means is SilenceMeans.ACCEPTS:
            return (
                "The time after which silence counts as an acceptance runs only from the day on which the competent"
                " authority receives your request."
            )
        return ""


def transfer_letter(case: CaseRecord, town: Town, authority: Authority, day: date, words: str) -> TransferLetter:
    """Return the letter of a case that is passed on, or was, on a day.

    What silence means is asked of the clocks as they stood before the transfer: afterwards they say that the matter is
    the other authority's.
    """
    received_on = paris_date(case.received_at)
    own = tuple(fact for fact in case.facts if not fact.event.startswith("transfer"))
    facts = facts_of(case.model_copy(update={"facts": own}), town)
    silence = full_statement(facts, town.clock_rules, day)
    return TransferLetter(town.name, case.reference, received_on, day, authority, words, silence)
