"""Files go with an answer: attached to its draft, sent with it, and gone with it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from agent_desk.domain.composer.attachments import carries_files, sent_file
from agent_desk.handlers.cases.antivirus import Antivirus, UnscannedError
from guichet.contracts.inbound import ChannelName
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId, DepartmentId
from guichet.store.draft import FILE_BYTES_AT_MOST, FILES_AT_MOST, draft_of
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet.store.objects import attachment
from guichet.vault.fields import open_one
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.doors.desk_on_twins import TownHall

KARIM = AgentId("agent-12")
LEA = "helene.vasseur"
UNDO = timedelta(seconds=10)
TEXT = "Voici l’arrêté."
PDF = ("arrete.pdf", b"%PDF-1.7 the order")
PLAN = ("plan.png", b"\x89PNG the plan")


class Scanner(Antivirus):
    """found: what it finds in every file. away: it does not answer."""

    is_there = True

    def __init__(self) -> None:
        self.found: str | None = None
        self.away = False

    async def found_in(self, content: bytes) -> str | None:
        if self.away:
            raise UnscannedError("away")
        return self.found


@pytest.fixture
def scanner() -> Scanner:
    return Scanner()


@pytest.fixture
def hall(scanner) -> TownHall:
    return TownHall(undo=UNDO, antivirus=scanner)


@pytest.fixture
def hole(cases):
    return cases["hole"]


@pytest.fixture
def kept(hall, hole):
    """Return what lies in the object store beside what came with the morning's messages."""
    before = set(hall.objects.objects)
    return lambda: {name: box for name, box in hall.objects.objects.items() if name not in before}


@pytest.fixture
def attach(karim, hole, fields):
    """Send a composer with files, from its page, or with these fields of it; return the form and the answer."""

    async def attach(*files: tuple[str, bytes], by: Any = None, headers: Any = None, **more: str) -> Any:
        browser = by or karim
        form = {**fields(await browser.get(here(hole))), "text": TEXT, "signed": "oui", **more}
        sent = [("files", each) for each in files]
        return form, await browser.post(here(hole, "pieces-jointes"), data=form, files=sent, headers=headers)

    return attach


def here(case: Any, *further: str) -> str:
    return "/".join((f"/demandes/{case.reference}", *further))


def files_in(page: str) -> list[str]:
    return re.findall(r"Retirer<span class=\"unseen\">[ \xa0]: ([^<]*)<", page)


def draft_in(hall: TownHall, case: Any) -> Any:
    return hall.drafts.drafts[draft_of(case.case_id, KARIM)]


async def send(browser: Any, case: Any, fields: Any, **more: str) -> Any:
    form = {**fields(await browser.get(here(case))), "text": TEXT, "signed": "oui", **more}
    return await browser.post(here(case, "reponse"), data=form)


async def pass_by(hall: TownHall, time: timedelta = UNDO) -> None:
    hall.clock.now += time
    await hall.leaving_answers().go_on()


async def sent_files(hall: TownHall, message: Any) -> dict[str, bytes]:
    """Return the files of an answer, by name, as they are sealed under its key."""
    said = await open_one(hall.vault, OUTBOUND_CONTENT.on(message.message_id, message.content))
    key = (await hall.vault.open_keys([message.content.key_id]))[message.content.key_id]
    boxes = {each.attachment_id: await hall.objects.get(each.attachment_id) for each in message.attachments}
    return {
        said.attachment_names[name]: attachment(name).open_box(key, message.message_id, box)
        for name, box in boxes.items()
    }


async def test_they_are_kept_with_the_words_for_another_session_and_nothing_of_them_lies_in_clear(
    karim, sign_in, hall, hole, kept, attach
):
    _, answer = await attach(PDF, PLAN)
    assert (answer.status_code, answer.headers["location"]) == (303, here(hole) + "#pieces-jointes")
    page = (await (await sign_in("karim.haddad")).get(here(hole))).text
    assert files_in(page) == ["arrete.pdf", "plan.png"]
    assert TEXT in page
    kept = repr(draft_in(hall, hole).model_dump()) + repr(kept())
    assert "arrete" not in kept
    assert "the order" not in kept


async def test_they_leave_with_the_answer_are_shown_in_its_thread_and_are_nowhere_else(
    karim, hall, hole, kept, attach, fields
):
    await attach(PDF, PLAN)
    assert (await send(karim, hole, fields)).headers["location"] == here(hole) + "#depart"
    assert "arrete.pdf" in (await karim.get(here(hole))).text
    await pass_by(hall)
    [command] = hall.publisher.on(CASE_COMMANDS)
    message = hall.messages.messages[command.outbound_id]
    assert await sent_files(hall, message) == {PDF[0]: PDF[1], PLAN[0]: PLAN[1]}
    await pass_by(hall, timedelta(seconds=1))
    assert set(kept()) == {each.attachment_id for each in message.attachments}
    got = await karim.get(here(hole, "fichiers", message.message_id, "1"))
    assert (got.content, got.headers["content-type"]) == (PDF[1], "application/pdf")


