"""The certificate as the DPO files it and the person reads it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, DepartmentId, EventId
from guichet.store.setup.schema import STORE_FILES
from guichet.vault.erasure_ledger.entry import Certificate, SlipLine
from guichet_cli.erase.certificate_text import PLACES, STATES, certificate_text

AT = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)  # 2 May in Paris


def a_certificate(**replaced: Any) -> Certificate:
    line = SlipLine(department=DepartmentId("voirie"), state=CaseState.CLOSED, count=3, from_year=2024, to_year=2026)
    certificate = Certificate(
        request_id=EventId("r1"),
        decision="DPO-2026-014",
        visa="AD-77",
        requested_by=AgentId("operator:jo"),
        requested_at=AT,
        keys_destroyed_at=AT,
        turned_at=AT,
        certified_at=AT,
        last_copy_gone_by=date(2026, 6, 6),
        counts={"cases": 1, "identifiers (shared)": 2, "keys (copies)": 3, "a_new_place": 4},
        slip=(line,),
    )
    return certificate.model_copy(update=replaced)


def text_of(certificate: Certificate) -> str:
    return certificate_text(certificate, "Ville de Valmont", lambda name: {"voirie": "Voirie"}.get(name, name))


def test_it_tells_who_decided_what_went_and_both_dates_in_paris_time() -> None:
    text = text_of(a_certificate())
    for part in (
        *("Ville de Valmont", "DPO-2026-014", "AD-77", "operator:jo", "r1"),
        *("Clés détruites le           02/05/2026 à 00:30", "06/06/2026 au plus tard"),
        *(
            "     1  demandes",
            "     2  adresses et numéros (part de la personne",
            "     3  clés détruites (copies en transit)",
        ),
        *("     4  a_new_place", "     3  Voirie (close)  dates extrêmes : 2024-2026"),
    ):
        assert part in text


def test_a_single_case_has_one_year() -> None:
    [line] = a_certificate().slip
    single = line.model_copy(update={"state": CaseState.IN_PROGRESS, "count": 1, "from_year": 2026})
    assert "     1  Voirie (en cours)  dates extrêmes : 2026\n" in text_of(a_certificate(slip=(single,)))


def test_where_nothing_was_left_it_says_so_and_has_no_slip() -> None:
    text = text_of(a_certificate(counts={}, slip=(), visa=None))
    assert "rien ne restait" in text
    assert "sans objet" in text
    assert "Bordereau" not in text


def test_what_is_kept_as_evidence_stands_apart_from_what_went() -> None:
    text = text_of(a_certificate(counts={"messages": 2, "cases (kept)": 1}))
    went, kept = text.split("Gardé comme preuve")
    assert "     1  demandes, avec leurs messages" in kept
    assert "demandes" not in went.split("Ce qui a été effacé")[1]
    assert "Gardé" not in text_of(a_certificate())


def test_json_and_text_tell_of_the_same_certificate() -> None:
    again = Certificate.model_validate_json(a_certificate().model_dump_json())
    assert text_of(again) == text_of(a_certificate())


@pytest.mark.parametrize("state", list(CaseState))
def test_every_state_has_its_word(state: CaseState) -> None:
    assert STATES[state]


def test_every_place_that_an_erasure_reaches_has_its_word() -> None:
    reached = {
        entry.name
        for file in STORE_FILES
        for entry in file.DATA_MAP
        if entry.on_erasure in ("deleted", "key destroyed")
    }
    assert reached <= set(PLACES)
