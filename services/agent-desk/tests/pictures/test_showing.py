"""Files of a case are shown in place: small beside their message, large on a page, never as the bytes that were sent."""

import io
from urllib.parse import urlsplit

import pytest
from PIL import Image

from agent_desk.domain.pictures.picture import THUMBNAIL, UnshownError
from agent_desk.handlers.cases.antivirus import Antivirus, UnscannedError
from agent_desk.handlers.pictures import view_pictures
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_on_twins import TownHall


class Says(Antivirus):
    """An antivirus that a test has say something. answer: what it found; an error is raised."""

    is_there = True
    answer: str | Exception | None = None

    async def found_in(self, content):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def hall() -> TownHall:
    return TownHall(antivirus=Says())


def image(kind="PNG", size=(640, 480)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, (30, 90, 60)).save(made, kind)
    return made.getvalue()


def document(pages: int) -> bytes:
    made, sheets = io.BytesIO(), [Image.new("L", (310, 438), 240) for _ in range(pages)]
    sheets[0].save(made, "PDF", save_all=True, append_images=sheets[1:])
    return made.getvalue()


async def with_files(hall, sign_in, files):
    """Return the files' address of a case that has these, and an agent's browser."""
    case = await hall.open_case("with-files", subject="Pièces", files=files)
    browser = await sign_in("karim.haddad")
    browser._transport.raise_app_exceptions = False
    return case, f"/demandes/{case.reference}/fichiers/{case.opened_by}", browser


async def test_an_image_is_small_beside_its_message_and_large_on_its_page(hall, sign_in):
    case, at, browser = await with_files(hall, sign_in, {"trou.png": image(), "notes.txt": b"x"})
    page = await browser.get(f"/demandes/{case.reference}")
    assert f'<img src="{at}/1/vignette" alt="Image\xa0: trou.png"' in page.text
    assert f"{at}/2/v" not in page.text
    before = len(hall.audit.entries)
    small, view, large = [await browser.get(f"{at}/1/{which}") for which in ("vignette", "vue", "image")]
    for shown, size in ((small, (256, 192)), (large, (640, 480))):
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["cache-control"] == "no-store"
        assert Image.open(io.BytesIO(shown.content)).size == size
    assert f'src="{at}/1/image?page=1"' in view.text
    assert f'href="{at}/1"' in view.text
    noted = [(entry.act, entry.thing) for entry in hall.audit.entries[before:]]
    assert noted == [(Act.READ, "thumbnail"), (Act.READ, "attachment"), (Act.READ, "attachment")]


async def test_a_document_is_shown_page_by_page_up_to_an_end(hall, sign_in, monkeypatch):
    monkeypatch.setattr("agent_desk.entry.picture_pages.MOST_PAGES", 2)
    case, at, browser = await with_files(hall, sign_in, {"plan.pdf": document(3)})
    assert f'href="{at}/1/vue"' in (await browser.get(f"/demandes/{case.reference}")).text
    first, second = await browser.get(f"{at}/1/vue"), await browser.get(f"{at}/1/vue?page=2")
    assert "Page 1 sur 3" in first.text
    assert f'href="{at}/1/vue?page=2"' in first.text
    assert f'src="{at}/1/image?page=2"' in second.text
    assert "page=3" not in second.text
    assert "Les pages après la 2 sont dans l’original seulement" in second.text
    assert (await browser.get(f"{at}/1/image?page=2")).headers["content-type"] == "image/jpeg"
    for beyond in ("3", "0", "x", "-1"):
        assert (await browser.get(f"{at}/1/image?page={beyond}")).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"), [("a.jpg", b"\xff\xd8\xff..."), ("a.pdf", b"%PDF-1.7"), ("a.png", b"<svg/>")]
)
async def test_what_cannot_be_shown_says_so_and_is_there_to_be_downloaded(hall, sign_in, name, content):
    _, at, browser = await with_files(hall, sign_in, {name: content})
    view = await browser.get(f"{at}/1/vue")
    assert view.status_code == 200
    assert "ne peut pas être montré ici" in view.text
    assert "/image" not in view.text
    small = await browser.get(f"{at}/1/vignette")
    assert (small.status_code, urlsplit(small.headers["location"]).path) == (303, "/static/picture-none.svg")
    assert (await browser.get(f"{at}/1")).content == content


@pytest.mark.parametrize("name", ["dessin.svg", "page.html", "lettre.docx", "photo.exe"])
async def test_what_is_never_shown_has_no_such_page(hall, sign_in, name):
    case, at, browser = await with_files(hall, sign_in, {name: image()})
    assert f"{at}/1/v" not in (await browser.get(f"/demandes/{case.reference}")).text
    for which in ("vignette", "vue", "image"):
        assert (await browser.get(f"{at}/1/{which}")).status_code == 404


@pytest.mark.parametrize(
    ("answer", "status", "drawing"),
    [("Eicar", 403, "picture-withheld.svg"), (UnscannedError("away"), 503, "picture-none.svg")],
)
async def test_nothing_is_drawn_of_what_the_antivirus_does_not_call_harmless(hall, sign_in, answer, status, drawing):
    hall.antivirus.answer = answer
    _, at, browser = await with_files(hall, sign_in, {"trou.png": image()})
    for which in ("vignette", "image"):
        shown = await browser.get(f"{at}/1/{which}")
        assert (shown.status_code, urlsplit(shown.headers["location"]).path) == (303, f"/static/{drawing}")
    assert (await browser.get(f"{at}/1/vue")).status_code == status
    assert (await browser.get(f"/static/{drawing}")).status_code == 200


async def test_a_page_shows_so_many_small_and_of_the_others_the_names(hall, sign_in, monkeypatch):
    monkeypatch.setattr("agent_desk.domain.cases.case_view.MOST_THUMBNAILS", 2)
    case, at, browser = await with_files(hall, sign_in, {f"{number}.png": image() for number in range(4)})
    page = (await browser.get(f"/demandes/{case.reference}")).text
    assert [f"{at}/{number}/vignette" in page for number in (1, 2, 3, 4)] == [False, False, True, True]
    assert [f'href="{at}/{number}/vue"' in page for number in (1, 2, 3, 4)] == [True] * 4


async def test_where_too_many_wait_nobody_waits_longer(hall, sign_in, monkeypatch):
    monkeypatch.setattr(view_pictures, "MOST_WAITING", 0)
    _, at, browser = await with_files(hall, sign_in, {"trou.png": image()})
    assert (await browser.get(f"{at}/1/vignette")).status_code == 303
    assert (await browser.get(f"{at}/1/vue")).status_code == 503


async def test_what_was_too_much_is_not_tried_again_at_each_look(hall, sign_in, monkeypatch):
    tried = []

    async def too_much(file, page, box):
        tried.append((page, box))
        raise UnshownError("too-much")

    monkeypatch.setattr(hall.drawing, "draw", too_much)
    _, at, browser = await with_files(hall, sign_in, {"bombe.png": image(), "autre.png": image()})
    for number in (1, 1, 2, 2):
        assert (await browser.get(f"{at}/{number}/vignette")).status_code == 303
    assert tried == [(1, THUMBNAIL)] * 2
    assert "ne peut pas être montré ici" in (await browser.get(f"{at}/1/vue")).text
    assert len(tried) == 2
