"""How long each thing is kept and who deletes it: the values of which the data map's `retention` is made. Pure.

A rule names its executor, and tests lead every executor to the code that deletes, and every rule to a place which that
code reaches (tests/architecture/wiring/test_retention.py). What nobody executes yet says so wherever it is printed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from operator import attrgetter
from typing import Final, Literal


@dataclass(frozen=True)
class Phrase:
    """The same words in the two languages of the register."""

    english: str
    french: str


@dataclass(frozen=True)
class Period:
    """A whole number of hours, days or calendar months."""

    number: int
    unit: Literal["hour", "day", "month"]

    @property
    def length(self) -> timedelta:
        """Return how long it is. Raises ValueError for months, which differ."""
        if self.unit == "month":
            raise ValueError("months are counted by the calendar")
        return timedelta(hours=self.number) if self.unit == "hour" else timedelta(days=self.number)

    @property
    def phrase(self) -> Phrase:
        """Return it in words: "a day", "un jour"; "12 months", "12 mois"."""
        one, several = _UNITS[self.unit]
        if self.number == 1:
            return one
        return Phrase(f"{self.number} {several.english}", f"{self.number} {several.french}")


_UNITS: Final = {
    "hour": (Phrase("an hour", "une heure"), Phrase("hours", "heures")),
    "day": (Phrase("a day", "un jour"), Phrase("days", "jours")),
    "month": (Phrase("a month", "un mois"), Phrase("months", "mois")),
}


def hours(number: int) -> Period:
    """Return so many hours."""
    return Period(number, "hour")


def days(number: int) -> Period:
    """Return so many days."""
    return Period(number, "day")


def months(number: int) -> Period:
    """Return so many calendar months."""
    return Period(number, "month")


class Executor(Enum):
    """Who deletes when a rule's time has come, and how the register names them."""

    TRIMMING = Phrase("gdpr-worker trims the topic", "gdpr-worker purge le flux")
    DEAD_LETTER_TRIMMING = Phrase("gdpr-worker trims the dead letters", "gdpr-worker purge les messages en échec")
    ROUND = Phrase("gdpr-worker's round of what is over", "la ronde de gdpr-worker sur ce qui est échu")
    ORPHANS = Phrase(
        "gdpr-worker's round of files that nothing names", "la ronde de gdpr-worker sur les fichiers que rien ne nomme"
    )
    SPAM = Phrase("gdpr-worker's round of confirmed spam", "la ronde de gdpr-worker sur les indésirables confirmés")
    EVIDENCE = Phrase(
        "gdpr-worker's round of former evidence", "la ronde de gdpr-worker sur ce qui n’est plus une preuve"
    )
    LEAVERS = Phrase("gdpr-worker's round of who left", "la ronde de gdpr-worker sur les départs")
    SEEN = Phrase("agent-desk, once a page has shown it", "agent-desk, dès qu’une page l’a montré")
    FILED = Phrase(
        "agent-desk, once an agent has filed the letter or set it aside",
        "agent-desk, dès qu’un agent a enregistré ou écarté le courrier",
    )
    CASE_DESTROYED = Phrase("gdpr-worker, once the case is destroyed", "gdpr-worker, une fois le dossier détruit")
    TTL_INDEX = Phrase("MongoDB itself: no service may", "MongoDB lui-même : aucun service n’en a le droit")
    ENDED_LINKS = Phrase("notifier's round of ended links", "la ronde de notifier sur les liens échus")
    SEARCH_FILES = Phrase("search-indexer, in its files", "search-indexer, dans ses fichiers")
    SEARCH_KEYS = Phrase(
        "gdpr-worker's round of former search keys", "la ronde de gdpr-worker sur les anciennes clés de recherche"
    )
    JOURNAL = Phrase("notifier's round of its sending journal", "la ronde de notifier sur son journal d’envoi")
    BACKUP = Phrase(
        "`guichet backup nightly`, but for the last good one", "`guichet backup nightly`, sauf la dernière bonne"
    )
    ROTATION = Phrase("the vault's rotation", "le renouvellement du coffre")
    OPERATOR = Phrase("`guichet dead-letters`, as an operator decides", "`guichet dead-letters`, sur décision")
    ADMINISTRATOR = Phrase(
        "an administrator, at the desk or by `guichet staff`",
        "un administrateur, au guichet ou par `guichet staff`",
    )
    SAVED_ANSWERS = Phrase("an agent, at the desk", "un agent, au guichet")
    LOG_ROTATION = Phrase("the local stack's log rotation", "la rotation des journaux de la pile locale")
    ERASURE = Phrase("the erasure that deletes what it belongs to", "l’effacement de ce dont elle dépend")
    NOBODY_YET = Phrase("nobody yet", "personne à ce jour")


