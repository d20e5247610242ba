"""What a decision's note says is what was typed, whatever it was; and what the forms take."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.express.decision_form import decision_input, words_of
from agent_desk.domain.express.decision_words import DecisionWords, read_back, written
from agent_desk.domain.express.notification_form import notification_input, proof_in_words
from agent_desk.domain.paper.letter_frame import address_lines, place_of, recipient_text
from guichet.ids import DepartmentId
from guichet_testing.builders.example_town import the_example_town

RECEIVED, TODAY = date(2026, 11, 24), date(2026, 12, 1)
SOUND = {
    "outcome": "refused",
    "day": "2026-11-30",
    "subject": "Terrasse",
    "recipient": "Mme Aïcha Le Goff\n22, avenue du Général-de-Gaulle\n00000 Exemple",
    "reasons": "Trop étroit.\n\nMotifs :\nPlan.",
    "remedies": "Deux mois.",
    "given_name": "Nadia",
    "surname": "Ferrière",
    "capacity": "Maire",
    "place": "Exemple",
}
# What a note's own labels look like, so that what is typed may be taken for them.
LABELLED = st.sampled_from(
    [
        *("Décision expresse\u00a0: demande refusée", "Signée le\u00a0: 30/11/2026", "Objet\u00a0: Enseigne"),
        *("Motifs\u00a0:", "Voies et délais de recours\u00a0:", "    Destinataire\u00a0:", "\u00a0:", "", "    "),
    ]
)
LINE = st.one_of(LABELLED, st.text(st.characters(exclude_categories=("Cs",)), max_size=20))
TEXT = st.lists(LINE, max_size=4).map("\n".join)


@given(
    st.sampled_from(["granted", "partly-granted", "refused"]),
    st.dates(date(2000, 1, 1)),
    st.lists(TEXT, min_size=9, max_size=9),
)
def test_all_that_was_typed_is_read_back(outcome, day, texts):
    words = DecisionWords(outcome, day, *texts)
    assert read_back(written(words)) == words


@given(st.integers(0, 1), TEXT)
def test_a_note_that_lacks_what_is_decided_or_its_day_is_no_decision(lacking, text):
    lines = written(replace(words_of(decision_input(SOUND, RECEIVED, TODAY).express), reasons=text)).split("\n")
    assert read_back("\n".join(lines)) is not None
    assert read_back("\n".join(lines[:lacking] + lines[lacking + 1 :])) is None


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("Décision expresse\u00a0: demande refusée", "Décision expresse\u00a0: demande ajournée"),
        ("Signée le\u00a0: 30/11/2026", "Signée le\u00a0: hier"),
    ],
)
def test_a_note_of_which_outcome_or_day_cannot_be_read_is_no_decision(line, instead):
    note = written(words_of(decision_input(SOUND, RECEIVED, TODAY).express))
    assert note.count(line) == 1
    assert read_back(note.replace(line, instead)) is None


def test_a_colleague_can_read_it():
    note = written(words_of(decision_input(SOUND, RECEIVED, TODAY).express))
    assert note.replace("\u00a0", " ").startswith(
        "Décision expresse : demande refusée\nSignée le : 30/11/2026\nObjet : Terrasse\n"
    )
    assert (
        "\n\nMotifs\u00a0:\n    Trop étroit.\n\n    Motifs :\n    Plan.\n\nVoies et délais de recours\u00a0:\n    Deux mois."
        in note
    )


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, {}),
        ({"outcome": ""}, {"outcome": "missing"}),
        ({"reasons": " "}, {"reasons": "missing"}),
        ({"outcome": "partly-granted", "remedies": ""}, {"remedies": "missing"}),
        ({"outcome": "granted", "reasons": "", "remedies": ""}, {}),
        ({"reasons": "x" * 20_001}, {"reasons": "too-long"}),
        ({"given_name": "", "surname": "", "capacity": " "}, dict.fromkeys(("given_name", "surname", "capacity"), "missing")),
        ({"delegation": "x" * 201}, {"delegation": "too-long"}),
        ({"recipient": ""}, {"recipient": "unfit"}),
        ({"recipient": "a\n" * 7}, {"recipient": "unfit"}),
        ({"day": "2026-11-23"}, {"day": "before"}),
        ({"day": "2026-11-24"}, {}),
        ({"day": "2026-12-01"}, {}),
        ({"day": "2026-12-02"}, {"day": "in-the-future"}),
        ({"day": "hier"}, {"day": "unreadable"}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_decision_is_said(changed, wrong):
    assert decision_input({**SOUND, **changed}, RECEIVED, TODAY).express.wrong == wrong


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"way": "handed-over"}, {}),
        ({"way": "electronic", "proof": "consultée à 9 h 12"}, {}),
        ({"way": "posted", "proof": "1A 234 567 8901 2"}, {}),
        ({"way": "posted"}, {"proof": "missing"}),
        ({"way": "pigeon"}, {"way": "missing"}),
        ({"way": "handed-over", "notified_on": "2026-11-29"}, {"notified_on": "before"}),
        ({"way": "handed-over", "notified_on": "2026-12-02"}, {"notified_on": "in-the-future"}),
    ],
)
def test_what_is_wrong_with_a_notification_is_said(said, wrong):
    form = {"notified_on": "2026-11-30", **said}
    assert notification_input(form, date(2026, 11, 30), TODAY).express.wrong == wrong


def test_a_proof_is_kept_in_words():
    typed = notification_input({"way": "posted", "notified_on": "30/11/2026", "proof": " 1A  23 "}, RECEIVED, TODAY)
    assert proof_in_words(typed.express) == "Décision notifiée par courrier le 30/11/2026. Preuve\u00a0: 1A 23"
    assert proof_in_words(replace(typed.express, proof="")) is None


def test_an_address_is_set_as_on_an_envelope():
    assert address_lines("1, place de la Mairie, 00000 Exemple") == ["1, place de la Mairie", "00000 Exemple"]
    department = the_example_town().departments[DepartmentId("voirie")]
    in_town = department.model_copy(update={"postal_address": "1, place, 00000 Saint-Aubin-des-Prés CEDEX 03"})
    assert place_of(in_town, "Exemple") == "Saint-Aubin-des-Prés"
    assert place_of(department.model_copy(update={"postal_address": "Mairie"}), "Exemple") == "Exemple"


def test_of_a_card_that_was_tampered_with_no_recipient_is_filled_in():
    card = CitizenCard(name="Aïcha Le Goff", address=None, identifiers=(), tampered=True)
    assert recipient_text(card) == ""
