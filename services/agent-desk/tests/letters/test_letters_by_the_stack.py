"""A stack of letters becomes as many messages, once each, whoever dies or clicks twice; and nobody else sees any of it."""

import asyncio
import re
from datetime import date, timedelta
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from playwright.async_api import expect

from agent_desk.domain.letters.scanned import ScannedLetter, UnreadableScanError
from agent_desk.handlers.letters import letter_box
from agent_desk.handlers.letters.file_letter import LEFT_BEHIND
from agent_desk.handlers.letters.read_scans import ReadScans
from agent_desk.handlers.letters.recognise_text import NoTextRecognition, RecogniseText
from agent_desk.handlers.letters.watch_letters import LetterWatch
from agent_desk.handlers.staff.staff_directory import OLDEST
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_DESK
from guichet.errors import TransientError
from guichet.ids import DepartmentId
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.runtime.telemetry.alarms import Alarm
from guichet.store.agents.staff import entry_of
from guichet.store.audit.trail import Act
from guichet.store.letters import ALARMED_AFTER, REMINDED_AFTER
from guichet.store.messages.document import INBOUND_CONTENT
from guichet.store.objects import attachment
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet.town.staff.profiles import Profile, ProfileGrant
from guichet_testing.builders.tampered import is_alarmed
from guichet_testing.doors.desk_in_browser import SIZES, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean_at
from guichet_testing.stolen_copy.sealed_items import items_in_collection

HERE = "/saisie/courriers"
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 297"/>'
JPEG = b"\xff\xd8\xff jpeg of "
READ = "Jean-Baptiste Ollivier\n22, avenue Foch\nMonsieur le Maire\nObjet : refus d’abonnement\nTél. 06 39 98 66 20\nBonjour."
TYPED = {
    "name": "Jean-Baptiste Ollivier",
    "address": "",
    "subject": "Refus d’abonnement",
    "procedure": "signalement-voirie",
    "text": "Il conteste.",
    "received": "2026-04-28",
    "kept_at": "Boîte 41",
}


class Stack(ReadScans):
    """What a reader of scans found: one letter a file, of one page."""

    async def read(self, files, mark, *, as_one=False):
        if b"?" in files:
            raise UnreadableScanError("unreadable")
        files = [b"".join(files)] if as_one else files
        return [ScannedLetter(1, file, sha256(file).hexdigest(), (JPEG + file,)) for file in files]


class Eyes(RecogniseText):
    async def read(self, picture: bytes) -> str:
        return READ


@pytest.fixture
def hall() -> TownHall:
    return TownHall(scans=Stack(), recognise=Eyes())


def taken(hall: TownHall) -> list[MessageReceived]:
    return [event for event in hall.publisher.on(INBOUND_DESK) if isinstance(event, MessageReceived)]


async def token(browser) -> dict[str, str]:
    return {"form_token": re.search(r'name="form_token" value="([^"]+)"', (await browser.get("/saisie")).text)[1]}


async def upload(browser, *scans: bytes, **typed: str):
    form = {"stamp": "2026-04-29", "kept_at": "Boîte 41", "department": "voirie", **await token(browser), **typed}
    files = [("scans", (f"{number}.pdf", scan, "application/pdf")) for number, scan in enumerate(scans or [b""])]
    return await browser.post(HERE, data=form, files=files)


@pytest.fixture
async def batch(karim) -> str:
    """The address of a stack of three letters."""
    answer = await upload(karim, b"one", b"two", b"three")
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_files_that_are_said_to_be_one_letter_are_one_and_another_batch_than_before(karim, batch):
    answer = await upload(karim, b"one", b"two", b"three", as_one="oui")
    assert answer.headers["location"] != batch
    page = await karim.get(answer.headers["location"], follow_redirects=True)
    assert "Courrier 1 sur 1" in page.text


async def test_what_was_cut_wrong_is_set_aside_and_uploaded_again_as_its_page_says(karim, hall, batch):
    tick = "Plusieurs fichiers font un courrier"
    assert f"en cochant «\N{NO-BREAK SPACE}{tick}" in (await karim.get(f"{batch}/2")).text
    assert f'<label for="as_one">{tick} ' in (await karim.get(HERE)).text
    for number in (2, 3):
        await send(karim, f"{batch}/{number}/ecart")
    joined = await upload(karim, b"two", b"three", as_one="oui")
    await send(karim, f"{joined.headers['location']}/1/ecart")
    await upload(karim, b"two", b"three")
    assert sorted(each.of for each in hall.letters.letters.values() if each.scan) == [2, 2, 3]


def grow_old(hall: TownHall, age: timedelta) -> None:
    """Let all letters have been added so long ago."""
    for name, each in hall.letters.letters.items():
        hall.letters.letters[name] = each.model_copy(update={"added_at": hall.clock.now - age})


