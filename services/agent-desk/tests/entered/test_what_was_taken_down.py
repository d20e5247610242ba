"""A case that an agent took down says whose word it is, and who heard it."""

from datetime import timedelta

import pytest

from guichet.case.history import HistoryEntry
from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import AgentId
from guichet.store.messages.document import INBOUND_CONTENT
from guichet_testing.doors.filled_hall import phone

HEARD = {"channel": "counter", "entered_by": AgentId("agent-21"), "called": "Irène Kessler"}
NUMBER = phone("+33639981122")


def row_of(page: str, reference: str) -> str:
    return page.split(f'id="r-{reference}"')[1].split("</tr>", maxsplit=1)[0]


async def test_a_list_names_who_was_heard_as_it_was_taken_down(karim, hall):
    case = await hall.open_case("market", subject="Un trou", citizen=None, **HEARD)
    row = row_of((await karim.get("/demandes")).text, case.reference)
    assert "Irène Kessler" in row
    assert "Usager inconnu" not in row


async def test_the_registrys_name_stays_hidden_where_nobody_vouches_for_the_address(karim, hall):
    known = await hall.register("Irène Kowalczyk", NUMBER)
    case = await hall.open_case("call", subject="Un trou", citizen=known, sender=(NUMBER,), unverified=True, **HEARD)
    row = row_of((await karim.get("/demandes")).text, case.reference)
    assert "Irène Kessler" in row
    assert "identité non vérifiée" in row
    assert "Kowalczyk" not in row


async def test_what_a_mail_calls_its_author_names_nobody(karim, hall):
    case = await hall.open_case("mail", subject="Un trou", citizen=None, called="Madame le Maire")
    assert "Madame le Maire" not in row_of((await karim.get("/demandes")).text, case.reference)


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("agent-21", "Saisi par Yves Kermarrec (Élu)."),
        ("agent-13", "Saisi par Sophie Renard."),
        ("gone", "Saisi par un agent."),
    ],
)
async def test_a_case_says_who_took_it_down_and_as_what(karim, hall, agent, said):
    case = await hall.open_case("market", subject="Un trou", citizen=None, **HEARD | {"entered_by": AgentId(agent)})
    assert said in (await karim.get(f"/demandes/{case.reference}")).text


async def test_of_an_erased_message_no_name_is_left(karim, hall):
    case = await hall.open_case("market", subject="Un trou", citizen=None, **HEARD)
    del hall.messages.messages[case.opened_by]
    row = row_of((await karim.get("/demandes")).text, case.reference)
    assert "Irène Kessler" not in row
    assert "Usager inconnu" in row


async def test_r28_a_case_tells_the_day_of_the_stamp_whose_word_it_is_and_where(karim, hall):
    """docs/law.md 15."""
    case = await hall.open_case("letter", subject="Un trou", citizen=None, **HEARD)
    message = hall.messages.messages[case.opened_by]
    said = InboundContent(sender=(), text="Un trou.", place="4 rue des Forges", represented_by="Ahmed, son fils")
    sealed = INBOUND_CONTENT.seal(await hall.key(), message.message_id, said)
    stamped = {"content": sealed, "received_at": message.at - timedelta(days=3)}
    hall.messages.messages[case.opened_by] = message.model_copy(update=stamped)
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert "d’après le tampon, ou l’agent qui l’a saisi" in page
    assert "Lieu\xa0: 4 rue des Forges" in page
    assert "Au nom de la personne, par Ahmed, son fils." in page


async def test_the_history_says_that_it_was_answered_on_the_spot(karim, hall):
    case = await hall.open_case("visit", subject="Horaires", citizen=None, **HEARD)
    closed = {"case_id": case.case_id, "version": 2, "type": "CaseClosed", "at": case.updated_at, "state": "closed"}
    hall.happened(case, HistoryEntry(**closed, code="on-the-spot", by=AgentId("agent-12")), state=CaseState.CLOSED)
    assert (
        "Karim Haddad a répondu sur place\xa0: la demande est close"
        in (await karim.get(f"/demandes/{case.reference}")).text
    )
