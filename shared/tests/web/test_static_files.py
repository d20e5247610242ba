"""What pages ask for: a service's own files, and those that all doors share."""

import gzip
import re
from pathlib import Path

import cramjam
import httpx
import pytest
from fastapi import FastAPI

from guichet.web.static_files import DESIGN, TYPEFACE, serve_static

LONG = "a { color: red }\n" * 100


@pytest.fixture
def browser(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "own.css").write_text(LONG)
    (tmp_path / "static" / "components.css").write_text("/* a door's own */")
    web = FastAPI()
    serve_static(web, tmp_path)
    return httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://door.test")


async def test_a_door_serves_its_own_files_first_and_the_shared_ones_beside_them(browser: httpx.AsyncClient):
    assert (await browser.get("/static/own.css")).text == LONG
    assert (await browser.get("/static/components.css")).text == "/* a door's own */"
    assert (await browser.get("/static/tokens.css")).text == (DESIGN / "tokens.css").read_text("utf-8")
    assert (await browser.get("/static/../web/templates.py")).status_code == 404


@pytest.mark.parametrize(
    ("read", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br", "br"),
        ("gzip, br;q=0.5", "br"),
        ("gzip, br;q=0", "gzip"),
        ("gzip, br; q=0.00 , deflate", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, brunch", "gzip"),
        ("identity", None),
    ],
)
async def test_what_is_worth_it_goes_out_compressed_as_the_browser_reads_it(
    browser: httpx.AsyncClient, read: str, sent: str | None
):
    reads = {"Accept-Encoding": read}
    async with browser.stream("GET", "/static/own.css", headers=reads) as answer:
        assert answer.headers.get("Content-Encoding") == sent
        assert answer.headers["Content-Type"].startswith("text/css")
        raw = b"".join([each async for each in answer.aiter_raw()])
        assert "Accept-Encoding" in answer.headers["Vary"]
    unpacked = {
        "br": lambda: bytes(cramjam.brotli.decompress(raw)),
        "gzip": lambda: gzip.decompress(raw),
        None: lambda: raw,
    }
    assert unpacked[sent]().decode() == LONG
    for as_it_is in (TYPEFACE, "components.css"):  # compressed already, and too short
        assert "Content-Encoding" not in (await browser.get(f"/static/{as_it_is}", headers=reads)).headers


def test_the_typeface_that_pages_ask_for_ahead_is_the_one_that_the_style_sheet_names():
    named = re.findall(r'url\("([^"]+)"\)', (DESIGN / "tokens.css").read_text("utf-8"))
    assert named[0] == TYPEFACE
    assert all((DESIGN / name).exists() for name in named)
