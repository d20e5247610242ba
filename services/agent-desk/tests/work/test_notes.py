"""Internal notes at the desk: written, sealed, told in the story, marked as never sent; kept when they come to nothing."""

import asyncio

import pytest
from playwright.async_api import Browser, Route, expect

from agent_desk.domain.work.note import note_of
from guichet.case.history import HistoryEntry
from guichet.case.newest import Said
from guichet.contracts.case_commands import AddNote
from guichet.contracts.case_events import CaseState
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId, EventId, NoteId
from guichet.store.audit.trail import Act
from guichet.store.cases.fields import REASON
from guichet.store.commands import CommandDocument
from guichet.store.notes import WORDS, Note
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.builders.tampered import tampered
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean_at

KARIM, CLAIRE, HELENE = "agent-12", "agent-11", "agent-19"
SAID = "La voisine confirme : le trou date de lundi."


def noting(case):
    return f"/demandes/{case.reference}/notes"


async def noted(hall, case, *, by=CLAIRE, words=SAID, note_id="note-1", added=True, mentions=()):
    """Put a note where the desk keeps it, and into the history as the router would."""
    (key,) = await hall.vault.new_keys(1)
    note = Note(_id=note_id, case_id=case.case_id, author=by, at=hall.clock(), words=WORDS.seal(key, note_id, words))
    await hall.notes.insert(note)
    if added:
        about = {"note_id": note_id, "mentions": mentions}
        said = {"type": "NoteAdded", "at": hall.clock(), "by": by, "cause": "c", **about}
        hall.happened(case, HistoryEntry(case_id=case.case_id, version=99, **said))
    return note


async def test_a_note_is_sealed_under_a_key_of_its_own_and_one_command(karim, hall, cases, fields):
    case = cases["hole"]
    page = await karim.get(f"/demandes/{case.reference}")
    for _ in range(2):
        answer = await karim.post(noting(case), data={**fields(page), "note": f"  {SAID} "})
        assert answer.status_code == 303
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(first, AddNote)
    assert first.event_id == second.event_id
    [note] = hall.notes.notes.values()
    assert (note.note_id, note.case_id, note.author) == (first.note_id, case.case_id, KARIM)
    assert note.words.key_id not in {case.subject.key_id}
    key = (await hall.vault.open_keys([note.words.key_id]))[note.words.key_id]
    assert WORDS.open(key, note.note_id, note.words) == SAID
    noted = [each.things for each in hall.audit.entries if each.act is Act.NOTED]
    assert noted == [(case.case_id, first.event_id)] * 2


async def test_the_story_tells_it_and_says_that_no_citizen_gets_it(karim, hall, cases):
    await noted(hall, cases["hole"])
    page = (await karim.get(f"/demandes/{cases['hole'].reference}")).text
    told = page.split('class="moment moment-note')[1].split("</li>")[0]
    for word in (SAID, "Claire Dumas", "Note interne", "Jamais envoyée à l’usager."):
        assert word in told
    assert any("note-1" in each.things for each in hall.audit.entries if each.act is Act.READ)


async def test_a_note_that_was_erased_or_tampered_with_says_so(karim, hall, cases):
    note = await noted(hall, cases["hole"])
    address = f"/demandes/{cases['hole'].reference}"
    hall.notes.notes[note.note_id] = note.model_copy(update={"words": tampered(note.words)})
    assert "elle a été altérée" in (await karim.get(address)).text
    del hall.notes.notes[note.note_id]
    assert "Contenu effacé." in (await karim.get(address)).text.split('class="moment moment-note')[1].split("</li>")[0]


async def test_a_note_of_another_case_is_never_shown(karim, hall, cases):
    note = await noted(hall, cases["hole"])
    hall.notes.notes[note.note_id] = note.model_copy(update={"case_id": cases["lamp"].case_id})
    assert SAID not in (await karim.get(f"/demandes/{cases['hole'].reference}")).text


async def test_a_colleagues_note_is_news(karim, hall, cases):
    case = cases["hole"]
    await noted(hall, case)
    newest = (Said(id=case.opened_by), Said(id=EventId("c"), by=AgentId(CLAIRE)))
    hall.cases.put(case.model_copy(update={"version": 99, "newest": newest}))
    part = (await karim.get(f"/demandes/{case.reference}/fil", params={"shown": case.opened_by})).text
    assert "Note interne de Claire Dumas" in part.split('class="since"')[1].split("</ul>")[0]


