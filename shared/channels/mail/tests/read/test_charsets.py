"""What senders say of a charset is often wrong; the words are read all the same."""

import pytest

from guichet_mail.read.charsets import decode_text
from guichet_mail.read.html import charset_within


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        ("été".encode("latin-1"), "iso-8859-1", "été"),
        ("été €".encode("cp1252"), "iso-8859-1", "été €"),
        ("été".encode(), "iso-8859-1", "été"),
        ("été".encode(), "us-ascii", "été"),
        ("été".encode("latin-1"), "us-ascii", "été"),
        ("été".encode("latin-1"), "utf-8", "été"),
        ("été".encode("latin-1"), "x-unknown", "été"),
        ("été".encode("latin-1"), None, "été"),
        ("été".encode("utf-16"), "utf-16", "été"),
        ("смотри".encode("koi8-r"), "koi8-r", "смотри"),
        ("مرحبا".encode("cp1256"), "windows-1256", "مرحبا"),
        (b"\xef\xbb\xbfBonjour", "utf-8", "Bonjour"),
        ("l’été, 5 €…".encode("cp1252"), "iso-8859-1", "l’été, 5 €…"),
        ("l’été…".encode("cp1252"), "iso-8859-15", "l’été…"),
        ("cœur, 5 €".encode("iso-8859-15"), "iso-8859-15", "cœur, 5 €"),
        ("l’été".encode("cp1252"), "windows-1252", "l’été"),
        (b"l\x92\xe9t\xe9 \x81", None, "l’été \x81"),
        ("l\u0092été".encode(), "utf-8", "l’été"),
        ("été".encode("mac_roman"), "x-mac-roman", "été"),
        ("été".encode(), '"UTF-8"', "été"),
        ("été".encode(), "utf8", "été"),
        ("été".encode("utf-16"), None, "été"),
        ("été".encode("utf-16"), "utf-8", "été"),
        (
            "Été à Nîmes\n".encode() + "—\nAntivirus vérifié".encode("cp1252"),
            "utf-8",
            "Été à Nîmes\n—\nAntivirus vérifié",
        ),
        ("Été à Nîmes\n".encode() + "vérifié".encode("cp1252"), "iso-8859-1", "Été à Nîmes\nvérifié"),
        ("Été à Nîmes, l’été".encode()[:-1], "utf-8", "Été à Nîmes, l’étÃ"),
        ("Ã©tait".encode(), "utf-8", "Ã©tait"),  # misread before it was sent: their words stay theirs
    ],
)
def test_charset_mistakes_are_forgiven(content: bytes, declared: str | None, text: str) -> None:
    assert decode_text(content, declared) == text


@pytest.mark.parametrize(
    ("html", "charset"),
    [
        (b"<html><head><meta charset=koi8-r></head>", "koi8-r"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2">', "iso-8859-2"),
        (b"<p>charset=koi8-r</p>", None),
        (b"<meta " * 400, None),
    ],
)
def test_a_letter_whose_mail_names_no_charset_may_name_it_itself(html: bytes, charset: str | None) -> None:
    assert charset_within(html) == charset
