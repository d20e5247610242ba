"""The sealed file: what is in it, what is not, under which passphrase; and that it was made is noted."""

import asyncio
import hashlib
import io
import json
import re
import time

import pytest
import pyzipper

from agent_desk.domain.transfer.passphrase import is_passphrase, new_passphrase
from agent_desk.handlers.transfer import hand_over
from agent_desk.handlers.transfer.sealed_archive import Enclosed, sealed_archive
from guichet.contracts.case_commands import AddNote
from guichet.contracts.legal_facts import StatedFact
from guichet.contracts.topics import CASE_COMMANDS
from guichet.store.audit.trail import Act
from guichet.store.notes import WORDS
from guichet.vault.fields import open_one

TO = "Préfecture du département"


@pytest.fixture
async def case(hall, cases):
    case = await hall.open_case(
        "passed-on", subject="Titre de séjour", text="Voici.", files={"../Pièce d’Alice.PDF": b"%PDF"}
    )
    now = case.model_copy(update={"facts": (StatedFact(event="transferred", at=case.received_at, to=TO),)})
    hall.cases.put(now)
    return now


def place(case):
    return f"/demandes/{case.reference}/autre-administration/dossier"


def opened(content, passphrase):
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(passphrase.encode())
        return {name: archive.read(name) for name in archive.namelist()}


async def downloaded(browser, case, fields):
    page = await browser.get(place(case))
    passphrase = re.search(r"<code>([^<]*)</code>", page.text)[1]
    return await browser.post(place(case), data={**fields(page), "passphrase": passphrase}), passphrase


async def test_it_holds_the_document_and_files_and_no_name_shows_without_the_passphrase(karim, hall, case, fields):
    answer, passphrase = await downloaded(karim, case, fields)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    there = opened(answer.content, passphrase)
    assert [*there] == ["manifeste.json", "demande.pdf", "fichiers/001.pdf"]
    assert there["fichiers/001.pdf"] == b"%PDF"
    manifest = json.loads(there["manifeste.json"])
    assert (manifest["reference"], manifest["transferred_to"]) == (case.reference, TO)
    assert manifest["files"][0]["sha256"] == hashlib.sha256(b"%PDF").hexdigest()
    assert "Alice" in manifest["files"][0]["name"]
    assert b"Alice" not in answer.content
    with pytest.raises(RuntimeError):
        opened(answer.content, new_passphrase())


async def test_that_it_was_made_is_audited_and_noted_with_its_digest(karim, hall, case, fields):
    answer, passphrase = await downloaded(karim, case, fields)
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(command, AddNote)
    note = hall.notes.notes[command.note_id]
    words = await open_one(hall.vault, WORDS.on(note.note_id, note.words))
    assert TO in words
    assert hashlib.sha256(answer.content).hexdigest() in words
    assert passphrase not in words
    assert Act.CASE_EXPORTED in [each.act for each in hall.audit.entries]


async def test_of_a_case_that_was_passed_on_to_nobody_there_is_none(karim, hall, cases, fields):
    page = await karim.get(place(cases["hole"]))
    assert "n’est transmise à aucune administration" in page.text
    answer = await karim.post(place(cases["hole"]), data={"form_token": fields(page)["form_token"], "passphrase": "x"})
    assert answer.status_code == 303


async def test_no_word_of_ones_own_seals_it(karim, hall, case, fields):
    page = await karim.get(place(case))
    assert (await karim.post(place(case), data={**fields(page), "passphrase": "mairie"})).status_code == 303
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_one_is_made_at_a_time(karim, case, fields, monkeypatch):
    def slowly(*args):
        time.sleep(0.3)
        return sealed_archive(*args)

    monkeypatch.setattr(hand_over, "sealed_archive", slowly)
    page = await karim.get(place(case))
    form = {**fields(page), "passphrase": new_passphrase()}
    first = asyncio.create_task(karim.post(place(case), data=form))
    await asyncio.sleep(0.15)
    assert (await karim.post(place(case), data=form)).status_code == 503
    assert (await first).status_code == 200


async def test_too_much_is_said_and_noted_nowhere(karim, hall, case, fields, monkeypatch):
    monkeypatch.setattr(hand_over, "MOST_BYTES", 3)
    answer, _ = await downloaded(karim, case, fields)
    assert answer.status_code == 422
    assert "dépassent 64 Mio" in answer.text.replace("\u00a0", " ")
    assert hall.publisher.on(CASE_COMMANDS) == []


def test_passphrases_differ_and_are_known_as_ours():
    made = {new_passphrase() for _ in range(50)}
    assert len(made) == 50
    assert all(map(is_passphrase, made))
    assert not is_passphrase("mairie-2026")


def test_a_name_inside_is_a_number_whatever_a_file_is_called():
    named = [Enclosed(name, b"x") for name in ("../../etc/passwd", "a.p/df", "é.ÉÉ", "b.tar.gz", "")]
    there = opened(sealed_archive(b"d", named, {}, "p").content, "p")
    assert [name for name in there if name.startswith("fichiers/")] == [
        *("fichiers/001", "fichiers/002", "fichiers/003", "fichiers/004.gz", "fichiers/005"),
    ]
