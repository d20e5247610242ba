"""A case as one document: all that its reader may see of it and nothing else, in words that are never markup."""

import asyncio
import io
from dataclasses import replace
from datetime import date

import pytest
from PIL import Image

from agent_desk.domain.case_file.blocks import Block, blocks_of
from agent_desk.handlers.case_file import draw_files, gather_case
from agent_desk.handlers.case_file.case_document import CaseDocument
from guichet.case.history import HistoryEntry
from guichet.contracts.delivery import Purpose
from guichet.documents.typeset import TypesettingProcesses, UntypesetError
from guichet.ids import AgentId
from guichet.store.audit.trail import Act
from guichet_testing.doors.drawing import DrawsHere


def image() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (300, 200), (30, 90, 60)).save(made, "PNG")
    return made.getvalue()


async def document(browser, case, query=""):
    answer = await browser.get(f"/demandes/{case.reference}/dossier.pdf{query}")
    assert answer.status_code == 200
    return answer


async def test_it_has_the_history_and_pictures_of_files_and_who_made_it(karim, hall, cases):
    case = await hall.open_case(
        "with-files", subject="Un trou & deux <b>", text="Voici.", files={"trou.png": image(), "lettre.docx": b"x"}
    )
    answer = await document(karim, case)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="demande-{case.reference}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    lines = answer.text.splitlines()
    assert "title: Un trou & deux <b>" in lines
    assert "words: Voici." in lines
    assert "picture: Image\xa0: trou.png" in lines
    assert "remark: Fichier\xa0: lettre.docx, 1 Kio (non montré ici)" in lines
    assert "Des fichiers ne sont pas montrés ici" in lines[-1]
    assert f"Demande {case.reference}, Reçue" in answer.text
    assert "par Karim Haddad" in answer.text
    (jpeg,) = hall.typesetting.last.pictures
    assert Image.open(io.BytesIO(jpeg)).size == (300, 200)
    noted = [(entry.act, entry.thing, entry.things[0]) for entry in hall.audit.entries[-3:]]
    assert noted == [
        (Act.CASE_EXPORTED, "case", case.case_id),
        (Act.READ, "case", case.case_id),
        (Act.READ, "attachment", case.case_id),
    ]


async def test_the_story_is_told_in_the_words_of_the_page(karim, hall, cases):
    lines = (await document(karim, cases["hole"], "?notes=oui")).text.splitlines()
    told = [line for line in lines if line.startswith("step: ")]
    assert any("«\xa0La chaussée relève de la voirie.\xa0»" in line for line in told)
    assert any("(la demande était déjà dans ce service)" in line for line in told)
    assert "remark: Remis" in lines


async def test_it_names_who_wrote_an_answer_and_who_signed_it(karim, hall, cases):
    case = cases["hole"]
    sent = await hall.send(case, "C’est réparé.", purpose=Purpose.REPLY, at=case.updated_at, author="agent-12")
    hall.messages.messages[sent] = hall.messages.messages[sent].model_copy(update={"drafted_by": AgentId("agent-11")})
    asked = {"type": "ReplyRequested", "at": case.updated_at, "message_id": sent, "by": AgentId("agent-12")}
    hall.happened(case, HistoryEntry(case_id=case.case_id, version=8, **asked))
    lines = (await document(karim, case)).text.splitlines()
    assert "remark: Rédigée par Claire Dumas, signée et envoyée par Karim Haddad." in lines


@pytest.mark.parametrize("query", ["", "?notes=oui"])
async def test_the_link_to_the_citizens_own_page_is_not_in_it(karim, hall, query):
    link = "https://portail.example/suivi/s3cr-et_"
    case = await hall.open_case("quoted", text=f"Vous écriviez : {link}.")
    sent = await hall.send(case, f"Suivez-la : {link} (à vous seul).", purpose=Purpose.REPLY, at=case.updated_at)
    asked = {"type": "ReplyRequested", "at": case.updated_at, "message_id": sent}
    hall.happened(case, HistoryEntry(case_id=case.case_id, version=8, **asked))
    text = (await document(karim, case, query)).text
    assert "s3cr-et_" not in text
    assert text.count("https://portail.example/[lien de suivi de l’usager]") == 2


