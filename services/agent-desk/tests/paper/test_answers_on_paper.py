"""An answer on paper: kept, not sent, printed for a window envelope, said to be posted; receipts go on electronically."""

import pytest

from agent_desk.entry.paper_pages import REFUSES
from guichet.case.history import HistoryEntry
from guichet.contracts.case_commands import AddNote, SendReply, SettleDelivery
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.topics import CASE_COMMANDS
from guichet.documents.typeset import TypesettingProcesses, UntypesetError
from guichet.ids import AgentId
from guichet.store.audit.trail import Act
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet.store.notes import WORDS
from guichet.vault.fields import open_one
from guichet_testing.doors.answers_to_sign import DRAFTER, wary_town
from guichet_testing.doors.desk_on_twins import TownHall

WRITTEN = "Madame,\n\nVotre chaussée est réparée.\nElle est ouverte.\n\nCordialement,"
SIGNED = "Karim Haddad\nAgent, Voirie et éclairage public"
AT_HOME = "Mme Aïcha Le Goff\n22, avenue du Général-de-Gaulle\n99999 Saint-Aubin-des-Prés"


def written(case):
    return f"/demandes/{case.reference}/courrier"


@pytest.fixture
async def paper(hall, cases):
    """A case with an answer that waits to be posted, and the answer's id."""
    who = await hall.register("Aïcha Le Goff", address="22, avenue du Général-de-Gaulle, 99999 Saint-Aubin-des-Prés")
    case = await hall.open_case("by-letter", subject="Ma chaussée", citizen=who)
    return await answered(hall, case)


async def answered(hall, case, *, state=DeliveryState.WITHHELD, reason="not-electronic"):
    sent = await hall.send(
        case, f"{WRITTEN}\n\n{SIGNED}", purpose=Purpose.REPLY, at=case.updated_at, author=AgentId("agent-12")
    )
    about = {"case_id": case.case_id, "at": case.updated_at, "message_id": sent}
    hall.happened(case, HistoryEntry(version=8, type="ReplyRequested", by=AgentId("agent-12"), **about))
    recorded = HistoryEntry(version=9, type="DeliveryRecorded", state=state, code=reason, **about)
    hall.happened(case, recorded, deliveries={sent: state})
    return case, sent


def printing(paper):
    case, sent = paper
    return f"/demandes/{case.reference}/envois/{sent}/lettre"


async def test_it_is_kept_and_not_sent_and_a_refusal_is_noted(karim, hall, cases, fields):
    case = cases["hole"]
    page = await karim.get(written(case))
    said = {**fields(page), "text": WRITTEN, "refuses": "oui"}
    for _ in range(2):
        assert (await karim.post(written(case), data=said)).status_code == 303
    reply, noted, *again = hall.publisher.on(CASE_COMMANDS)
    assert [each.event_id for each in again] == [reply.event_id, noted.event_id]
    assert isinstance(noted, AddNote)
    note = (await hall.notes.find_many([noted.note_id]))[noted.note_id]
    assert await open_one(hall.vault, WORDS.on(note.note_id, note.words)) == REFUSES
    assert isinstance(reply, SendReply)
    assert (reply.goes_by, reply.answers) == ("letter", case.last_inbound)
    kept = (await hall.messages.find_many([reply.outbound_id]))[reply.outbound_id]
    content = await open_one(hall.vault, OUTBOUND_CONTENT.on(kept.message_id, kept.content))
    assert (kept.channel, content.text, content.to) == ("letter", f"{WRITTEN}\n\n{SIGNED}", None)


async def test_of_an_answer_that_came_to_nothing_no_refusal_is_noted(karim, hall, cases, fields):
    said = {**fields(await karim.get(written(cases["hole"]))), "text": WRITTEN, "refuses": "oui"}
    hall.publisher.refuses = "case-changed"
    assert (await karim.post(written(cases["hole"]), data=said)).status_code == 409
    assert [type(each) for each in hall.publisher.on(CASE_COMMANDS)] == [SendReply]


