"""Whatever somebody wrote can be printed, is what they wrote, and is never markup."""

import re

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.documents.missing_signs import BOX, boxed, missing_signs, ordinary, text_alone
from guichet.documents.sheet import Letterhead, Signature
from guichet_testing.builders import printed

ANY = st.text(max_size=300)
ASCII = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E) | st.just(" "), min_size=1, max_size=400)
MARKUP = st.lists(
    st.sampled_from(["#", "\\", "*", "_", "$", "`", "```", "<a>", "@x", "//", "/*", "]", "[", "#let x = 1", "= ", "- ", '"',
                     '#read("/etc/hostname")', "#import", "~", "---", "#sys.inputs", "\n", " ", "é", "{", "}"]),
    min_size=1,
    max_size=40,
).map("".join)  # fmt: skip


def bare(text: str) -> str:
    """Return a text without what lines end by: PDFium takes a hyphen at one for a hyphenation's."""
    return re.sub(r"[\s\-\ufffe\x02\u200b]", "", text)


@settings(max_examples=50)
@given(text=ANY)
def test_any_text_can_be_printed_everywhere(printer, text):
    """The document is PDF/A and PDF/UA, or Typst would have refused it."""
    head = Letterhead(text, text, (text, text), text, text)
    sheet = printed.sheet(letterhead=head, place=text, footer=text, reference=text)
    signature = Signature(text, text, text, (text,))
    letter = printed.letter(sheet=sheet, subject=text, paragraphs=(text, text), signature=signature, remedies=(text,))
    assert printer.typeset(letter.typescript()).startswith(b"%PDF-1.7")
    shown = printed.attestation(
        sheet=sheet, applicant=text, asked=text, source=text, signature=signature, language="en"
    )
    assert printer.typeset(shown.typescript()).startswith(b"%PDF-1.7")


@given(text=ASCII | MARKUP)
def test_words_are_printed_as_they_are_written_and_are_never_markup(printer, text):
    pages = printer.words(printed.letter(paragraphs=("début" + text + "fin",)))
    assert "début" + bare(text) + "fin" in bare("".join(pages))


@given(text=ASCII | MARKUP)
def test_no_word_of_a_subject_or_a_request_is_markup(printer, text):
    [page, *_] = printer.words(printed.letter(subject="début" + text + "fin"))
    assert "début" + bare(text) + "fin" in bare(page)
    pages = printer.words(printed.attestation(asked="début" + text + "fin"))
    assert "début" + bare(text) + "fin" in bare("".join(pages))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\N{GRINNING FACE} ok", f"{BOX} ok"),
        ("a\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}b", f"a{BOX}{BOX}b"),
        ("中文", f"{BOX}{BOX}"),
        ("a\x00\x07b\x85c", "ab c"),
        ("a\ufeffb", "ab"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}abc", "abc"),
        ("Œuvre — « ça », 3 €, Łódź, Ελλάδα", "Œuvre — « ça », 3 €, Łódź, Ελλάδα"),
    ],
)
def test_what_no_typeface_draws_is_a_box(printer, text, shown):
    [page] = printer.words(printed.letter(paragraphs=(f"début {text} fin",)))
    assert f"début {shown} fin" in page


def test_a_line_that_breaks_does_so_on_paper(printer):
    text = printer.open(printed.letter(paragraphs=("un\r\ndeux\rtrois\n\nquatre",)))[0].get_textpage().get_text_range()
    assert re.search(r"^un\s+deux\s+trois\s+quatre\s*$", text, re.MULTILINE)
    assert "un deux" not in text


def test_what_typst_complains_of_is_read():
    complaint = (
        'error: PDF/A-2b, PDF/UA-1 error: the text `"\\u{fdd0}\\"\\\\\\n"` could not be displayed with font `"L"`\n'
        'error: PDF/UA-1 error: the text contains the disallowed codepoint `"\\u{feff}"`\n'
        "error: missing document title"
    )
    assert missing_signs(complaint) == {'\ufdd0"\\\n', "\ufeff"}
    assert missing_signs('the text `""` could not be displayed') == frozenset()


@given(text=ANY)
def test_the_last_resort_is_of_western_europe_and_needs_no_second(text):
    once = ordinary({"a": [text], "n": 3})
    assert ordinary(once) == once
    assert set(once["a"][0]) <= {*map(chr, range(0x100)), *"ŒœŸ–—‘’€", BOX}


@given(text=ANY)
def test_what_is_text_alone_stays_so(text):
    once = text_alone(text)
    assert text_alone(once) == once
    assert "\r" not in once


def test_the_longest_text_goes_first():
    assert boxed(["ab a"], {"a", "ab"}) == [f"{BOX} {BOX}"]


def test_a_template_that_is_wrong_is_no_missing_sign(printer):
    broken = printed.letter().typescript()
    with pytest.raises(typst.TypstError, match="unknown variable"):
        printer.typeset(type(broken)({"main.typ": "#nothing"}, {}, broken.made_on))
