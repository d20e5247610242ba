"""A stack of scans becomes letters, by a process of its own, and whatever is uploaded ends in letters or a word why not."""

import asyncio
import hashlib
import io
import subprocess
import sys
from itertools import chain

import pypdfium2
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from agent_desk.domain.letters.scanned import ScannedLetter, UnreadableScanError
from agent_desk.domain.letters.separate import letters_of, mark_of
from agent_desk.handlers.letters.read_scans import ScanProcesses
from agent_desk.handlers.letters.scan_process import letters_in
from agent_desk.handlers.letters.scan_wire import from_bytes, to_bytes
from guichet.errors import TransientError

MARK = mark_of(b"k" * 32)


def sheet(says: str | None = None) -> Image.Image:
    """A scanned page; says: what a code on it says."""
    page = Image.new("L", (1240, 1754), 245)
    if says is not None:
        code = io.BytesIO()
        segno.make(says, error="h").save(code, kind="png", scale=12)
        page.paste(Image.open(code).rotate(3, expand=True, fillcolor=1), (300, 400))
    return page


def stack(*pages: Image.Image) -> bytes:
    """A PDF as a scanner makes it."""
    pdf = io.BytesIO()
    pages[0].save(pdf, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return pdf.getvalue()


def picture(page: Image.Image, kind: str) -> bytes:
    made = io.BytesIO()
    page.save(made, kind)
    return made.getvalue()


async def test_separator_sheets_cut_a_stack_into_letters_whatever_files_it_came_in():
    files = [stack(sheet(), sheet(), sheet(MARK), sheet()), picture(sheet(MARK), "PNG"), picture(sheet(), "JPEG")]
    letters = await ScanProcesses().read(files, MARK)
    assert [each.pages for each in letters] == [2, 1, 1]
    for letter in letters:
        assert len(pypdfium2.PdfDocument(letter.scan)) == letter.pages == len(letter.previews)
        assert letter.sha256 == hashlib.sha256(letter.scan).hexdigest()
        assert Image.open(io.BytesIO(letter.previews[0])).size == (1400, 1981)


def test_without_a_sheet_each_file_is_a_letter():
    """Two people's letters, each in its file, were one letter under the first one's name."""
    files = [stack(sheet()), stack(sheet(), sheet()), picture(sheet(), "JPEG")]
    assert [each.pages for each in letters_in(files, MARK)] == [1, 2, 1]


async def test_unless_it_is_said_that_they_are_one():
    files = [picture(sheet(), "JPEG"), picture(sheet(), "JPEG")]
    assert [each.pages for each in await ScanProcesses().read(files, MARK, as_one=True)] == [2]


def test_a_sheet_in_one_file_does_not_join_the_others():
    """A sheet anywhere put the letter of the next file behind the pile's last one, into another person's case."""
    files = [stack(sheet(), sheet(MARK), sheet()), picture(sheet(), "JPEG"), picture(sheet(), "JPEG")]
    assert [each.pages for each in letters_in(files, MARK)] == [1, 1, 1, 1]
    assert [each.pages for each in letters_in(files, MARK, as_one=True)] == [1, 3]


def test_another_towns_sheet_or_a_code_of_the_letters_own_cuts_nothing():
    letters = letters_in([stack(sheet(), sheet(mark_of(b"x" * 32)), sheet("https://a.example"))], MARK)
    assert [each.pages for each in letters] == [3]


async def test_what_is_no_scan_is_refused_in_words():
    with pytest.raises(UnreadableScanError, match="unreadable"):
        await ScanProcesses().read([b"%PDF-1.7 nothing"], MARK)


@pytest.mark.parametrize("file", [b"GIF89a", b"", b"\x89PNG\r\n\x1a\n", b"II*\0"])
def test_so_is_what_is_none_of_the_kinds_that_are_taken(file):
    with pytest.raises(UnreadableScanError, match="unreadable"):
        letters_in([file], MARK)


def test_a_stack_of_separators_alone_has_no_letter():
    with pytest.raises(UnreadableScanError, match="no-letter"):
        letters_in([stack(sheet(MARK), sheet(MARK))], MARK)


A_PAGE, A_SHEET = (), (MARK,)
FILES = st.lists(
    st.lists(st.sampled_from([A_PAGE, A_SHEET, ("https://a.example",), ("other", MARK)]), max_size=4), max_size=9
)


@given(FILES, st.booleans())
def test_each_page_but_the_sheets_is_in_one_letter_in_order(files, as_one):
    letters = letters_of(files, MARK, as_one=as_one)
    assert [page for letter in letters for page in letter] == [
        number for number, codes in enumerate(chain(*files)) if MARK not in codes
    ]
    assert all(letters)


@given(FILES)
def test_no_page_of_a_file_of_several_is_in_a_letter_with_another_files(files):
    file_of = [number for number, file in enumerate(files) for _ in file]
    for letter in letters_of(files, MARK):
        its_files = {file_of[page] for page in letter}
        assert len(its_files) == 1 or all(len(files[each]) == 1 for each in its_files)


@pytest.mark.parametrize(
    ("files", "letters"),
    [
        ([[A_PAGE], [A_PAGE], [A_SHEET], [A_PAGE], [A_PAGE]], [[0, 1], [3, 4]]),
        ([[A_PAGE], [A_PAGE], [A_PAGE]], [[0], [1], [2]]),
        ([[A_PAGE], [A_SHEET], [A_PAGE], [A_PAGE, A_PAGE], [A_PAGE], [A_PAGE]], [[0], [2], [3, 4], [5], [6]]),
        ([[A_SHEET, A_PAGE], [A_PAGE], [A_PAGE]], [[1], [2], [3]]),
    ],
)
def test_files_of_one_page_are_joined_where_a_sheet_is_among_them_and_nowhere_else(files, letters):
    assert letters_of(files, MARK) == letters


@given(st.binary(max_size=300))
def test_whatever_the_process_says_is_letters_or_a_refusal(answer):
    with pytest.raises(UnreadableScanError):
        from_bytes(answer)


@pytest.mark.parametrize(
    "letter",
    [
        ScannedLetter(1, b"%PDF", hashlib.sha256(b"another").hexdigest(), ()),
        ScannedLetter(1, b"%PDF", hashlib.sha256(b"%PDF").hexdigest(), (b"/etc/passwd\n",)),
    ],
)
def test_a_digest_or_a_picture_that_the_process_made_up_is_not_taken(letter):
    with pytest.raises(UnreadableScanError):
        from_bytes(to_bytes([letter]))


TRIES = """
import os, socket
from agent_desk.handlers.letters.scan_process import CPU_S, MEMORY_BYTES, confine
confine(MEMORY_BYTES, CPU_S)
for way in (lambda: open("/etc/hostname"), socket.socket, os.pipe):
    try:
        way()
    except OSError:
        os.write(1, b"refused ")
"""


def test_a_reader_that_a_scan_took_over_opens_no_file_no_socket_and_no_pipe():
    tried = subprocess.run([sys.executable, "-c", TRIES], stdout=subprocess.PIPE, check=False)
    assert tried.stdout == b"refused refused refused "


async def test_a_reader_is_given_no_variable_that_could_be_a_secret(monkeypatch):
    monkeypatch.setenv("GUICHET_SESSION_KEY", "secret")
    given = {}

    async def start(*command, env, **pipes):
        given.update(env)
        raise OSError

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    with pytest.raises(TransientError):
        await ScanProcesses().read([b"%PDF"], MARK)
    assert not [name for name in given if name.startswith("GUICHET")]