async def test_a_letter_is_read_beside_its_form_in_windows_of_every_size(chromium, hall, batch):
    async with signed_in_page(chromium, hall.web(), "karim.haddad", "desk") as page:
        await page.route(
            "**/pages/*", lambda route: route.fulfill(status=200, content_type="image/svg+xml", body=BLANK)
        )
        grow_old(hall, REMINDED_AFTER)
        await page.goto(HERE)
        await expect(page.get_by_text("depuis 7 jours", exact=True)).to_be_visible()
        await assert_clean_at(page, "letters", SIZES | {"narrowest": (320, 640)})  # WCAG 1.4.10
        await page.goto(f"{batch}/1")
        await expect(page.locator(".scans img").first).to_be_visible()
        await expect(page.get_by_label("Objet")).to_have_value("refus d’abonnement")
        await assert_clean_at(page, "letter", SIZES)


async def test_what_a_colleague_has_completed_meanwhile_is_said_and_nothing_typed_is_lost(karim, sign_in, hall, batch):
    helene = await sign_in("helene.vasseur")
    assert (await helene.get(f"{batch}/1")).status_code == 200
    await send(karim, f"{batch}/1")
    answer = await send(helene, f"{batch}/1", subject="Autre objet", text="Autre texte.")
    assert answer.status_code == 409
    assert "Karim Haddad vient d’enregistrer ce courrier." in answer.text
    assert all(words in answer.text for words in ("Autre objet", "Autre texte."))
    [message] = taken(hall)
    assert message.entered_by == "agent-12"


async def test_each_picture_that_is_looked_at_is_in_the_trail(karim, hall, batch):
    before = len(hall.audit.entries)
    await karim.get(f"{batch}/2/pages/1")
    assert [(each.act, each.thing) for each in hall.audit.entries[before:]] == [(Act.READ, "scanned-letter")]


SAME = "?demarche=signalement-voirie"


async def send(browser, address: str, **typed: str):
    return await browser.post(address, data=TYPED | await token(browser) | typed)


async def test_r28_each_letter_is_a_message_with_its_scan_its_stamp_and_where_its_paper_lies(karim, hall, batch):
    """With who typed it, and the digest of its scan (docs/law.md 15)."""
    assert (await karim.get(batch)).headers["location"] == f"{batch}/1"
    page = (await karim.get(f"{batch}/1")).text
    assert 'value="refus d’abonnement"' in page
    assert 'value="Jean-Baptiste Ollivier"' in page
    assert 'value="06 39 98 66 20"' in page
    assert 'value="2026-04-29"' in page
    assert (await karim.get(f"{batch}/1/pages/1")).content == JPEG + b"one"
    for number, then in ((1, f"{batch}/2{SAME}"), (2, f"{batch}/3{SAME}"), (3, f"{HERE}?fini=1")):
        answer = await send(karim, f"{batch}/{number}")
        assert (answer.status_code, answer.headers["location"]) == (303, then)
    assert "Lot terminé" in (await karim.get(f"{HERE}?fini=1")).text
    first, *_ = messages = taken(hall)
    assert len({each.message_id for each in messages}) == 3
    assert (first.channel, first.entered_by, first.procedure) == ("letter", "agent-12", "signalement-voirie")
    assert (paris_date(first.received_at), first.arrived_at) == (date(2026, 4, 28), hall.clock.now)
    key = (await hall.vault.open_keys([first.content.key_id]))[first.content.key_id]
    said = INBOUND_CONTENT.open(key, first.message_id, first.content)
    assert (said.original.kept_at, said.original.scan_sha256) == ("Boîte 41", sha256(b"one").hexdigest())
    [file] = first.attachments
    box = await hall.objects.get(file.attachment_id)
    assert attachment(file.attachment_id).open_box(key, first.message_id, box) == b"one"
    assert all(each.scan is None and each.previews == () for each in hall.letters.letters.values())
    acts = [entry.act for entry in hall.audit.entries]
    assert (acts.count(Act.LETTERS_ADDED), acts.count(Act.ENTERED)) == (1, 3)


async def test_a_double_click_and_another_text_afterwards_are_the_same_message(karim, hall, batch):
    for text in ("Il conteste.", "Il conteste.", "Autre chose."):
        assert (await send(karim, f"{batch}/1", text=text)).headers["location"] == f"{batch}/2{SAME}"
    assert len({(each.message_id, each.content) for each in taken(hall)}) == 1
    assert (await karim.get(f"{batch}/1")).headers["location"] == f"{batch}/2"