async def test_nothing_is_noted_unless_the_person_refuses_and_a_blank_answer_comes_back(karim, hall, cases, fields):
    case = cases["hole"]
    page = await karim.get(written(case))
    assert (await karim.post(written(case), data={**fields(page), "text": " "})).status_code == 422
    await karim.post(written(case), data={**fields(page), "text": WRITTEN})
    assert [type(each) for each in hall.publisher.on(CASE_COMMANDS)] == [SendReply]


async def test_the_composer_and_what_stands_in_its_place_lead_to_it(sign_in, hall, cases):
    case = await hall.open_case("spoken", channel="counter", sender=())
    karim = await sign_in("karim.haddad")
    for each in (case, cases["hole"]):
        assert f'href="{written(each)}"' in (await karim.get(f"/demandes/{each.reference}")).text


class TestWhereTheTownWantsFourEyes:
    @pytest.fixture
    def hall(self):
        return TownHall(town=wary_town())

    @pytest.mark.parametrize("name", ["karim.haddad", DRAFTER])
    async def test_who_may_not_send_alone_is_not_led_there(self, sign_in, hall, cases, name):
        case = await hall.open_case("spoken", channel="counter", sender=())
        browser = await sign_in(name)
        assert (await browser.get(written(case))).status_code == 403
        spoken, hole = [(await browser.get(f"/demandes/{each.reference}")).text for each in (case, cases["hole"])]
        assert "/courrier" not in spoken + hole
        assert "Appelez la personne et dites-le dans une note interne." in spoken


async def test_the_case_says_where_it_is_printed_and_then_when_it_was_posted(karim, hall, paper, fields):
    case, sent = paper
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert "À imprimer et à poster" in page
    assert f'href="{printing(paper)}"' in page
    form = {**fields(await karim.get(printing(paper))), "settlement": "posted"}
    assert (await karim.post(f"/demandes/{case.reference}/envois/{sent}", data=form)).status_code == 303
    [settled] = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(settled, SettleDelivery)
    assert (settled.outbound_id, settled.settlement) == (sent, "posted")
    posted = {"type": "DeliverySettled", "by": AgentId("agent-12"), "state": "posted", "message_id": sent}
    entry = HistoryEntry(case_id=case.case_id, version=10, at=hall.clock(), **posted)
    hall.happened(case, entry, deliveries={sent: DeliveryState.SENT})
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert f"Postée le {hall.clock():%d/%m/%Y}" in page
    assert "Karim Haddad a posté la réponse sur papier" in page
    assert "À imprimer" not in page
    assert (
        f"remark: Postée le {hall.clock():%d/%m/%Y}"
        in (await karim.get(f"/demandes/{case.reference}/dossier.pdf")).text
    )
    assert 'value="posted"' not in (await karim.get(printing(paper))).text


