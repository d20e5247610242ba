"""Random histories of cases, over twenty years: sound ones, strange ones, and facts that contradict each other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from guichet.law.calendar import WorkingDays
from guichet.law.clocks.facts import (
    AbuseDeclared,
    AbuseLifted,
    Answered,
    AskedPiece,
    Closed,
    DecisionNotified,
    DecisionTaken,
    LegalFact,
    Nature,
    PieceArrived,
    PiecesAskedFor,
    PriorityGiven,
    PriorRemedy,
    ProcedureConfirmed,
    Qualified,
    QuestionAsked,
    Receipt,
    ReceiptSent,
    Received,
    Reopened,
    ReRouted,
    RightsAnswered,
    RightsExtended,
    RightsRequested,
    Saisine,
    TransferAnnounced,
    Transferred,
    Withdrawn,
)
from guichet.law.clocks.in_force import Version, Versions
from guichet.law.clocks.rules import TownRules
from guichet.law.territories import Territory
from shared.tests.law.clocks.cases import FRANCE, PIECES, PROCEDURES, at

FIRST, DAYS = date(2026, 1, 1), 20 * 365
TOWNS = [
    replace(FRANCE, working_days=WorkingDays(territory), rights_roll=rolls)
    for territory in Territory
    for rolls in (True, False)
]
_TEXTS = ["code X", "code X", None]
_PLAIN = [Answered, Closed, Closed, Reopened, QuestionAsked, ReRouted, RightsRequested, RightsExtended, RightsAnswered]


def _asked(random: Random, moment: datetime) -> LegalFact:
    names = random.sample([*PIECES, "unheard of"], random.randint(1, 3))
    until = moment.date() + timedelta(days=random.choice([0, 1, 10, 30, 60]))
    return PiecesAskedFor(moment, tuple(AskedPiece(name, random.choice(_TEXTS)) for name in names), until)


_MAKERS: list[Callable[[Random, datetime], LegalFact]] = [
    _asked,
    _asked,
    _asked,
    *[lambda random, moment: PieceArrived(moment, random.choice([*PIECES]))] * 4,
    lambda random, moment: RightsExtended(moment, random.choice([None, moment.date(), moment.date() - timedelta(9)])),
    *[lambda _, moment: DecisionTaken(moment), lambda _, moment: DecisionNotified(moment)],
    lambda random, moment: Qualified(moment, random.choice([Nature.REQUEST, Nature.REQUEST, *Nature])),
    lambda random, moment: ProcedureConfirmed(moment, random.choice([*PROCEDURES, "unheard of"])),
    lambda random, moment: ReceiptSent(moment, random.choice([*Receipt])),
    lambda random, moment: ReceiptSent(moment, random.choice([*Receipt])),
    lambda random, moment: PriorityGiven(moment, random.choice(["normal", "urgent", "unheard of"])),
    lambda random, moment: random.choice(_PLAIN)(moment),
    lambda random, moment: random.choice(_PLAIN)(moment),
    lambda random, moment: random.choice(_PLAIN)(moment),
]
_RARE: list[Callable[[Random, datetime], LegalFact]] = [
    lambda random, moment: Transferred(moment, random.choice(["Métropole", "État"])),
    lambda _, moment: TransferAnnounced(moment),
    lambda random, moment: random.choice([AbuseDeclared, AbuseDeclared, AbuseLifted])(moment),
    lambda _, moment: PriorRemedy(moment),
    lambda random, moment: Received(moment, random.choice([*Saisine])),
    lambda random, moment: random.choice([DecisionNotified, AbuseDeclared, PriorRemedy])(moment - timedelta(365)),
]


def any_history(random: Random) -> tuple[list[LegalFact], TownRules, date]:
    """Return a case's facts, its town, and a day to ask about. Each run of `random` gives another."""
    received = FIRST + timedelta(days=random.randrange(DAYS))
    elsewhere = received - timedelta(days=random.randint(0, 40)) if random.random() < 0.1 else None
    events: list[LegalFact] = [
        Received(at(received, random.randrange(24)), random.choice([*[Saisine.ELECTRONIC] * 6, *Saisine]), elsewhere),
    ]
    if random.random() < 0.9:
        events.append(ProcedureConfirmed(_moment(random, received, 10), random.choice([*PROCEDURES])))
    for _ in range(random.randint(0, 9)):
        maker = random.choice(_RARE if random.random() < 0.1 else _MAKERS)
        events.append(maker(random, _moment(random, received, random.choice([10, 70, 160]))))
    town, as_of = random.choice(TOWNS), received + timedelta(days=random.choice([random.randint(0, 260), 90]))
    for fact in random.sample(events, min(random.choice([0, 0, 0, 1, 1, 2]), len(events))):
        events.append(Withdrawn(_moment(random, received, 160), fact))
    if random.random() < 0.1:
        events.append(Withdrawn(_moment(random, received, 160), random.choice([*events, Closed(at(FIRST))])))
    return events, reformed(town, random, received) if random.random() < 0.3 else town, as_of


def reformed(town: TownRules, random: Random, received: date) -> TownRules:
    """Return the town after reforms: some procedures have had another's rule from a day on, or none for a while."""
    procedures = dict(town.procedures)
    for name in procedures:
        if random.random() < 0.7:
            day = received + timedelta(days=random.choice([-20, -1, 0, 0, 1, 1, 30]))
            before = PROCEDURES[random.choice([*PROCEDURES])]
            last = day - timedelta(days=random.choice([1, 1, 1, 1, 15]))
            procedures[name] = Versions((Version(before, None, last), Version(PROCEDURES[name], day)))
    return replace(town, procedures=procedures)


def _moment(random: Random, received: date, within: int) -> datetime:
    """Now and then before receipt; of few hours, so that facts of one moment meet."""
    return at(received + timedelta(days=random.randint(-2, within)), random.choice([0, 9, 15]))
