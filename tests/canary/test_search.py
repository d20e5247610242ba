"""Whatever form a planted value takes and wherever it lies, the search finds it; what was not planted it does not."""

import base64
import email.policy
import html
import json
import os
import quopri
import string
import unicodedata
import zlib
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote, quote_plus

import bson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from guichet_canary.search.files import blocks_of, search_folder
from guichet_canary.search.search import Search
from guichet_canary.search.values import Canary, Kind

ACCENTED = "éèêëàâçîïôùûüÿœæÉÈÀÇŒ"
FEW = settings(deadline=None, max_examples=15)  # of each form
few_accents = st.text(ACCENTED, max_size=4)  # in one word: more of them in a mixture of cases is nobody's name
words = st.builds(str.__add__, st.text(string.ascii_letters, min_size=9, max_size=12), few_accents).flatmap(
    lambda word: st.permutations(word).map("".join)
)
texts = st.lists(words, min_size=1, max_size=3).map(" ".join)


def without_accents(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))


def swapped(text: str) -> str:
    """Return the text in a mixture of cases that nobody would write."""
    return "".join(each.upper() if place % 2 else each.lower() for place, each in enumerate(text))


def of_one_length(change):
    """Leave a text alone where a change of case would split its ligatures."""
    return lambda text: changed if len(changed := change(text)) == len(text) else text


CASES = [str, str.lower, str.upper, str.title]
ACCENTS = [
    str,
    without_accents,
    lambda text: unicodedata.normalize("NFC", text),
    lambda text: unicodedata.normalize("NFD", text),
]
STANDING = {
    "utf-8": str.encode,
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "percent, a path": lambda text: quote(text).encode(),
    "percent, a query": lambda text: quote_plus(text).encode(),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()),
    "quoted-printable, a header": lambda text: quopri.encodestring(text.encode(), header=True),
    "json": lambda text: json.dumps(text).encode(),
    "json in json": lambda text: json.dumps(json.dumps(text)).encode(),
    "html": lambda text: html.escape(text).encode(),
    "repr of bytes": lambda text: repr(text.encode()).encode(),
}
HIDDEN = {
    "base64, offset 0": lambda text: base64.b64encode(text.encode()),
    "base64, offset 1": lambda text: base64.b64encode(b"x" + text.encode() + b"yy"),
    "base64, offset 2": lambda text: base64.b64encode(b"xx" + text.encode() + b"y"),
    "base64, in lines": lambda text: base64.encodebytes(b"some words before it, to the end of a line" + text.encode()),
    "base64, in JSON": lambda text: json.dumps(base64.encodebytes(b"some words before it," * 2 + text.encode()).decode()).encode(),
    "base64, for addresses": lambda text: base64.urlsafe_b64encode(b"\xff\xfe" + text.encode()),
    "base64 of utf-16": lambda text: base64.b64encode(text.encode("utf-16")),
    "hex": lambda text: text.encode().hex().encode(),
    "hex, capital": lambda text: text.encode().hex().upper().encode(),
    "percent, all": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
    "json, all": lambda text: "".join(f"\\u{ord(each):04X}" for each in text).encode(),
    "quoted-printable, all": lambda text: "".join(f"={byte:02X}" for byte in text.encode()).encode(),
}  # fmt: skip


def found(value: str, content: bytes) -> bool:
    return bool(Search([Canary("it", value)]).in_bytes("somewhere", content))


@pytest.mark.parametrize("encode", STANDING.values(), ids=STANDING)
@FEW
@given(
    text=texts,
    around=st.binary(max_size=40),
    case=st.sampled_from([*CASES, of_one_length(swapped)]),
    accents=st.sampled_from(ACCENTS),
)
def test_a_value_whose_letters_stand_is_found_in_any_case_and_with_any_accents(encode, text, around, case, accents):
    assert found(text, around + encode(accents(case(text))) + around)


@pytest.mark.parametrize("encode", HIDDEN.values(), ids=HIDDEN)
@FEW
@given(text=texts, around=st.binary(max_size=40), case=st.sampled_from(CASES), accents=st.sampled_from(ACCENTS))
def test_a_hidden_value_is_found_in_the_usual_cases_and_with_any_accents(encode, text, around, case, accents):
    assert found(text, around + b"\0" + encode(accents(case(text))) + b"\0" + around)


@FEW
@given(text=texts)
def test_a_mail_s_parts_and_headers_hide_nothing(text):
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["X-Word"] = text.split()[0]
    mail.set_content("Bonjour,\n" + "des mots avant, " * 9 + text, cte="quoted-printable")
    mail.add_attachment(b"a file, then " + text.encode(), maintype="application", subtype="pdf", filename="x.pdf")
    raw = mail.as_bytes()
    forms = {hit.form for hit in Search([Canary("it", text)]).in_bytes("mail", raw)}
    assert {form.split(",")[0] for form in forms} & {"quoted-printable", "utf-8"}
    assert "base64 of utf-8" in forms