@pytest.mark.parametrize(("purpose", "reason"), [(Purpose.AEE, "not-electronic"), (Purpose.REPLY, "abusive")])
async def test_nothing_but_an_answer_on_paper_is_said_to_be_posted(karim, hall, cases, fields, purpose, reason):
    case = cases["hole"]
    sent = await hall.send(case, "Reçue.", purpose=purpose, at=case.updated_at)
    withheld = {"type": "DeliveryRecorded", "state": DeliveryState.WITHHELD, "code": reason, "message_id": sent}
    entry = HistoryEntry(case_id=case.case_id, version=9, at=case.updated_at, **withheld)
    hall.happened(case, entry, deliveries={sent: DeliveryState.WITHHELD})
    form = {**fields(await karim.get(written(case))), "settlement": "posted"}
    assert (await karim.post(f"/demandes/{case.reference}/envois/{sent}", data=form)).status_code == 404
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_it_is_printed_in_its_own_words_to_whom_is_typed(karim, hall, paper, fields):
    case, sent = paper
    page = await karim.get(printing(paper))
    assert "Aïcha Le Goff\n22, avenue du Général-de-Gaulle\n99999 Saint-Aubin-des-Prés</textarea>" in page.text
    assert 'value="Ma chaussée"' in page.text
    answer = await karim.post(printing(paper), data={**fields(page), "recipient": AT_HOME, "subject": "Votre chaussée"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="lettre-{case.reference}.pdf"'
    said = hall.typesetting.last.said
    assert said["recipient"] == AT_HOME.splitlines()
    assert said["paragraphs"] == ["Madame,", "Votre chaussée est réparée.\nElle est ouverte.", "Cordialement,"]
    assert said["signature"]["name"] == "Karim Haddad"
    assert said["signature"]["capacity"] == "Agent, Voirie et éclairage public"
    assert said["head"]["address"][-1] == "99999 Saint-Aubin-des-Prés"
    assert said["dated"].startswith("Saint-Aubin-des-Prés, le ")
    read = [each.things for each in hall.audit.entries if (each.act, each.thing) == (Act.READ, "printed-answer")]
    assert read == [(case.case_id, sent)] * 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"recipient": "\n".join("abcdefg"), "subject": "x"}, "ne tient pas dans la fenêtre"),
        ({"recipient": "x" * 81, "subject": "x"}, "ne tient pas dans la fenêtre"),
        ({"recipient": " \n ", "subject": "x"}, "Écrivez le nom et l’adresse postale"),
        ({"recipient": AT_HOME, "subject": " "}, "Écrivez l’objet"),
        ({"recipient": AT_HOME, "subject": "x" * 301}, "trop long pour une ligne"),
    ],
)
async def test_an_address_that_does_not_fit_is_said_so_and_kept(karim, hall, paper, fields, typed, told):
    page = await karim.get(printing(paper))
    answer = await karim.post(printing(paper), data={**fields(page), **typed})
    assert answer.status_code == 422
    assert told in answer.text
    assert hall.typesetting.last is None


async def test_what_is_erased_or_of_another_case_is_not_there_and_what_was_altered_says_so(karim, hall, cases, paper):
    case, sent = paper
    assert (await karim.get(f"/demandes/{cases['hole'].reference}/envois/{sent}/lettre")).status_code == 404
    message = hall.messages.messages[sent]
    other = hall.messages.messages[case.opened_by]
    hall.messages.messages[sent] = message.model_copy(update={"content": other.content})
    assert (await karim.get(printing(paper))).status_code == 409
    hall.messages.messages[sent] = message
    await hall.vault.destroy_keys([message.content.key_id])
    assert (await karim.get(printing(paper))).status_code == 404


async def test_what_can_never_be_typeset_leads_back_to_its_case(karim, hall, paper, fields, monkeypatch):
    async def broken(_typescript):
        raise UntypesetError

    page = await karim.get(printing(paper))
    monkeypatch.setattr(hall.typesetting, "typeset", broken)
    answer = await karim.post(printing(paper), data={**fields(page), "recipient": AT_HOME, "subject": "x"})
    assert answer.status_code == 422
    assert f'href="/demandes/{paper[0].reference}"' in answer.text


async def test_it_is_pdf_a_and_pdf_ua(karim, hall, paper, fields, verapdf, tmp_path):
    page = await karim.get(printing(paper))
    await karim.post(printing(paper), data={**fields(page), "recipient": AT_HOME, "subject": "Votre chaussée"})
    file = tmp_path / "letter.pdf"
    file.write_bytes(await TypesettingProcesses().typeset(hall.typesetting.last))
    for profile in ("2b", "ua1"):
        assert verapdf.broken_clauses([file], profile) == {"letter.pdf": []}


@pytest.mark.parametrize(("refuses", "status"), [(None, 503), ("case-changed", 409)])
async def test_what_comes_to_nothing_comes_back_as_an_answer_on_paper(karim, hall, cases, fields, refuses, status):
    """And never in the composer, one click from being mailed to who refuses that."""
    case = cases["hole"]
    said = {**fields(await karim.get(written(case))), "text": WRITTEN, "refuses": "oui"}
    hall.publisher.away, hall.publisher.refuses = refuses is None, refuses
    page = await karim.post(written(case), data=said)
    assert page.status_code == status
    assert WRITTEN in page.text
    assert f'action="{written(case)}"' in page.text
    assert 'name="refuses" value="oui" checked' in page.text
    assert "/reponse" not in page.text.partition("<main")[2]