class Owner(Enum):
    """What a thing may be kept as long as."""

    CASE = Phrase("the case", "le dossier")
    MESSAGE = Phrase("the message", "le message")
    CITIZEN = Phrase("a citizen who holds it", "un usager qui l’utilise")
    SEALED = Phrase("what is sealed under it", "ce qu’elle scelle")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How long, and by whom it goes. what: the part of the place that it is about; None: all that lies there.

    by: None only for what is kept for good. because: the source, where it is neither ours nor plain.
    """

    by: Executor | None
    what: Phrase | None = None
    because: Phrase | None = None

    @property
    def is_executed(self) -> bool:
        """Return whether the rule is kept today."""
        return self.by is not Executor.NOBODY_YET

    @property
    def term(self) -> Phrase:
        """Return how long."""
        raise NotImplementedError

    @property
    def phrase(self) -> Phrase:
        """Return the whole rule: of what, how long, why. Who deletes is not in it."""
        return Phrase(self._whole(attrgetter("english"), ": "), self._whole(attrgetter("french"), " : "))

    def _whole(self, read: Callable[[Phrase], str], colon: str) -> str:
        what = f"{read(self.what)}{colon}" if self.what else ""
        because = f" ({read(self.because)})" if self.because else ""
        return f"{what}{read(self.term)}{because}"


def _que(words: str) -> str:
    return f"qu’{words}" if words[0] in "aeiouéè" else f"que {words}"


@dataclass(frozen=True, kw_only=True)
class KeptFor(Rule):
    """For a period after something. and_until: what must have happened, too, however long it takes.

    The French of `since` has its article ("la clôture").
    """

    period: Period
    since: Phrase
    and_until: Phrase | None = None

    @property
    def term(self) -> Phrase:
        period, until = self.period.phrase, self.and_until
        return Phrase(
            f"{period.english} after {self.since.english}{f', and until {until.english}' if until else ''}",
            f"{period.french} après {self.since.french}{f', et jusqu’à ce {_que(until.french)}' if until else ''}",
        )


@dataclass(frozen=True, kw_only=True)
class Expires(Rule):
    """A document that names the date in `date_field`: the round removes it once that is over (guichet.mongo.ended).

    period, since: what the date is made of, seen from outside; no period: it is `since` itself, `at_most` so far away,
    and its French is feminine ("la fin"), since nothing contracts.
    """

    date_field: str
    since: Phrase
    period: Period | None = None
    at_most: Period | None = None
    by: Executor | None = field(default=Executor.ROUND, init=False)

    @property
    def term(self) -> Phrase:
        if self.period is not None:
            period = self.period.phrase
            return Phrase(f"{period.english} after {self.since.english}", f"{period.french} après {self.since.french}")
        most = self.at_most.phrase if self.at_most else None
        return Phrase(
            f"until {self.since.english}{f': {most.english} at most' if most else ''}",
            f"jusqu’à {self.since.french}{f' : {most.french} au plus' if most else ''}",
        )


@dataclass(frozen=True, kw_only=True)
class Until(Rule):
    """Until something happens that no clock tells."""

    event: Phrase

    @property
    def term(self) -> Phrase:
        return Phrase(f"until {self.event.english}", f"jusqu’à ce {_que(self.event.french)}")


@dataclass(frozen=True, kw_only=True)
class WithIts(Rule):
    """As long as what it belongs to. An erasure deletes both; whoever destroys a case, its event ends the rest."""

    owner: Owner
    by: Executor | None = field(default=Executor.ERASURE, init=False)

    def __post_init__(self) -> None:
        if self.owner is Owner.CASE:
            object.__setattr__(self, "by", Executor.CASE_DESTROYED)

    @property
    def term(self) -> Phrase:
        return Phrase(f"as long as {self.owner.value.english}", f"autant {_que(self.owner.value.french)}")


@dataclass(frozen=True, kw_only=True)
class ForGood(Rule):
    """Never deleted, with the reason."""

    why: Phrase
    by: Executor | None = field(default=None, init=False)

    @property
    def term(self) -> Phrase:
        return Phrase(f"for good: {self.why.english}", f"sans limite : {self.why.french}")


Retention = tuple[Rule, ...]
"""All rules of a place: what they are about is told by each one's `what`."""
