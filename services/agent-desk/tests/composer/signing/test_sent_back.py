"""What who signs gives back, corrects or is told of; what its author takes back; and how a change is shown."""

import re
from collections import Counter
from datetime import timedelta

from agent_desk.domain.composer.changes import changes_between
from guichet.store.audit.trail import Act
from guichet_testing.doors.answers_to_sign import (
    SHOWN,
    SIGNER,
    TEXT,
    VIEW,
    acts_of,
    given_by,
    here,
    sheet,
    words_of,
)


async def test_sent_back_its_author_finds_the_reason_and_submits_anew_what_changed_since(
    drafter, signer, hall, lamp, submit
):
    await submit()
    form = sheet(await signer.get(here(lamp)), text=TEXT)
    assert (await signer.post(here(lamp, "a-signer", "renvoi"), data=form)).status_code == 422, "no reason"
    answer = await signer.post(here(lamp, "a-signer", "renvoi"), data={**form, "send_back": "Plus <court>"})
    assert answer.status_code == 303
    assert given_by(hall) == []
    assert Act.SENT_BACK in acts_of(hall, SIGNER)
    assert "Renvoyées sans signature" in (listed := (await drafter.get("/demandes?vue=miennes")).text)
    assert "Plus &lt;court&gt;" in listed
    assert "Renvoyées sans signature" not in (await signer.get("/demandes")).text
    page = (await drafter.get(here(lamp))).text
    assert "answers vous a renvoyé cette réponse sans la signer." in page
    assert "Plus &lt;court&gt;" in page
    assert SHOWN in page
    assert lamp.reference not in (await signer.get(VIEW)).text
    await submit("Nous passons jeudi.")
    page = (await signer.get(here(lamp))).text
    assert "Ce qui a changé dans le texte" in page
    assert re.search(r"<del>.*&lt;mardi&gt;.</del><ins>.*jeudi.</ins>", page)


async def test_sent_back_without_words_it_is_as_it_was_submitted(drafter, signer, hall, lamp, submit):
    await submit()
    form = sheet(await signer.get(here(lamp)), text=" ", send_back="Non")
    assert (await signer.post(here(lamp, "a-signer", "renvoi"), data=form)).status_code == 303
    assert await words_of(hall, lamp) == TEXT


async def test_of_two_that_wait_the_second_is_shown_too(signer, sign_in, hall, lamp, submit, fields):
    await submit()
    hall.clock.now += timedelta(minutes=1)
    karim = await sign_in("karim.haddad")
    form = {**fields(await karim.get(here(lamp))), "text": "Nous passons vendredi."}
    assert (await karim.post(here(lamp, "signature"), data=form)).status_code == 303
    page = (await signer.get(here(lamp))).text
    assert "Réponse de writes-unsigned, soumise à signature" in page
    assert page.count("Nous passons vendredi.") == 1


async def test_one_s_own_draft_beside_an_answer_to_sign_shares_no_id_with_it(signer, hall, lamp, submit, fields):
    form = {**fields(await signer.get(here(lamp))), "text": "Bonjour.", "signed": "oui"}
    assert (await signer.post(here(lamp, "brouillon"), data=form)).status_code in {200, 303}
    await submit()
    page = (await signer.get(here(lamp))).text
    assert 'id="text"' in page
    assert 'id="a-signer-texte"' in page
    assert [name for name, times in Counter(re.findall(r' id="([^"]*)"', page)).items() if times > 1] == []


async def test_what_is_wrong_with_an_answer_to_sign_leads_to_its_own_field(signer, hall, lamp, submit):
    await submit()
    answer = await signer.post(here(lamp, "a-signer"), data=sheet(await signer.get(here(lamp)), text=" "))
    assert answer.status_code == 422
    assert '<a href="#a-signer-texte">Écrivez la réponse.</a>' in answer.text
    assert 'href="#text"' not in answer.text


async def test_what_a_signer_typed_stays_where_the_answer_is_gone(drafter, signer, hall, lamp, submit, fields):
    await submit()
    seen = sheet(await signer.get(here(lamp)), text="x" * 20_001)
    await drafter.post(here(lamp, "signature", "reprise"), data=fields(await drafter.get(here(lamp))))
    answer = await signer.post(here(lamp, "a-signer"), data=seen)
    assert "Elle n’attend plus votre signature" in answer.text
    assert "x" * 20_001 in answer.text


async def test_its_files_are_shown_to_its_author_and_a_change_of_them_to_who_signs(
    drafter, signer, hall, lamp, submit, fields
):
    form = {**fields(await drafter.get(here(lamp))), "text": TEXT}
    file = ("files", ("plan.png", b"\x89PNG the plan"))
    assert (await drafter.post(here(lamp, "pieces-jointes"), data=form, files=[file])).status_code == 303
    await submit()
    assert ">plan.png</a>" in (await drafter.get(here(lamp))).text
    form = sheet(await signer.get(here(lamp)), text=TEXT, attached="")
    answer = await signer.post(here(lamp, "a-signer"), data=form)
    assert answer.status_code == 409
    assert '<a href="#a-signer-fichiers">Des fichiers ont été joints ou retirés entre-temps' in answer.text
    assert re.search(r'id="a-signer-fichiers".*Des fichiers.*>plan.png</a>', answer.text, re.DOTALL)


async def test_its_author_takes_it_back_and_a_page_of_before_signs_nothing(drafter, signer, hall, lamp, submit, fields):
    await submit()
    seen = sheet(await signer.get(here(lamp)), text=TEXT)
    page = await drafter.get(here(lamp))
    answer = await drafter.post(here(lamp, "signature", "reprise"), data=fields(page))
    assert answer.headers["location"] == here(lamp) + "#text"
    assert SHOWN in (await drafter.get(here(lamp))).text
    answer = await signer.post(here(lamp, "a-signer"), data=seen)
    assert answer.status_code == 409
    assert "Elle n’attend plus votre signature" in answer.text
    assert SHOWN in answer.text, "what was typed is not lost"
    await submit("Nous passons jeudi.")
    answer = await signer.post(here(lamp, "a-signer"), data=seen)
    assert answer.status_code == 409
    assert "Nous passons jeudi." in answer.text
    assert given_by(hall) == []


def test_changes_are_told_word_by_word():
    told = [
        (each.kind, each.text)
        for each in changes_between("Bonjour, le trou\nsera bouché.", "Bonjour, le nid sera bouché.")
    ]
    assert told == [("same", "Bonjour, le"), ("gone", " trou\nsera"), ("new", " nid sera"), ("same", " bouché.")]
    assert changes_between("a  b", " a  b \n") == ()