async def test_taken_back_it_has_its_files_and_thrown_away_nothing_is_left(karim, hole, kept, attach, fields):
    await attach(PDF)
    await send(karim, hole, fields)
    await karim.post(here(hole, "depart", "annulation"), data=fields(await karim.get(here(hole))))
    page = await karim.get(here(hole))
    assert files_in(page.text) == ["arrete.pdf"]
    await karim.post(here(hole, "brouillon", "retrait"), data={**fields(page), "text": TEXT})
    assert kept() == {}
    assert files_in((await karim.get(here(hole))).text) == []


async def test_refused_it_is_a_draft_with_its_files_again(karim, hall, hole, attach, fields):
    await attach(PDF)
    await send(karim, hole, fields)
    hall.publisher.refuses = "case-changed"
    await pass_by(hall)
    await pass_by(hall, timedelta(seconds=1))
    assert files_in((await karim.get(here(hole))).text) == ["arrete.pdf"]


async def test_words_that_are_kept_while_a_refusal_settles_lose_no_file(karim, hall, hole, attach, fields):
    await attach(PDF)
    await send(karim, hole, fields)
    hall.publisher.refuses = "case-changed"
    await pass_by(hall)
    form = {**fields(await karim.get(here(hole))), "text": TEXT, "replaces": draft_in(hall, hole).once}
    put = hall.drafts.put

    async def late(*given: Any) -> Any:
        await pass_by(hall, timedelta(seconds=1))
        return await put(*given)

    hall.drafts.put = late
    await karim.post(here(hole, "brouillon"), data=form)
    page = (await karim.get(here(hole))).text
    [at] = re.findall(r'href="([^"]*/pieces-jointes/[^"]*)"', page)
    assert (await karim.get(at)).content == PDF[1]


async def test_a_page_of_before_takes_no_file_off(karim, hall, hole, attach, fields):
    form, _ = await attach(PDF)
    [file] = draft_in(hall, hole).files
    put = hall.drafts.put

    async def elsewhere(draft: Any, *given: Any) -> Any:
        is_kept = await put(draft, *given)
        hall.drafts.drafts[draft.draft_id] = draft_in(hall, hole).model_copy(update={"once": "0" * 32})
        return is_kept

    hall.drafts.put = elsewhere  # another tab keeps, or submits, between this one's words and what it takes off
    await karim.post(here(hole, "pieces-jointes", file.file_id, "retrait"), data=form)
    assert draft_in(hall, hole).files == (file,)
    assert file.file_id in hall.objects.objects


async def test_one_is_taken_off_by_its_author_alone(karim, sign_in, hall, hole, attach, fields):
    await attach(PDF, PLAN)
    page = await karim.get(here(hole))
    first = draft_in(hall, hole).files[0].file_id
    lea = await sign_in(LEA)
    theirs = {**fields(await lea.get(here(hole))), "text": "…"}
    assert (await lea.post(here(hole, "pieces-jointes", first, "retrait"), data=theirs)).status_code == 303
    assert first in hall.objects.objects
    own = {**fields(page), "text": TEXT}
    await karim.post(here(hole, "pieces-jointes", first, "retrait"), data=own)
    assert files_in((await karim.get(here(hole))).text) == ["plan.png"]
    assert first not in hall.objects.objects


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\a\r\nBcc: x.pdf", "aBcc: x.pdf"),
        ("fac\u202efdp.pdf", "facfdp.pdf"),
        ("..", "fichier-1"),
    ],
)
def test_a_name_has_no_folder_line_end_or_mark_that_turns_it(name, shown):
    assert sent_file(name, b"%PDF", 1).name == shown


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("facture\u202efdp.exe", b"MZ", "peut contenir un programme"),
        ("page.pdf.html", b"<script>", "peut contenir un programme"),
        ("vide.pdf", b"", "est vide"),
        ("gros.pdf", b"x" * (FILE_BYTES_AT_MOST + 1), "10 Mio en tout"),
        ("enorme.pdf", b"x" * (FILE_BYTES_AT_MOST * 3 // 2), "Rien n’est joint\xa0: 10 fichiers"),
    ],
    ids=["program", "page", "empty", "too large", "far too large"],
)
async def test_what_is_not_attached_is_said_and_no_word_is_lost(kept, attach, name, content, said):
    _, answer = await attach((name, content))
    assert answer.status_code == 422
    assert said in answer.text
    assert TEXT in answer.text
    assert kept() == {}


async def test_of_many_so_many_are_attached(karim, hole, attach):
    await attach(*[(f"{number}.pdf", b"%PDF") for number in range(FILES_AT_MOST)])
    _, answer = await attach(("one-more.pdf", b"%PDF"))
    assert "«\xa0one-more.pdf\xa0» n’est pas joint\xa0: 10 fichiers" in answer.text
    assert len(files_in(answer.text)) == FILES_AT_MOST


async def test_the_antivirus_sees_each_first(scanner, kept, attach):
    scanner.found = "Eicar"
    _, answer = await attach(PDF)
    assert "l’antivirus y a trouvé Eicar" in answer.text
    scanner.found, scanner.away = None, True
    _, answer = await attach(PDF)
    assert (answer.status_code, "l’antivirus ne répond pas" in answer.text, TEXT in answer.text) == (422, True, True)
    assert kept() == {}


