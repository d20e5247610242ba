import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.content_types import UNKNOWN, content_type_of, known_content_type
from guichet.channel.text import NAME_BYTES, REPLACEMENT, clean_file_name, clean_text

ANYTHING = st.text(st.characters())  # lone surrogates included


@given(ANYTHING)
def test_any_text_can_be_stored_and_keeps_its_length(text: str) -> None:
    cleaned = clean_text(text)
    uncarriable = {"\x00", *map(chr, range(0xD800, 0xE000))}
    assert cleaned == "".join(REPLACEMENT if each in uncarriable else each for each in text)
    assert b"\x00" not in cleaned.encode()


@given(ANYTHING)
def test_any_name_is_a_file_s_name(name: str) -> None:
    cleaned = clean_file_name(name, "piece-jointe.bin")
    assert 0 < len(cleaned.encode()) <= NAME_BYTES
    assert not set(cleaned) & set("/\\\x00\r\n\u202e")
    assert cleaned not in (".", "..")
    assert clean_file_name(cleaned, "x") == cleaned


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("certificat médical.pdf", "certificat médical.pdf"),
        ("C:\\Users\\perrine\\acte.pdf", "acte.pdf"),
        ("../../etc/passwd", "passwd"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        ("a\r\nb.txt", "ab.txt"),
        ("  .pdf. ", "pdf"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("", "sans-nom"),
        (None, "sans-nom"),
        ("...", "sans-nom"),
        ("é" * 300 + ".pdf", "é" * 98 + ".pdf"),
    ],
)
def test_a_name_keeps_what_is_a_name(given_name: str | None, kept: str) -> None:
    assert clean_file_name(given_name, "sans-nom") == kept


@pytest.mark.parametrize(
    ("claimed", "known"),
    [
        ("application/pdf", "application/pdf"),
        ("IMAGE/JPEG; name=perrine.jpg", "image/jpeg"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",) * 2,
        ("message/rfc822", "message/rfc822"),
        ("application/x-jean-dupont", UNKNOWN),
        ("Perrine Vauquelin", UNKNOWN),
        ("", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_only_usual_content_types_travel_in_clear(claimed: str | None, known: str) -> None:
    assert known_content_type(claimed) == known


def test_a_name_tells_a_content_type() -> None:
    assert content_type_of("acte.pdf") == "application/pdf"
    assert content_type_of("acte") == UNKNOWN
