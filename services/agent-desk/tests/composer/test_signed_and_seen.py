"""An answer is signed as the law says, and seen before it leaves as its citizen will see it."""

import pytest

from agent_desk.domain.composer.preview import counted_frame, preview_of
from agent_desk.domain.composer.signature import signature_of, signed
from guichet.contracts.inbound import ChannelName
from guichet.contracts.topics import CASE_COMMANDS
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet.town.staff.agents import Agent
from guichet_testing.builders.case import a_case
from guichet_testing.builders.example_town import the_example_town

TOWN = the_example_town()
ROADS = TOWN.departments["voirie"]
LEA = Agent(agent_id="lea", name="Léa Morin", sign_in="lea")


def test_given_name_surname_capacity_service_and_its_address():
    assert signature_of(LEA, ROADS, "") == f"Léa Morin\nAgent, {ROADS.name}\n{ROADS.postal_address}"
    engineer = LEA.model_copy(update={"capacity": "Technicienne"})
    assert signature_of(engineer, ROADS, "").splitlines()[1] == f"Technicienne, {ROADS.name}"


def test_what_a_profile_is_called_is_told_no_citizen():
    for agent in TOWN.staff.agents:
        label = TOWN.staff.profiles[agent.profile].label
        assert label not in signature_of(agent, ROADS, "") or label in {"Agent", agent.capacity}
    [helene] = (agent for agent in TOWN.staff.agents if agent.name == "Hélène Vasseur")
    assert signature_of(helene, ROADS, "").splitlines()[1] == f"Responsable de la relation aux usagers, {ROADS.name}"


def test_what_the_town_writes_around_it_is_not_said_twice():
    assert signature_of(LEA, ROADS, f"Mairie – {ROADS.postal_address}") == f"Léa Morin\nAgent, {ROADS.name}"


def test_a_short_message_names_the_service_once():
    assert signature_of(LEA, ROADS, ROADS.name, is_short=True) == f"Léa Morin\nAgent\n{ROADS.postal_address}"


def test_whose_anonymity_the_town_protects_is_named_by_their_capacity():
    hidden = LEA.model_copy(update={"anonymous": True})
    assert "Léa" not in signature_of(hidden, ROADS, "")


def test_a_text_is_signed_once():
    once = signed("Bonjour. ", "Léa Morin\nAgent")
    assert once == "Bonjour.\n\nLéa Morin\nAgent"
    assert signed(once, "Léa Morin\nAgent") == once


def test_a_mail_is_seen_in_the_towns_frame():
    seen = preview_of(a_case(department="voirie"), ChannelName("email"), "Nous passons demain.", "Un trou", TOWN)
    assert seen.subject is not None
    assert "Un trou" in seen.subject
    assert "Nous passons demain." in seen.text
    assert ROADS.postal_address in seen.text
    assert seen.segments is None


@pytest.mark.parametrize(
    ("text", "seven_bits"), [("Nous passons demain.", True), ("Nous passerons peut-être demain.", False)]
)
def test_sms_are_counted_with_the_frame(text, seven_bits):
    seen = preview_of(a_case(department="voirie"), ChannelName("sms"), text, "", TOWN)
    assert seen.units > len(text)
    assert seen.seven_bits is seven_bits
    assert seen.segments == (1 if seven_bits else 2)


def test_what_is_too_long_is_cut_and_of_a_sensitive_sector_goes_in_parts():
    long = "mot " * 600
    cut = preview_of(a_case(department="voirie"), ChannelName("sms"), long, "", TOWN)
    whole = preview_of(a_case(department="ccas", sector="social"), ChannelName("sms"), long, "", TOWN)
    assert (cut.is_cut, cut.in_parts) == (True, False)
    assert (whole.is_cut, whole.in_parts) == (False, True)


def test_what_is_counted_around_an_answer_is_all_that_the_preview_counts():
    case, sms, text = a_case(department="voirie"), ChannelName("sms"), "Nous passons demain."
    frame = counted_frame(case, sms, TOWN)
    assert len(text) + len(frame) == preview_of(case, sms, text, "", TOWN).units


async def test_an_answer_leaves_signed_where_the_box_is_ticked(karim, hall, cases, fields):
    lamp = cases["lamp"]
    page = await karim.get(f"/demandes/{lamp.reference}")
    form = {**fields(page), "text": "Nous passons demain.", "signed": "oui"}
    await karim.post(f"/demandes/{lamp.reference}/reponse", data=form)
    [command] = hall.publisher.on(CASE_COMMANDS)
    kept = hall.messages.messages[command.outbound_id]
    keys = await hall.vault.open_keys([kept.content.key_id])
    words = OUTBOUND_CONTENT.open(keys[kept.content.key_id], kept.message_id, kept.content).text
    assert words == f"Nous passons demain.\n\nKarim Haddad\nAgent\n{ROADS.postal_address}"


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
async def test_a_preview_sends_nothing_and_keeps_the_text(karim, hall, cases, fields, headers):
    hole = cases["hole"]
    form = {**fields(await karim.get(f"/demandes/{hole.reference}")), "text": "Demain <matin>.", "signed": "oui"}
    answer = await karim.post(f"/demandes/{hole.reference}/apercu", data=form, headers=headers)
    assert answer.status_code == 200
    assert "Demain &lt;matin&gt;." in answer.text
    assert "Karim Haddad" in answer.text
    assert ROADS.postal_address in answer.text
    assert ("<html" in answer.text) == (not headers)
    assert hall.publisher.on(CASE_COMMANDS) == []
    assert len(hall.drafts.drafts) == 1