@pytest.mark.parametrize(
    ("typed", "told"), [("  ", "Écrivez la note."), ("é" * 5001, "La note dépasse 5 000")], ids=["blank", "long"]
)
async def test_what_is_no_note_is_said(karim, hall, cases, fields, typed, told):
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    answer = await karim.post(noting(cases["hole"]), data={**fields(page), "note": typed})
    assert answer.status_code == 422
    assert told in answer.text
    assert not hall.notes.notes


async def test_a_refused_note_comes_back_with_its_words(karim, hall, cases):
    case, command = cases["hole"], EventId("c" * 32)
    await noted(hall, case, by=KARIM, note_id=note_of(command), added=False)
    said = {"type": "CommandRefused", "at": hall.clock(), "by": KARIM, "state": "case-closed", "cause": command}
    hall.happened(case, HistoryEntry(case_id=case.case_id, version=99, **said))
    refused = CommandDocument(
        _id=command, type="AddNote", case_id=case.case_id, at=hall.clock(), done=True, refused="case-closed"
    )
    await hall.commands.insert_causes([refused])
    page = (await karim.get(f"/demandes/{case.reference}?suite=note-{command}")).text
    assert "La note n’a pas été ajoutée" in page
    assert f"{SAID}</textarea>" in page
    assert "Lire la note, qui n’a pas été ajoutée" in page


async def test_a_note_of_which_nobody_heard_is_given_back_to_its_author_alone(karim, sign_in, hall, cases):
    case, command = cases["hole"], EventId("c" * 32)
    await noted(hall, case, by=KARIM, note_id=note_of(command), added=False)
    back = f"/demandes/{case.reference}/saisie?suite=note-{command}"
    assert f"{SAID}</textarea>" in (await karim.get(back)).text
    await noted(hall, case, by=CLAIRE, note_id=NoteId("other"), added=False)
    hall.notes.notes[note_of(command)] = hall.notes.notes[note_of(command)].model_copy(update={"author": CLAIRE})
    assert SAID not in (await karim.get(back)).text


async def test_while_the_store_is_away_nothing_is_lost(karim, hall, cases, fields):
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    hall.notes.away = True
    answer = await karim.post(noting(cases["hole"]), data={**fields(page), "note": SAID})
    assert answer.status_code == 503
    assert SAID in answer.text


async def test_a_closed_case_takes_one_and_no_answer(karim, hall, cases):
    page = (await karim.get(f"/demandes/{cases['closed'].reference}")).text
    assert noting(cases["closed"]) in page
    hall.cases.put(cases["closed"].model_copy(update={"state": CaseState.ARCHIVED}))
    assert noting(cases["closed"]) not in (await karim.get(f"/demandes/{cases['closed'].reference}")).text


# --- who reads the case whole and may not answer it: an elected member who took it down, the mayor's office

REFUSED = EventId("c" * 32)


@pytest.fixture
async def words_to_colleagues(hall, cases):
    """A note, a handover's word, a note that was refused."""
    case = cases["hole"]
    await noted(hall, case)
    (key,) = await hall.vault.new_keys(1)
    word = REASON.called("give").seal(key, case.case_id, "Le maire insiste.")
    handover = {"type": "CaseAssigned", "at": hall.clock(), "by": CLAIRE, "to_agent": KARIM, "cause": "give"}
    await noted(hall, case, words="Refusée en silence.", note_id=note_of(REFUSED), added=False)
    refusal = {"type": "CommandRefused", "at": hall.clock(), "by": CLAIRE, "state": "case-closed", "cause": REFUSED}
    hall.happened(
        case,
        HistoryEntry(case_id=case.case_id, version=100, reason=word, reason_field="give", **handover),
        HistoryEntry(case_id=case.case_id, version=101, **refusal),
    )
    return (SAID, "Note interne", "Le maire insiste.", "Refusée en silence.")