async def test_whoever_is_killed_between_typing_and_the_broker_or_before_it_is_noted_leaves_one_message(
    karim, hall, batch
):
    hall.publisher.away = True
    assert (await send(karim, f"{batch}/1")).headers["location"] == f"{batch}/2{SAME}"  # what was typed is kept
    hall.publisher.away = False
    finish, hall.letters.finish = hall.letters.finish, die
    with pytest.raises(SystemError):
        await send(karim, f"{batch}/2")
    hall.letters.finish = finish
    assert len(taken(hall)) == 1
    go_on = hall.letter_filing().go_on
    await go_on()
    assert len(taken(hall)) == 1  # a request may be in work
    hall.clock.now += LEFT_BEHIND + timedelta(seconds=1)
    for _ in range(2):
        await go_on()
    assert len({each.message_id for each in taken(hall)}) == 2
    assert [each.filed_at is not None for each in await hall.letters.of_batch(["voirie"], batch.split("/")[-1])] == [
        *(True, True, False)
    ]


async def die(*_: object) -> None:
    raise SystemError("killed")


async def test_while_the_store_is_away_the_words_come_back(karim, hall, batch):
    begin, hall.letters.begin = hall.letters.begin, away
    answer = await send(karim, f"{batch}/1")
    hall.letters.begin = begin
    assert (answer.status_code, "Il conteste.</textarea>" in answer.text) == (503, True)
    assert taken(hall) == []


async def away(*_: object) -> None:
    raise TransientError("the letters are away")


async def test_two_at_once_make_one_message_of_a_letter(karim, hall, batch):
    await asyncio.gather(*(send(karim, f"{batch}/1", text=text) for text in ("Un.", "Deux.")))
    assert len({each.message_id for each in taken(hall)}) == 1


async def test_the_same_stack_twice_is_the_same_batch_and_what_is_no_scan_is_refused(karim, hall, batch):
    assert (await upload(karim, b"one", b"two", b"three")).headers["location"] == batch
    assert len(hall.letters.letters) == 3
    for scans, typed, words in (
        ((b"?",), {}, "Un fichier est illisible."),
        ((), {}, "Choisissez au moins un fichier"),
        ((b"x",), {"stamp": "2030-01-01"}, "Ce jour n’est pas encore venu."),
        ((b"x",), {"department": "ccas"}, "Choisissez le service"),
        ((b"x" * (41 * 1024**2),), {}, "trop gros"),
    ):
        answer = await upload(karim, *scans, **typed)
        assert answer.status_code in {413, 422}
        assert words in answer.text


async def test_what_is_no_letter_is_set_aside(karim, hall, batch):
    answer = await send(karim, f"{batch}/1/ecart")
    assert answer.headers["location"] == f"{batch}/2"
    [gone] = [each for each in hall.letters.letters.values() if each.set_aside_at is not None]
    assert (gone.number, gone.scan, gone.previews) == (1, None, ())
    assert (await karim.get(f"{batch}/1/pages/1")).status_code == 404
    assert taken(hall) == []
    assert Act.LETTER_SET_ASIDE in [entry.act for entry in hall.audit.entries]


async def test_what_is_wrong_is_said_and_what_was_typed_comes_back(karim, hall, batch):
    answer = await send(karim, f"{batch}/1", subject=" ", received="")
    assert answer.status_code == 422
    assert "Indiquez l’objet" in answer.text
    assert "Indiquez le jour du tampon" in answer.text
    assert 'value="Boîte 41"' in answer.text
    assert taken(hall) == []


async def test_nobody_else_sees_any_of_it(karim, sign_in, hall, batch):
    """Neither another department, nor who sees some of it alone, nor who enters nothing: the pages do not exist."""
    nothing = (await karim.get(f"{HERE}/0/1")).status_code
    for name in ("sophie.renard", "yves.kermarrec", "nadia.belkacem"):
        other = await sign_in(name)
        for address in (batch, f"{batch}/1", f"{batch}/1/pages/1"):
            assert (await other.get(address)).status_code == nothing == 404
        for address in (f"{batch}/1", f"{batch}/1/ecart"):
            assert (await send(other, address)).status_code == 404
    taking = Profile(label="Lecteur", grants=(ProfileGrant(acts=frozenset({CaseAct.READ})),))
    await hall.staff.put(entry_of(Overlay(StaffKind.PROFILE, "agent", taking), at=hall.clock.now, by=None), over=None)
    hall.clock.now += OLDEST
    for address in (HERE, batch, f"{batch}/1", f"{HERE}/intercalaires"):
        assert (await karim.get(address)).status_code == 404
    assert len(hall.letters.letters) == 3
    assert taken(hall) == []


async def test_a_separator_sheet_is_printed_with_the_towns_own_code(karim, hall):
    page = (await karim.get(f"{HERE}/intercalaires")).text
    assert "<svg" in page
    assert "Intercalaire" in page


