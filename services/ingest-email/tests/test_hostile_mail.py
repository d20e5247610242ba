"""No mail costs more than it is worth: 64 KB of anything, and twice as much of it at most three times the time."""

import gc
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.channel.envelope import Envelope
from guichet.errors import PermanentError
from ingest_email.html_text import html_to_text
from ingest_email.parse_mail import MailReader
from ingest_email.town_mailboxes import TownMailboxes

CONTACT = "contact@mairie.example"
READER = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32)
BUDGET_BYTES = 64 * 1024
HEAD = b"From: a@b.example\r\n"
HTML = HEAD + b"Content-Type: text/html\r\n\r\n"
MULTIPART = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"

READ_AND_WEIGH = """
import resource, sys
from datetime import UTC, datetime
from guichet.channel.envelope import Envelope
from ingest_email.parse_mail import MailReader
from ingest_email.town_mailboxes import TownMailboxes
contact = "contact@mairie.example"
reader = MailReader(TownMailboxes([contact], contact), b"k" * 32)
def read(mail):
    return reader.read(Envelope("a@b.example", (contact,), mail), datetime.now(UTC))
read(b"From: a@b.example\\r\\nContent-Type: text/html\\r\\n\\r\\n<p>x</p>")
mail = sys.stdin.buffer.read()
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
idle = resource.getrusage(resource.RUSAGE_SELF)
try:
    read(mail)
except Exception as error:
    print(type(error).__name__, file=sys.stderr)
used = resource.getrusage(resource.RUSAGE_SELF)
print((used.ru_maxrss - idle.ru_maxrss) // 1024, used.ru_utime + used.ru_stime - idle.ru_utime - idle.ru_stime)
"""


@pytest.fixture(scope="module", autouse=True)
def nothing_else_is_measured() -> Iterator[None]:
    """In a run of thousands of tests one collection of garbage takes longer than any mail; a reader's heap is small."""
    gc.freeze()
    yield
    gc.unfreeze()


def weigh(mail: bytes) -> tuple[int, float]:
    """Read a mail in a process of its own; return the MiB it took above idle, and its seconds of CPU."""
    run = subprocess.run([sys.executable, "-c", READ_AND_WEIGH], input=mail, capture_output=True, check=False)
    assert run.returncode == 0, f"the reader died of it: {run.stderr.decode()[-200:]}"
    mib, cpu_s = run.stdout.split()
    return int(mib), float(cpu_s)


