"""Every picture that is shown is there, and is of a page that says that everybody on it is invented."""

import asyncio
import re
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import Browser

from guichet_local.machine.paths import REPOSITORY
from guichet_testing.real.pages import address_of, served
from tests.pictures.__main__ import PICTURES
from tests.pictures.scenes import SCENES
from tests.pictures.studio import DESKTOP, LARGEST, PHONE, NotADemonstrationError, Studio

MARK: Final = '<p class="demonstration">Démonstration : rien n’est vrai.</p>'
NAMED: Final = re.compile(r"docs/pictures/([\w-]+)\.png")


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height, which a PNG says in its first chunk."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def test_every_scene_has_its_picture_and_no_other_lies_there() -> None:
    assert {each.name for each in PICTURES.iterdir()} == {f"{name}.png" for name in SCENES}, "make screenshots"


def test_the_readme_shows_them_and_says_in_french_that_they_are_invented() -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    assert {*NAMED.findall(readme)} == SCENES.keys()
    shown = re.findall(r"!\[([^\]]+)\]\(docs/pictures|<img [^>]*docs/pictures[^>]*alt=\"([^\"]+)\"", readme)
    assert len(shown) >= 2
    assert all("Démonstration : tout est inventé" in (marked or tagged) for marked, tagged in shown)


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_is_small_and_of_one_window(name: str) -> None:
    picture = (PICTURES / f"{name}.png").read_bytes()
    assert len(picture) <= LARGEST
    assert size_of(picture) in (DESKTOP, PHONE)


PAGES: Final = {
    "/demonstration": MARK,
    "/town": "<p>Karim Haddad</p>",
    "/below": f'<div style="height: 5000px"></div>{MARK}',
    "/elsewhere": f'{MARK}<img src="http://192.0.2.1/portrait.png">',
}


@pytest.fixture
async def address() -> AsyncIterator[str]:
    web = FastAPI()
    for path, text in PAGES.items():
        web.get(path, response_class=HTMLResponse)(lambda text=text: HTMLResponse(f"<!doctype html>{text}"))
    async with served(web) as server:
        yield address_of(server)


async def test_a_page_with_the_mark_is_pictured(chromium: Browser, address: str, tmp_path: Path) -> None:
    studio = Studio(chromium, tmp_path, [address])
    page = await studio.opened()
    await page.goto(f"{address}/demonstration")
    await studio.take(page, "it")
    assert size_of((tmp_path / "it.png").read_bytes()) == DESKTOP
    await page.context.close()


@pytest.mark.parametrize("path", ["/town", "/below", "/elsewhere"])
async def test_no_other_is(chromium: Browser, address: str, tmp_path: Path, path: str) -> None:
    studio = Studio(chromium, tmp_path, [address])
    page = await studio.opened()
    await page.goto(f"{address}{path}")
    with pytest.raises(NotADemonstrationError):
        await studio.take(page, "it")
    assert not await asyncio.to_thread(lambda: [*tmp_path.iterdir()])
    await page.context.close()


async def test_whatever_is_no_door_of_the_demonstration_is_never_asked(
    chromium: Browser, address: str, tmp_path: Path
) -> None:
    studio = Studio(chromium, tmp_path, ["http://127.0.0.1:9"])
    page = await studio.opened()
    with pytest.raises(Exception, match="ERR_FAILED"):
        await page.goto(f"{address}/demonstration")
    assert studio.asked_elsewhere == [f"{address}/demonstration"]
    await page.context.close()
