"""Every document is PDF/A-2b, and ours PDF/UA-1 too, whatever is in it: veraPDF says so, which shares no code with Typst."""

from dataclasses import replace
from datetime import date

import pypdfium2
import pytest

from guichet.documents.sheet import Recipient
from guichet.documents.typeset import ARCHIVED_AND_ACCESSIBLE
from guichet_testing.builders import printed
from guichet_testing.real import verapdf as judging
from guichet_testing.real.verapdf import require_its_bytes

HOSTILE = (
    '#import "/etc/hostname" : * \\ *gras* $x$ ```raw``` // <b> "\' \x00\x07\x1b\ufeff\ufffe'
    " \N{GRINNING FACE}\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN} \ue000 中文"
)
CONTENTS = {
    "ordinary": "Été à l’œuvre, « ça » : 3 € – Łódź.",
    "hostile": HOSTILE,
    "right-to-left": "سلام عليكم, שלום \N{RIGHT-TO-LEFT OVERRIDE}abc \N{RIGHT-TO-LEFT MARK}12",
    "combining": "e\u0301\u0302\u0323 a\u093e \u0915\u093e" + "\u0300" * 40,
    "long": "mot " * 1000 + "z" * 1000,
}
FACE = Recipient(("Mme \N{GRINNING FACE} #read \\ سلام", "00000 Exemple"))


def documents():
    for name, text in CONTENTS.items():
        sheet = printed.sheet(recipient=FACE, footer=text[:300], place=text[:100])
        signature = replace(printed.SIGNATURE, name=text[:100])
        some = {"sheet": sheet, "signature": signature}
        yield name, printed.letter(**some, subject=text[:500], paragraphs=(text, text), remedies=(text[:900],))
        yield name, printed.receipt(**some, mentions=(text,), received_on=date(2026, 10, 14))
        yield name, printed.attestation(**some, applicant=text[:200], asked=text[:900], language="en")
        yield name, printed.decision(**some, subject=text[:200], reasons=(text, text), remedies=(text[:900],))


@pytest.fixture(scope="module")
def files(printer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("printed")
    for name, document in documents():
        path = folder / f"{type(document).__name__}-{name}.pdf"
        path.write_bytes(printer.typeset(document.typescript()))
    return sorted(folder.iterdir())


@pytest.mark.parametrize("profile", ["2b", "ua1"])
def test_each_keeps_to_both_standards_whatever_is_in_it(verapdf, files, profile):
    found = verapdf.broken_clauses(files, profile)
    assert len(found) == len(files) == 20
    assert {name: clauses for name, clauses in found.items() if clauses} == {}


def test_what_is_none_is_found(verapdf, printer, tmp_path):
    """A document as it was before, one that PDFium has saved, and bytes."""
    plain = replace(printed.letter().typescript(), standards=())
    (tmp_path / "plain.pdf").write_bytes(printer.typeset(plain))
    opened = pypdfium2.PdfDocument.new()
    opened.new_page(200, 200)
    opened.save(tmp_path / "pdfium.pdf")
    (tmp_path / "bytes.pdf").write_bytes(b"%PDF-1.7\nnone")
    names = ["plain.pdf", "pdfium.pdf", "bytes.pdf"]
    for profile in ("2b", "ua1"):
        found = verapdf.broken_clauses([tmp_path / name for name in names], profile)
        assert all(found[name] for name in names)
    assert ARCHIVED_AND_ACCESSIBLE != ()


def test_a_judge_of_other_bytes_is_not_run(tmp_path, monkeypatch):
    jar = tmp_path / "verapdf" / judging.NAME
    jar.parent.mkdir()
    jar.write_bytes(b"another")
    with pytest.raises(judging.UntrustedJarError):
        require_its_bytes(jar)
    with pytest.raises(judging.UntrustedJarError):
        judging.install_verapdf(tmp_path)
