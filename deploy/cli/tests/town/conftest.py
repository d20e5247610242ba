"""Answers of an invented town."""

from pathlib import Path

import pytest

ANSWERS = """\
name: Villiers-sur-Exemple
postal_address: 2 rue de la République, 67999 Villiers-sur-Exemple
telephone: 01 99 00 34 00
main_mailbox: contact@villiers.example
departments: [Accueil et relations avec les usagers, "Centre communal d'action sociale", Cimetières]
own_contacts: true
department.ccas.mailbox: ccas@villiers.example
agents: [Jeanne Morel, Ali Ben Salah]
imap_since: 2026-12-01
"""


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """A file of answers that says what no default can."""
    file = tmp_path / "answers.yaml"
    file.write_text(ANSWERS)
    return file