class Fields(HTMLParser):
    """What Tab leads through in the form of a letter, from where typing begins, and what stands there already."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stops: list[str] = []
        self.values: dict[str, str] = {}
        self._unseen = 0
        self._chosen = ""
        self.feed(page.partition('id="courrier"')[2].partition("</form>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self._unseen += tag == "noscript"
        if tag == "select":
            self._chosen = said["name"] or ""
        if tag == "option" and "selected" in said:
            self.values[self._chosen] = said["value"] or ""
        if tag == "input" and said.get("value"):
            self.values[said["name"] or ""] = said["value"] or ""
        if (
            tag in {"input", "select", "textarea", "button"}
            and not self._unseen
            and "hidden" not in {*said, said.get("type")}
        ):
            self.stops.append(said.get("name") or tag)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag == "noscript"


async def test_twenty_letters_take_four_keys_each_beside_what_is_typed_of_them(karim, hall):
    """Tab from the name, where the page opens, to the text, then Ctrl and Enter; stamp, place and procedure are there."""
    hall.recognise = NoTextRecognition()
    keys, address = 0, (await upload(karim, *(b"%d" % each for each in range(20)))).headers["location"]
    address = (await karim.get(address)).headers["location"]
    for number in range(1, 21):
        form = Fields((await karim.get(address)).text)
        assert form.stops[0] == "name"
        keys += form.stops.index("text") + 1
        typed = {"name": "Irène Kessler", "subject": "Abonnement", "text": "Elle conteste."}
        chosen = {"procedure": "signalement-voirie"} if number == 1 else {}
        keys += len(chosen) * 2  # Tab once more, and a letter of its name
        assert number == 1 or form.values["procedure"] == "signalement-voirie"
        answer = await karim.post(address, data=form.values | typed | chosen)
        assert answer.status_code == 303, answer.text
        address = answer.headers["location"]
    assert address == f"{HERE}?fini=1"
    assert keys == 20 * 4 + 2
    filed = taken(hall)
    assert len(filed) == 20
    assert {(each.procedure, paris_date(each.received_at)) for each in filed} == {
        ("signalement-voirie", date(2026, 4, 29))
    }


async def test_a_procedure_that_the_town_does_not_have_is_not_proposed(karim, batch):
    assert Fields((await karim.get(f"{batch}/1?demarche=mariage-royal")).text).values.get("procedure") is None


async def test_past_so_many_letters_that_wait_an_upload_says_so_and_keeps_nothing(karim, hall, batch, monkeypatch):
    monkeypatch.setattr(letter_box, "WAITING_AT_MOST", 4)
    answer = await upload(karim, b"four", b"five")
    assert answer.status_code == 422
    assert "Trop de courriers de ce service attendent" in answer.text
    assert len(hall.letters.letters) == 3
    assert (await upload(karim, b"one", b"two", b"three")).headers["location"] == batch, (
        "what is there already is no more"
    )
    assert (await upload(karim, b"four")).status_code == 303


async def test_of_letters_that_wait_agents_are_reminded_and_then_operations_and_none_is_deleted(karim, hall, batch):
    watch = LetterWatch(hall.letters, [DepartmentId("voirie"), DepartmentId("ccas")], lambda: hall.clock.now)

    async def is_told_to_operations() -> bool:
        await watch.look()
        assert not is_alarmed("ccas", Alarm.LETTERS_WAITING)
        return is_alarmed("voirie", Alarm.LETTERS_WAITING)

    assert "Des courriers attendent" not in (await karim.get(HERE)).text
    grow_old(hall, REMINDED_AFTER)
    page = (await karim.get(HERE)).text
    assert "Des courriers attendent depuis plus de 7 jours." in page
    assert "depuis 7 jours</strong>" in page
    assert not await is_told_to_operations()
    assert "Des courriers numérisés attendent" not in (await karim.get("/saisie")).text
    grow_old(hall, ALARMED_AFTER + timedelta(seconds=1))
    assert "Des courriers numérisés attendent depuis plus de 7 jours" in (await karim.get("/saisie")).text
    assert await is_told_to_operations()
    assert len([each for each in hall.letters.letters.values() if each.scan]) == 3
    for way in ("1", "2", "3/ecart"):
        assert await is_told_to_operations()
        await send(karim, f"{batch}/{way}")
    assert not await is_told_to_operations()
    assert "Des courriers numérisés attendent" not in (await karim.get("/saisie")).text


async def test_whatever_of_a_letter_is_sealed_has_a_place_in_a_stolen_copy(karim, hall, batch):
    stored = [each.model_dump(by_alias=True) for each in hall.letters.letters.values()]
    items = items_in_collection("letters", [{**each, "previews": [*each["previews"]]} for each in stored])
    assert {each.name for each in items} == {"sheet", "scan", "preview:1"}