@pytest.mark.parametrize("written", ["+33639987654", "0639987654", "06 39 98 76 54", "06.39.98.76.54", "+33 6 39 98 76 54", "tel:33639987654"])  # fmt: skip
@pytest.mark.parametrize("encode", [*STANDING.values(), *HIDDEN.values()], ids=[*STANDING, *HIDDEN])
def test_a_telephone_number_is_found_however_it_is_written(written, encode):
    search = Search([Canary("it", "+33639987654", Kind.PHONE)])
    assert search.in_bytes("somewhere", b"\0" + encode(f"Tel {written} le soir") + b"\0")


def test_an_address_is_found_by_either_half_and_a_long_number_in_binary():
    search = Search(
        [Canary("mail", "zulianette@vergonquet.example", Kind.EMAIL), Canary("chat", "7103958271645", Kind.NUMBER)]
    )
    assert search.in_bytes("a log", b"unknown host VERGONQUET.EXAMPLE")
    for order in ("little", "big"):
        [hit] = search.in_bytes("a document", b"\x12id\0" + (7103958271645).to_bytes(8, order))
        assert hit.canary.label == "chat"


def test_a_word_of_a_value_is_enough():
    assert found("Zulianette Vergonquet", b"prefix index: vergonquet")


@FEW
@given(text=texts, noise=st.binary(max_size=2000))
def test_nothing_is_found_where_nothing_was_planted(text, noise):
    assume(without_accents(text).lower()[:8].encode() not in noise.lower())
    assert not found(text, noise)


# --- wherever it lies -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def search() -> Search:
    return Search([Canary("it", "Zulianette Vergonquet")])


@pytest.mark.parametrize("encode", [*STANDING.values(), *HIDDEN.values()], ids=[*STANDING, *HIDDEN])
@FEW
@given(before=st.integers(0, 3000), size=st.integers(1, 900))
def test_it_is_found_across_the_borders_of_blocks(search, tmp_path_factory, encode, before, size):
    path = tmp_path_factory.getbasetemp() / "borders"
    path.write_bytes(b"." * before + encode("Zulianette Vergonquet") + b"." * 700)
    hits = list(search.in_blocks("file", blocks_of(path, size, search.overlap)))
    assert hits
    assert len(hits) == len({(hit.offset, hit.form) for hit in hits})
    path.unlink()


@FEW
@given(before=st.integers(0, 200))
def test_the_offset_is_where_it_lies_in_the_file(search, before):
    broken = b"." * before + quopri.encodestring(b"a word " * 9 + b"Zulianette Vergonquet")
    assert b"Zulianette Vergonquet" not in broken
    offsets = {hit.offset for hit in search.in_bytes("file", broken)}
    assert offsets == {broken.index(b"Z"), broken.index(b"V")}


def test_a_sparse_file_costs_nothing_and_hides_nothing(search, tmp_path):
    path = tmp_path / "kafka" / "00000000.index"
    path.parent.mkdir()
    with path.open("wb") as file:
        file.seek(40_000_000_000)  # in time, only if its holes are stepped over
        file.write("Zulianette Vergonquet".encode("utf-16-le"))
        file.truncate(80_000_000_000)
    hits = list(search_folder(search, tmp_path))
    assert {(hit.where, hit.offset) for hit in hits} >= {("kafka/00000000.index", 40_000_000_000)}


def test_what_mongod_packs_is_unpacked(search, tmp_path):
    packed = zlib.compress(bson.encode({"comment": "from Vergonquet"}))
    path = tmp_path / "diagnostic.data" / "metrics.2026"
    path.parent.mkdir()
    path.write_bytes(bson.encode({"type": 0, "doc": {}}) + bson.encode({"type": 1, "data": b"size" + packed}))
    assert {hit.where for hit in search_folder(search, tmp_path)} == {"diagnostic.data/metrics.2026, unpacked"}


def test_a_file_s_name_counts_and_a_socket_or_a_link_is_passed_over(search, tmp_path):
    (tmp_path / "vergonquet.pdf").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert [hit.where for hit in search_folder(search, tmp_path)] == ["the name of vergonquet.pdf"]


def test_a_report_names_the_place_and_repeats_no_canary(search):
    [hit, *_] = search.in_bytes("logs/x.log", b'{"event": "from Zulianette VERGONQUET", "to": "vergonquet"}')
    assert str(hit).startswith("logs/x.log at 16: it as utf-8: …")
    assert "from […]" in str(hit)
    assert "vergonquet" not in str(hit).lower()


def test_every_phone_is_french_so_that_its_spellings_are_known():
    with pytest.raises(ValueError, match="no French number"):
        Search([Canary("it", "+441234567890", Kind.PHONE)])


def test_this_very_file_is_one_place_where_values_stand(search):
    assert list(search_folder(search, Path(__file__).parent))
