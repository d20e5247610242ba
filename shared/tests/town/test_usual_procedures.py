"""The example town's catalogue: what each procedure's clocks say, from the message to the day on which silence decides."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from guichet.ids import DepartmentId, ProcedureId
from guichet.law.calendar import start_of_day
from guichet.law.clocks.case_clocks import CaseClocks, case_clocks
from guichet.law.clocks.clock import Clock, ClockKind, ClockState
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import LegalFact, Nature, PriorRemedy, ProcedureConfirmed, Qualified, Received
from guichet.law.clocks.rules import SilenceMeans
from guichet.town import load_town
from guichet_testing.builders.example_town import EXAMPLE_TOWN

RECEIVED = date(2026, 4, 2)
ACKNOWLEDGED = date(2026, 4, 17)  # ten working days, Easter Monday among what is skipped
LAST_DAY = date(2026, 6, 30)  # after whatever silence decides
TOWN = load_town(EXAMPLE_TOWN)


@dataclass(frozen=True)
class Expected:
    """silence: the day on which it decides and the text; None: nothing is said. unsure: a person is told to look.

    answer, closing: the days of the town's own targets.
    """

    silence: tuple[str, str] | None
    unsure: bool
    answer: str
    closing: str


def reports(answer: str, closing: str) -> Expected:
    return Expected(None, False, answer, closing)


def unsure(answer: str, closing: str) -> Expected:
    return Expected(None, True, answer, closing)


def rejects(on: str, source: str, answer: str, closing: str) -> Expected:
    return Expected((on, source), False, answer, closing)


TABLE = {
    "signalement-voirie": reports("2026-04-08", "2026-04-17"),
    "signalement-proprete": reports("2026-04-08", "2026-04-17"),
    "signalement-espaces-verts": reports("2026-04-08", "2026-04-17"),
    "tranquillite": reports("2026-04-08", "2026-04-24"),
    "documents-administratifs": rejects("2026-05-02", "CRPA R*311-12, R311-13", "2026-04-10", "2026-05-04"),
    "reclamation": rejects("2026-06-02", "CRPA L231-4, 2°", "2026-04-10", "2026-05-04"),
    "recours-gracieux": rejects("2026-06-02", "CRPA L231-4, 2°", "2026-04-10", "2026-05-20"),
    "donnees-personnelles": unsure("2026-04-10", "2026-04-24"),
    "terrasse": unsure("2026-04-10", "2026-05-20"),
    "place-de-marche": unsure("2026-04-10", "2026-05-20"),
    "arrete-circulation": unsure("2026-04-08", "2026-04-17"),
    "acte-etat-civil": unsure("2026-04-08", "2026-04-10"),
    "liste-electorale": unsure("2026-04-07", "2026-04-10"),
    "attestation-accueil": rejects("2026-05-02", "CESEDA R313-11", "2026-04-08", "2026-04-24"),
    "concession-funeraire": unsure("2026-04-08", "2026-04-24"),
    "urbanisme": unsure("2026-04-10", "2026-06-04"),
    "inscription-scolaire": unsure("2026-04-10", "2026-05-04"),
    "derogation-scolaire": unsure("2026-04-10", "2026-06-04"),
    "cantine": unsure("2026-04-10", "2026-05-04"),
    "subvention": rejects("2026-06-02", "CRPA L231-4, 3°", "2026-04-10", "2026-06-04"),
    "salle": unsure("2026-04-08", "2026-04-17"),
    "debit-temporaire": unsure("2026-04-08", "2026-04-17"),
    "aide-sociale": rejects("2026-06-02", "CRPA L231-4, 3°", "2026-04-10", "2026-05-20"),
    "logement-social": unsure("2026-04-08", "2026-05-04"),
    "chien-categorise": unsure("2026-04-10", "2026-05-04"),
}


def a_case(procedure: str, *more: LegalFact) -> list[LegalFact]:
    at = start_of_day(RECEIVED)
    return [Received(at), ProcedureConfirmed(at + timedelta(hours=1), procedure), *more]


def clocks_of(case: list[LegalFact], kind: ClockKind, day: date) -> list[Clock]:
    return of_kind(case_clocks(case, TOWN.clock_rules, day), kind)


def of_kind(found: CaseClocks, kind: ClockKind) -> list[Clock]:
    return [each for each in found.clocks if each.kind is kind]


def test_there_are_twenty_five_and_each_has_its_line() -> None:
    assert set(TOWN.procedures) == TABLE.keys()
    assert len(TABLE) == 25
    assert all(procedure.label_en for procedure in TOWN.procedures.values())


@pytest.mark.parametrize("procedure", TABLE)
def test_each_is_reckoned_from_its_message_to_silence_day_by_day(procedure: str) -> None:
    expected = TABLE[procedure]
    case = a_case(procedure)
    day = RECEIVED
    while day <= LAST_DAY:
        found = case_clocks(case, TOWN.clock_rules, day)
        silences = of_kind(found, ClockKind.SILENCE)
        if expected.silence is None:
            assert silences == [], f"{procedure} says something of its silence on {day}"
        else:
            decides, source = date.fromisoformat(expected.silence[0]), expected.silence[1]
            [clock] = silences
            assert (clock.due, clock.means, clock.basis.source) == (decides, SilenceMeans.REJECTS, source), day
            assert (clock.state is ClockState.DECIDED) is (day > decides), day
        assert (Doubt.TO_BE_CONFIRMED in found.doubts) is expected.unsure, day
        day += timedelta(days=1)
    for kind, due in (
        (ClockKind.FIRST_ANSWER, expected.answer),
        (ClockKind.CLOSING, expected.closing),
        (ClockKind.ARE, ACKNOWLEDGED.isoformat()),
    ):
        assert [each.due for each in clocks_of(case, kind, RECEIVED)] == [date.fromisoformat(due)], kind


def test_no_silence_of_the_catalogue_accepts_before_a_lawyer_says_so() -> None:
    """R4: what nobody confirmed gives no date, and never an acceptance."""
    for name, procedure in TOWN.procedures.items():
        for version in procedure.rules.all:
            silence = version.rule.silence
            assert silence is None or silence.source is None or silence.means is SilenceMeans.REJECTS, name


@pytest.mark.parametrize("procedure", [name for name, expected in TABLE.items() if not expected.silence])
def test_a_complaint_is_rejected_only_where_nothing_is_left_to_confirm(procedure: str) -> None:
    case = a_case(procedure, Qualified(start_of_day(RECEIVED) + timedelta(hours=2), Nature.COMPLAINT))
    means = [each.means for each in clocks_of(case, ClockKind.SILENCE, RECEIVED)]
    assert means == ([] if TABLE[procedure].unsure else [SilenceMeans.REJECTS])


@pytest.mark.parametrize(
    ("procedure", "decides"),
    [("attestation-accueil", ["2026-07-03"]), ("documents-administratifs", []), ("liste-electorale", [])],
)
def test_a_remedy_before_the_court_has_a_date_where_its_text_is_confirmed(procedure: str, decides: list[str]) -> None:
    case = a_case(procedure, PriorRemedy(start_of_day(date(2026, 6, 3))))
    found = clocks_of(case, ClockKind.PRIOR_REMEDY, date(2026, 6, 3))
    assert [each.due for each in found] == [date.fromisoformat(day) for day in decides]


def test_what_is_asked_of_the_whole_town_hall_may_be_asked_of_any_department() -> None:
    anywhere = {name for name, procedure in TOWN.procedures.items() if procedure.is_of(DepartmentId("urbanisme"))}
    assert anywhere == {
        "documents-administratifs",
        "reclamation",
        "recours-gracieux",
        "donnees-personnelles",
        "urbanisme",
        "terrasse",
        "place-de-marche",
        "arrete-circulation",
    }
    assert not TOWN.procedures[ProcedureId("terrasse")].is_of(DepartmentId("voirie"))
