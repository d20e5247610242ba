"""R10: no text of ours asks a citizen to write again, or by another way (CRPA L112-8: docs/law.md 1)."""

import re
from pathlib import Path
from typing import Final

import pytest

TEMPLATES: Final = Path(__file__).parents[3] / "deploy/local/town/templates"
WORDING: Final = Path(__file__).parents[3] / "services/notifier/notifier/domain/wording.py"
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


@pytest.mark.parametrize("file", [*sorted(TEMPLATES.glob("*.txt")), WORDING], ids=lambda file: file.stem)
def test_r10_no_text_asks_a_citizen_to_write_again(file: Path) -> None:
    assert asks_again(file.read_text(encoding="utf-8")) == []


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
