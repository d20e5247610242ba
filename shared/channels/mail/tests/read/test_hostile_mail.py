"""Four times as much of anything is at most nine times the work: between what grows as it does and what grows as its
square. What 64 KB may cost is measured in tests/attacks."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from guichet.channel.envelope import Envelope
from guichet.errors import PermanentError
from guichet_mail.read.html import html_to_text
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes

CONTACT = "contact@mairie.example"
READER = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32)
HEAD = b"From: a@b.example\r\n"


@pytest.fixture(scope="module", autouse=True)
def nothing_else_is_measured() -> Iterator[None]:
    """In a run of thousands of tests one collection of garbage takes longer than any mail; a reader's heap is small."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize(
    "html",
    [
        '<p style="padding-left:99999em">x<br>\n' * 1000,
        "<table><tr><td>" + "x" * 30_000 + "</td></tr>" + "<tr><td>x</td></tr>" * 1700,
        "<table><tr><td>" * 4000,
        "<ul><li>x" * 7000,
        "&lt;" * 16_000,
        "<td>" * 16_000,
    ],
    ids=["css", "wide table", "nested tables", "nested lists", "entities", "cells"],
)
def test_what_html_says_is_no_longer_than_what_came(html: str) -> None:
    assert len(html_to_text(html)) <= 8 * len(html)


def cpu_seconds(read: Callable[[], object]) -> float:
    def once() -> float:
        begun = time.process_time()
        with suppress(PermanentError):
            read()
        return time.process_time() - begun

    return min(once() for _ in range(5))


@pytest.mark.parametrize(
    "line",
    [b"Cc: " + b"a." * 400, b"To: " + b"<a@b " * 100, b"Subject: " + b"=?a?q?b" * 100, b"Content-Type: a/b" + b";" * 300],
)  # fmt: skip
def test_four_times_the_header_is_at_most_nine_times_the_work(line: bytes) -> None:
    def reading(length: int) -> Callable[[], object]:
        mail = HEAD + (line * 100)[:length] + b"\r\n\r\nx"
        return lambda: READER.read(Envelope("a@b.example", (CONTACT,), mail), datetime.now(UTC))

    little, much = cpu_seconds(reading(15_000)), cpu_seconds(reading(60_000))
    assert much <= 9 * little + 0.002, f"{little:.4f} s became {much:.4f} s"


@pytest.mark.parametrize(
    "html",
    [
        "<ul><li>x",
        "<table><tr><td>x",
        '<p style="padding-left:9em">x',
        "<b>",
        "<!--",
        "</b>",
        "<a href=x>",
        "<td>",
        "<i></b>",
    ],
)
def test_four_times_the_html_is_at_most_nine_times_the_work(html: str) -> None:
    little, much = (cpu_seconds(lambda size=size: html_to_text(html * size)) for size in (1_500, 6_000))
    assert much <= 9 * little + 0.002, f"{little:.4f} s became {much:.4f} s"