async def test_what_colleagues_said_to_each_other_is_in_it_where_that_is_asked_for(karim, hall, cases):
    case, word = cases["hole"], "Il a rappelé trois fois."
    sealed = await hall.seal_reason(case, "given", word)
    assigned = HistoryEntry(
        case_id=case.case_id, version=8, type="CaseAssigned", at=case.updated_at, by=AgentId("agent-11"),
        to_agent=AgentId("agent-12"), reason=sealed, reason_field="given",
    )  # fmt: skip
    hall.happened(case, assigned)
    assert word not in (await document(karim, case)).text
    asked = await document(karim, case, "?notes=oui")
    assert word in asked.text
    assert "Les notes internes y sont, et" in asked.text


@pytest.mark.parametrize("step", ["CaseRerouted", "CaseReopened", "AbuseDeclared", "CaseAssigned"])
async def test_why_an_agent_did_something_is_in_it_where_notes_are(karim, hall, cases, step):
    case, why = cases["hole"], "Il a menacé ma collègue."
    sealed = await hall.seal_reason(case, "why", why)
    entry = HistoryEntry(
        case_id=case.case_id, version=8, type=step, at=case.updated_at, by=AgentId("agent-11"), state="number",
        reason=sealed, reason_field="why",
    )  # fmt: skip
    hall.happened(case, entry)
    assert why not in (await document(karim, case)).text
    assert why in (await document(karim, case, "?notes=oui")).text


@pytest.mark.parametrize(
    ("kind", "code", "told"),
    [
        ("qualified", "complaint", "Claire Dumas a qualifié la demande, nature : Réclamation"),
        ("decision-taken", "refused", "Claire Dumas a consigné, décision expresse : demande refusée"),
        ("withdrawn", "decision-notified", "dit par erreur : la notification de la décision"),
    ],
)
async def test_what_an_agent_said_of_the_clocks_is_in_it(karim, hall, cases, kind, code, told):
    case = cases["hole"]
    entry = HistoryEntry(
        case_id=case.case_id, version=8, type="FactStated", at=case.updated_at, by=AgentId("agent-11"),
        state=kind, code=code,
    )  # fmt: skip
    hall.happened(case, entry)
    assert told in (await document(karim, case)).text.replace("\u00a0", " ")


async def test_what_is_erased_says_so(karim, hall, cases):
    case = await hall.open_case("erased", text="Mon secret")
    message = (await hall.messages.find_many([case.opened_by]))[case.opened_by]
    await hall.vault.destroy_keys([message.content.key_id])
    text = (await document(karim, case)).text
    assert "Mon secret" not in text
    assert "remark: Contenu effacé." in text


async def test_a_long_case_is_cut_and_says_so(karim, hall, cases, monkeypatch):
    monkeypatch.setattr(gather_case, "MOST_MOMENTS", 1)
    monkeypatch.setattr("agent_desk.handlers.cases.read_story.MOMENTS", 2)
    text = (await document(karim, cases["hole"])).text
    assert "seuls les 2 derniers échanges" in text
    assert "Un trou d’au moins vingt centimètres" not in text


async def test_pictures_end_where_there_is_no_more_room(karim, hall, cases, monkeypatch):
    monkeypatch.setattr(draw_files, "MOST_PICTURES", 1)
    case = await hall.open_case("many", files={"a.png": image(), "b.png": image()})
    text = (await document(karim, case)).text
    assert "picture: Image\xa0: a.png" in text
    assert "picture: Image\xa0: b.png" not in text
    assert "Fichier\xa0: b.png, 1 Kio (non montré ici)" in text


async def test_files_that_cannot_be_drawn_cost_room_too(karim, hall, cases, monkeypatch):
    monkeypatch.setattr(draw_files, "MOST_PICTURES", 2)
    case = await hall.open_case("hostile", files={"a.png": b"-", "b.png": b"-", "c.png": image()})
    text = (await document(karim, case)).text
    assert "picture: " not in text
    assert [entry.thing for entry in hall.audit.entries].count("attachment") == 2


class NeverDone(DrawsHere):
    """Draws a first page, and of another never."""

    async def draw(self, file, page, box):
        if page > 1:
            await asyncio.sleep(60)
        return replace(await super().draw(file, page, box), pages=2)


