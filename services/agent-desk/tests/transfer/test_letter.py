"""What the letter says of the delay is what the clocks say (docs/law.md 16)."""

from datetime import timedelta

import pytest

from agent_desk.domain.transfer.letter import transfer_letter
from guichet.contracts.legal_facts import StatedFact
from guichet.law.calendar import paris_date
from guichet.town.authorities import Authority
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.clocked_town import GARLAND, SIGN, TERRACE, clocked_town

TO = Authority(name="Préfecture", email="contact@prefecture.example", website="https://prefecture.example/")
REJECTION, ACCEPTANCE = "sera réputée rejetée", "le silence vaut acceptation ne court qu’à compter du jour"
BOTH = "Si le silence de l’administration vaut rejet"


@pytest.mark.parametrize("is_passed_on", [False, True])
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"event": "procedure-confirmed", "procedure": TERRACE}, REJECTION),
        ({"event": "procedure-confirmed", "procedure": GARLAND}, ACCEPTANCE),
        ({"event": "procedure-confirmed", "procedure": SIGN}, BOTH),
        (None, BOTH),
        ({"event": "qualified", "nature": "information"}, None),
    ],
)
def test_r6_of_the_delay_the_clocks_decide(said, words, is_passed_on):
    """R6 (docs/law.md 16): before the transfer and after it the letter says the same."""
    day = paris_date(ARRIVED) + timedelta(days=1)
    facts = (StatedFact(at=ARRIVED, **said),) if said else ()
    if is_passed_on:
        facts += (StatedFact(event="transferred", at=ARRIVED + timedelta(days=1), to=TO.name),)
    case = a_case("passed-on").model_copy(update={"received_at": ARRIVED, "facts": facts})
    text = transfer_letter(case, clocked_town(), TO, day, "Nos mots.").text.replace("\u00a0", " ")
    assert [each for each in (REJECTION, ACCEPTANCE, BOTH) if each in text] == ([words] if words else [])
    assert text.index("Nos mots.") < text.index("In English:")
    assert "Courriel : contact@prefecture.example\nSite : https://prefecture.example/" in text
