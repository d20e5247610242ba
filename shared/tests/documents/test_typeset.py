"""The process that typesets: within its limits, with equal bytes for equal documents, and without what breaks it."""

import ast
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from guichet.documents import typeset as typesetting
from guichet.documents.typeset import Typescript, TypesettingProcesses, UntypesetError
from guichet.errors import TransientError
from guichet_testing.builders import printed

ROOT = Path(__file__).parents[3]
HARD = printed.letter(paragraphs=('#read("/etc/hostname") \N{GRINNING FACE} \ud800 é\n' * 300,))


def digest(pdf: bytes) -> str:
    return hashlib.sha256(pdf).hexdigest()


@pytest.mark.parametrize(
    "document", [HARD, printed.receipt(), printed.attestation(language="en")], ids=lambda d: d.file_name
)
async def test_equal_documents_are_equal_bytes_from_one_process_to_the_next(printer, document):
    first, second = [await TypesettingProcesses().typeset(document.typescript()) for _ in range(2)]
    assert digest(first) == digest(second)
    assert digest(await TypesettingProcesses().typeset(printed.letter().typescript())) != digest(first)


def test_what_is_asked_for_is_one_line_and_pictures():
    line, _, pictures = typesetting.asking(replace(HARD.typescript(), pictures=(b"\nab", b"c"))).partition(b"\n")
    assert pictures == b"\nabc"
    assert b"\\ud800" not in line


async def test_what_breaks_the_process_would_again():
    typescript = printed.letter().typescript()
    with pytest.raises(UntypesetError):
        await TypesettingProcesses().typeset(replace(typescript, templates={"main.typ": "#nothing"}))
    with pytest.raises(UntypesetError):
        await TypesettingProcesses().typeset(replace(typescript, pictures=(b"no picture",)))


async def test_a_template_reads_no_file_of_the_machine(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    for name in (f"{tmp_path}/secret.txt", "/etc/hostname", "../secret.txt"):
        reads = Typescript({"main.typ": f'#set document(title: "-")\n#read("{name}")'}, {}, HARD.sheet.day)
        with pytest.raises(UntypesetError):
            await TypesettingProcesses().typeset(reads)


async def test_what_takes_too_long_may_be_tried_again(monkeypatch):
    monkeypatch.setattr(typesetting, "DEADLINE_S", 0.05)
    with pytest.raises(TransientError):
        await TypesettingProcesses().typeset(HARD.typescript())


def test_typst_meets_strangers_words_in_that_process_alone():
    """Whoever compiled elsewhere would do so with what that process may open."""
    ours = [
        path
        for folder in ("shared/guichet", "shared/channels", "services", "deploy")
        for path in (ROOT / folder).rglob("*.py")
    ]
    importers = {path.name for path in ours if "tests" not in path.parts and _imports_typst(path)}
    assert importers == {"typesetting_process.py"}


def _imports_typst(path: Path) -> bool:
    if "typst" not in (text := path.read_text()):
        return False
    imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name.name for node in imported if isinstance(node, ast.Import) for name in node.names}
    return "typst" in names | {node.module or "" for node in imported if isinstance(node, ast.ImportFrom)}