async def test_what_is_not_drawn_in_time_says_so(karim, hall, cases, monkeypatch):
    monkeypatch.setattr(draw_files, "DRAWING_S", 0.2)
    monkeypatch.setattr(hall.drawing, "draw", NeverDone().draw)
    case = await hall.open_case("slow", files={"a.png": image(), "b.png": image()})
    text = (await document(karim, case)).text
    assert "Fichier\xa0: a.png, 1 Kio (pages montrées\xa0: 1 sur 2)" in text
    assert "picture: Page 1 de a.png" in text
    assert "Fichier\xa0: b.png, 1 Kio (non montré ici\xa0: dessiner les fichiers a pris trop de temps)" in text


async def test_a_file_that_was_altered_says_so_in_its_place(karim, hall, cases):
    case = await hall.open_case("altered", files={"a.png": image(), "b.png": image()})
    message = (await hall.messages.find_many([case.opened_by]))[case.opened_by]
    hall.objects.objects[message.attachments[0].attachment_id] = b"x" * 99
    lines = (await document(karim, case)).text.splitlines()
    at = next(number for number, line in enumerate(lines) if "Fichier\xa0: a.png" in line)
    assert "elle a été altérée, ou sa clé manque" in lines[at]
    assert "picture: Image\xa0: b.png" in lines


async def test_what_can_never_be_typeset_says_that_trying_again_is_of_no_use(karim, hall, cases, monkeypatch):
    async def broken(_typescript):
        raise UntypesetError

    monkeypatch.setattr(hall.typesetting, "typeset", broken)
    here = f"/demandes/{cases['hole'].reference}"
    answer = await karim.get(f"{here}/dossier.pdf")
    assert answer.status_code == 422
    assert "réessayer n’y changera rien" in answer.text
    assert f'href="{here}"' in answer.text


async def test_one_is_made_at_a_time(karim, hall, cases):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asyncio.Lock.locked", lambda _: True)
        answer = await karim.get(f"/demandes/{cases['hole'].reference}/dossier.pdf")
    assert answer.status_code == 503


HOSTILE = '#import "/etc/hostname" : * \\ *gras* $x$ // œ\n#read("/etc/hostname")'


async def test_it_is_typeset_as_a_tagged_document_and_no_word_is_markup():
    """By the process that does so, within its limits."""
    shown = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 30, 30)).save(shown, "JPEG")
    blocks = [Block("title", HOSTILE), Block("words", HOSTILE), Block("picture", HOSTILE), Block("step", "Fin")]
    document = CaseDocument(HOSTILE, "Saint-Aubin", "fr", date(2026, 11, 2), HOSTILE, blocks, [shown.getvalue()])
    pdf = await TypesettingProcesses().typeset(document.typescript())
    assert pdf.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in pdf
    assert b"/Lang" in pdf
    with pytest.raises(UntypesetError):
        await TypesettingProcesses().typeset(replace(document, pictures=[b"\xff\xd8\xff no picture"]).typescript())


async def test_it_is_pdf_a_whatever_a_citizen_wrote(verapdf, tmp_path):
    """veraPDF says so, which shares no code with Typst (docs/decisions/0096)."""
    grey, written = io.BytesIO(), f"{HOSTILE} \N{GRINNING FACE} 中文 سلام \x00\x07\ufeff"
    Image.new("L", (40, 20), 30).save(grey, "JPEG")
    kinds = ("heading", "person", "facts", "remark", "words", "note", "step", "end")
    blocks = [*(Block(kind, written) for kind in kinds), Block("picture", written)]
    for title in ("", written):
        document = CaseDocument(title, "Saint-Aubin", "fr", date(2026, 11, 2), title, blocks, [grey.getvalue()])
        file = tmp_path / f"case-{len(title)}.pdf"
        file.write_bytes(await TypesettingProcesses().typeset(document.typescript()))
    found = verapdf.broken_clauses(sorted(tmp_path.iterdir()), "2b")
    assert list(found.values()) == [[], []]


def test_blocks_are_read_from_a_template():
    html = """<p class="title">A &amp; &lt;b&gt;</p> <p class="step">Ouverte <span class="why">par règle</span>
    <q class="why">mot</q></p><p class="words">
 a\n\n  b </p><p class="other">x</p><p class="remark"> </p><img data-number="2" alt="é">"""
    assert blocks_of(html) == [
        Block("title", "A & <b>"),
        Block("step", "Ouverte (par règle) «\xa0mot\xa0»"),
        Block("words", "a\n\n  b"),
        Block("picture", "é", 2),
    ]