class TestWhoReadsAndDoesNotAnswer:
    @pytest.fixture
    def hall(self) -> TownHall:
        return TownHall(town=profiled_town())

    @pytest.mark.parametrize("name", ["reads-alone", "closes"])
    async def test_reads_no_word_between_colleagues_nor_that_there_was_one(
        self, sign_in, hall, cases, words_to_colleagues, name
    ):
        browser, here = await sign_in(name), f"/demandes/{cases['hole'].reference}"
        for address in (here, f"{here}/fil?shown=", f"{here}/saisie?suite=note-{REFUSED}"):
            page = await browser.get(address)
            assert page.status_code == 200
            assert [words for words in words_to_colleagues if words in page.text] == []
        assert "note-1" not in {thing for each in hall.audit.entries for thing in each.things}

    async def test_who_answers_reads_each(self, sign_in, cases, words_to_colleagues):
        page = await (await sign_in("answers")).get(f"/demandes/{cases['hole'].reference}")
        assert [words for words in words_to_colleagues if words not in page.text] == []

    @pytest.mark.parametrize("name", ["reads-alone", "closes"])
    async def test_writes_none(self, sign_in, hall, cases, fields, name):
        browser = await sign_in(name)
        page = await browser.get(f"/demandes/{cases['hole'].reference}")
        sheet = {"once": "0" * 32, "shown": "", **fields(page)}
        assert (await browser.post(noting(cases["hole"]), data={**sheet, "note": SAID})).status_code == 403
        assert not hall.notes.notes


async def test_a_note_is_words_whatever_signs_are_in_it(karim, hall, cases):
    await noted(hall, cases["hole"], words='<script>alert(1)</script><img src=x onerror="x">{{ 7 * 7 }}')
    page = (await karim.get(f"/demandes/{cases['hole'].reference}")).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7 * 7 }}" in page


async def test_a_note_speaks_to_colleagues_who_may_answer_by_name(karim, hall, cases, fields):
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    words = "@Hélène.Vasseur, et @helene.vasseur : vu. Écrire à alice@courriel.example @ 14 h."
    assert (await karim.post(noting(cases["hole"]), data={**fields(page), "note": words})).status_code == 303
    [command], [note] = hall.publisher.on(CASE_COMMANDS), hall.notes.notes.values()
    assert command.mentions == note.mentions == (HELENE,)


@pytest.mark.parametrize("name", ["ines.caron", "personne"], ids=["without-right", "unknown"])
async def test_who_is_shown_no_note_of_it_is_mentioned_in_none_and_the_words_are_kept(karim, hall, cases, fields, name):
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    answer = await karim.post(noting(cases["hole"]), data={**fields(page), "note": f"Vu avec @{name}."})
    assert answer.status_code == 422
    assert f"Aucun collègue de ce nom ne lit ces notes\xa0: @{name}" in answer.text
    assert f"Vu avec @{name}.</textarea>" in answer.text
    assert not hall.notes.notes


async def test_a_mention_says_what_its_colleague_is_called(karim, hall, cases):
    await noted(hall, cases["hole"], words="<b>@helene.vasseur</b> @paul.mercier", mentions=(HELENE,))
    page = (await karim.get(f"/demandes/{cases['hole'].reference}")).text
    told = '&lt;b&gt;<mark class="mention">@Hélène Vasseur</mark>&lt;/b&gt; @paul.mercier'
    assert told in page


async def test_a_note_of_ten_megabytes_is_read_by_nobody(karim, hall, cases, fields):
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    answer = await karim.post(noting(cases["hole"]), data={**fields(page), "note": "x" * 10_000_000})
    assert answer.status_code == 400
    assert not hall.notes.notes


async def test_it_is_written_by_keyboard(chromium: Browser, hall: TownHall, cases):
    await noted(hall, cases["hole"])
    async with signed_in_page(chromium, hall.web(), "karim.haddad", NARROWEST) as page:
        typed = asyncio.Event()

        async def later(route: Route) -> None:
            await typed.wait()
            await route.continue_()

        await page.route("**/static/mentions.js?*", later)
        await page.goto(f"/demandes/{cases['hole'].reference}")
        await page.locator("label[for=mode-note]").click()
        await page.locator("#note").press_sequentially("Vu sur place, @vas")  # before what proposes has come
        typed.set()
        await expect(page.locator(".mention-list li")).to_have_text(["Hélène Vasseur@helene.vasseur"])
        await assert_clean_at(page, "note-case", SIZES)
        await page.locator("#note").press("Enter")
        await expect(page.locator("#note")).to_have_value("Vu sur place, @helene.vasseur ")
        await expect(page.locator(".mention-list li")).to_have_count(0)
        await page.get_by_role("button", name="Ajouter la note").press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("Note ajoutée")
    assert sorted(note.mentions for note in hall.notes.notes.values()) == [(), (HELENE,)]
