"""R10: no text of ours asks a citizen to write again, or by another way (CRPA L112-8: docs/law.md 1)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
TEMPLATES: Final = ROOT / "deploy/local/town/templates"
OURS: Final = ROOT / "shared/guichet/town/own_texts"
DESK: Final = ROOT / "services/agent-desk/agent_desk/domain"
LETTERS: Final = (
    ROOT / "services/notifier/notifier/domain/wording.py",
    DESK / "clocks/pieces_letter.py",
    DESK / "transfer/letter.py",
    *(ROOT / f"shared/guichet/town/{name}.py" for name in ("acknowledgements", "enclosed", "receipts", "remedies")),
    *(ROOT / f"shared/guichet/documents/{name}.py" for name in ("attestation", "decision", "paper_letter")),
)
"""Where words stand that a citizen reads in a mail, a message or a letter, and that no file of the town's has."""
ASKS_AGAIN: Final = re.compile(
    r"renvoye[rz]|réécri(re|vez)|réitére[rz]|refai(re|tes)|(écrivez|envoyez|adressez|confirmez)[^.]*(à nouveau|de nouveau|une nouvelle fois)"
    r"|(écrivez|envoyez|adressez|confirmez)[^.]*par un autre (moyen|canal)|uniquement par (courrier|le formulaire)"
    r"|(write|send|submit)[^.]*\bagain\b|\b(resend|resubmit)\b",
    re.IGNORECASE,
)
"""What would ask for it, in either language."""
_WHERE_NOTHING_WAS_SEIZED: Final = re.compile(r"{% if not is_saisine %}.*?{% endif %}", re.DOTALL)
"""A courtesy receipt says by which way the town is seized: that is a pointer, and repeats no seizing (docs/law.md 3)."""


def asks_again(text: str) -> list[str]:
    """Return what in a text asks for it."""
    return [found.group() for found in ASKS_AGAIN.finditer(_WHERE_NOTHING_WAS_SEIZED.sub("", text))]


def words_in(code: str) -> Iterator[str]:
    """Yield the strings of a module, each whole however many lines it has, without docstrings."""
    nodes = [*ast.walk(ast.parse(code))]
    apart = {id(each.value) for each in nodes if isinstance(each, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            apart.update(map(id, node.values))
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            yield node.value


@pytest.mark.parametrize("file", sorted([*TEMPLATES.rglob("*.txt"), *OURS.glob("*.txt")]), ids=lambda file: file.stem)
def test_r10_no_text_asks_a_citizen_to_write_again(file: Path) -> None:
    assert asks_again(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", LETTERS, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_r10_nor_does_a_letter_whose_words_are_ours(file: Path) -> None:
    words = [*words_in(file.read_text(encoding="utf-8"))]
    assert any(" " in each for each in words), "no words are read"
    assert [found for each in words for found in asks_again(each)] == []


def test_r10_words_over_several_lines_of_code_are_read_as_one() -> None:
    code = '"""Send it again."""\n(f"Merci de nous {it} écrire, puis écrivez"\n " de nouveau.", "Bonjour")'
    assert [found for each in words_in(code) for found in asks_again(each)] == ["écrivez de nouveau"]


@pytest.mark.parametrize(
    "text",
    [
        "Merci de renvoyer votre demande par courrier.",
        "Veuillez réitérer votre demande.",
        "Écrivez-nous de nouveau.",
        "Envoyez votre demande par un autre moyen.",
        "Please send your request again.",
    ],
)
def test_r10_a_text_that_does_is_found(text: str) -> None:
    assert asks_again(text)