async def test_an_open_page_gets_the_list_alone(karim, hole, attach):
    _, answer = await attach(PDF, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert files_in(answer.text) == ["arrete.pdf"]
    assert "<html" not in answer.text


async def test_what_changed_since_the_page_was_looked_at_is_shown_before_it_leaves(karim, hall, hole, attach, fields):
    await attach(PDF)
    page = fields(await karim.get(here(hole)))
    await attach(PLAN)
    answer = await karim.post(here(hole, "reponse"), data={**page, "text": TEXT, "signed": "oui"})
    assert answer.status_code == 409
    assert "Des fichiers ont été joints ou retirés entre-temps" in answer.text
    assert files_in(answer.text) == ["arrete.pdf", "plan.png"]
    await pass_by(hall)
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_a_file_that_was_chosen_and_not_attached_holds_the_answer_back(karim, hole, fields):
    answer = await send(karim, hole, fields, files="arrete.pdf")
    assert (answer.status_code, "n’est pas encore joint" in answer.text, TEXT in answer.text) == (422, True, True)
    assert '<li><a href="#files">Le fichier choisi n’est pas encore joint' in answer.text
    assert 'aria-describedby="files-refused"' in answer.text


async def test_sent_twice_it_is_one_answer_with_its_files(karim, hall, hole, attach, fields):
    await attach(PDF)
    form = {**fields(await karim.get(here(hole))), "text": TEXT, "signed": "oui"}
    for _ in range(2):
        assert (await karim.post(here(hole, "reponse"), data=form)).headers["location"] == here(hole) + "#depart"
    await pass_by(hall)
    assert "suite=" in (await karim.post(here(hole, "reponse"), data=form)).headers["location"]
    await pass_by(hall, timedelta(seconds=1))
    assert "suite=" in (await karim.post(here(hole, "reponse"), data=form)).headers["location"]
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert len(hall.messages.messages[command.outbound_id].attachments) == 1


async def test_what_speaks_of_a_file_is_asked_about_only_where_none_goes(karim, hole, attach, fields):
    assert "aucun fichier n’est joint" in (await send(karim, hole, fields, text="Vous trouverez ci-joint…")).text
    await attach(PDF)
    assert (await send(karim, hole, fields, text="Vous trouverez ci-joint…")).status_code == 303


async def test_an_altered_or_lost_file_sends_nothing_and_gives_the_words_back(karim, hall, hole, kept, attach, fields):
    await attach(PDF)
    await send(karim, hole, fields)
    [lost] = kept()
    hall.objects.objects[lost] = b"altered"
    await pass_by(hall)
    assert hall.publisher.on(CASE_COMMANDS) == []
    page = (await karim.get(here(hole))).text
    assert TEXT in page
    assert files_in(page) == ["arrete.pdf"]


async def test_by_a_channel_that_carries_none_they_are_on_the_follow_page_and_the_preview_says_so(karim, cases, fields):
    lamp = cases["lamp"]
    form = {**fields(await karim.get(here(lamp))), "text": TEXT, "signed": "oui"}
    assert (await karim.post(here(lamp, "pieces-jointes"), data=form, files=[("files", PDF)])).status_code == 303
    form = {**fields(await karim.get(here(lamp))), "text": TEXT, "signed": "oui"}
    seen = (await karim.post(here(lamp, "apercu"), data=form)).text
    assert "Fichier joint : https://" in seen
    assert "arrete.pdf" in seen
    assert (await karim.post(here(lamp, "reponse"), data=form)).status_code == 303


def test_a_sensitive_department_s_chat_carries_none():
    town = the_example_town()
    assert carries_files(ChannelName("sms"), DepartmentId("voirie"), town)
    assert carries_files(ChannelName("email"), DepartmentId("ccas"), town)
    assert not carries_files(ChannelName("sms"), DepartmentId("ccas"), town)


async def test_a_case_that_is_erased_while_a_file_is_put_keeps_none_of_it(hall, hole, kept, attach):
    put = hall.objects.put

    async def erased_meanwhile(name: str, box: bytes) -> None:
        await put(name, box)
        await hall.vault.destroy_keys([draft_in(hall, hole).words.key_id])
        hall.drafts.drafts.clear()

    hall.objects.put = erased_meanwhile
    _, answer = await attach(PDF)
    assert answer.status_code == 404
    assert kept() == {}
    assert hall.drafts.drafts == {}


async def test_who_dies_between_putting_a_file_and_naming_it_leaves_one_that_a_round_finds(hall, hole, kept, attach):
    async def die(*_: object) -> bool:
        raise SystemError("killed")

    name, hall.drafts.attach = hall.drafts.attach, die
    with pytest.raises(SystemError):
        await attach(PDF)
    hall.drafts.attach = name
    [left] = kept()
    assert re.fullmatch("[0-9a-f]{32}", left), "gdpr-worker's round looks at no other names"
    assert draft_in(hall, hole).files == ()
    await attach(PDF)
    assert {each.file_id for each in draft_in(hall, hole).files} == kept().keys() - {left}