def filled(head: bytes, *lines: bytes) -> bytes:
    """Repeat these bytes up to 64 KB."""
    line = b"".join(lines)
    return head + line * ((BUDGET_BYTES - len(head)) // len(line))


def nested(count: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(count))


HOSTILE = {
    "css padding": filled(HTML, b'<p style="padding-left:99999em">x<br>\n')[: 18 * 1024],
    "css margins": filled(HTML, b'<div style="margin-top:99999em">x</div>'),
    "wide table": HTML + b"<table><tr><td>" + b"x" * 30_000 + b"</td></tr>" + b"<tr><td>x</td></tr>" * 1700,
    "nested tables": filled(HTML, b"<table><tr><td>"),
    "nested lists": filled(HTML, b"<ul><li>x"),
    "attributes": HTML + b"<p " + b" ".join(b"a%d=1" % i for i in range(8000)) + b">x",
    "end tags": HTML + b"<b>" * 10_000 + b"</i>" * 8_000,
    "entities": filled(HTML, b"&lt;"),
    "addresses": HEAD + b"Cc: " + b"a." * 30_000 + b"@\r\n\r\nx",
    "crooked addresses": HEAD + filled(b"Cc: ", b"a@b,<c"),
    "many crooked headers": filled(HEAD, b"Cc: a@b, <c\r\n"),
    "comments": HEAD + filled(b"From: ", b"("),
    "parameters": HEAD + filled(b"Content-Type: text/plain", b";"),
    "quoted parameters": HEAD + filled(b"Content-Type: text/plain", b';a="'),
    "continued parameters": HEAD + filled(b"Content-Disposition: x", b";filename*0*=x"),
    "charsets": HEAD + b"Subject: " + b" ".join(b"=?x%d?q?a?=" % i for i in range(5000)) + b"\r\n\r\n",
    "encoded words": filled(HEAD + b"Subject: ", b"=?utf-8?q?a"),
    "parts": filled(MULTIPART, b"--b\r\n\r\n\r\n"),
    "crooked parts": filled(MULTIPART, b"--b\n\n\n"),
    "nesting": HEAD + nested(1100),
    "nesting and lines": HEAD + nested(500) + b"\n" * 32_000,
    "nested mails": HEAD + filled(b"", b"Content-Type: message/rfc822\r\n\r\n"),
    "headers of a forwarded mail": filled(HEAD + b"Content-Type: message/rfc822\r\n\r\n", b"a: b\r\n"),
    "headers": filled(HEAD, b"a:\r\n"),
    "date": HEAD + filled(b"Date: ", b"1 "),
}  # fmt: skip


@pytest.mark.parametrize("mail", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_mail_of_64_kb_takes_more_than_its_budget(mail: bytes) -> None:
    mib, cpu_s = weigh(mail)
    assert mib <= 50, f"{len(mail)} bytes took {mib} MiB"
    assert cpu_s <= 0.4, f"{len(mail)} bytes took {cpu_s:.2f} s"  # alone it is half of that; other tests run beside it


def test_what_html_says_is_no_longer_than_what_came() -> None:
    for name, mail in HOSTILE.items():
        html = mail.decode()
        assert len(html_to_text(html)) <= 8 * len(html), name


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
def test_twice_the_header_is_at_most_three_times_the_work(line: bytes) -> None:
    def reading(length: int) -> Callable[[], object]:
        mail = HEAD + (line * 100)[:length] + b"\r\n\r\nx"
        return lambda: READER.read(Envelope("a@b.example", (CONTACT,), mail), datetime.now(UTC))

    once, twice = cpu_seconds(reading(30_000)), cpu_seconds(reading(60_000))
    assert twice <= 3 * once + 0.002, f"{once:.4f} s became {twice:.4f} s"


@pytest.mark.parametrize(
    "html", ["<ul><li>x", "<table><tr><td>x", '<p style="padding-left:9em">x', "<b>", "<!--", "</b>", "<a href=x>"]
)
def test_twice_the_html_is_at_most_three_times_the_work(html: str) -> None:
    once, twice = (cpu_seconds(lambda size=size: html_to_text(html * size)) for size in (3_000, 6_000))
    assert twice <= 3 * once + 0.002, f"{once:.4f} s became {twice:.4f} s"


PIECES = st.sampled_from(
    [b"<table>", b"<tr><td>", b"</td>", b"<ul><li>", b"<p style='margin:9em;padding:99em'>", b"<a href='x'>", b"<pre>",
     b"<!--", b"&amp;", b"<br>", b"x ", b"\r\n", b"--b\r\n", b"--b--\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
     b"Content-Type: message/rfc822\r\n\r\n", b"Cc: ", b"a.", b"@", b"<", b">", b"(", b'"', b",", b"=?x?q?", b"?=", b";"]
)  # fmt: skip


@given(st.sampled_from([HEAD, HTML, MULTIPART, HEAD + b"Cc: "]), st.lists(PIECES, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_whatever_is_repeated_up_to_64_kb_is_read_within_the_budget(head: bytes, pieces: list[bytes]) -> None:
    mail = filled(head, *pieces)
    begun = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with suppress(PermanentError):
        READER.read(Envelope("a@b.example", (CONTACT,), mail), datetime.now(UTC))
    cpu_s = resource.getrusage(resource.RUSAGE_SELF).ru_utime - begun
    assert cpu_s <= 0.4, f"{pieces} took {cpu_s:.2f} s"
