"""A fact that several places need is written in one, which the others import."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PRODUCT = (
    "shared/guichet",
    "shared/channels",
    "services",
    "deploy/cli",
    "deploy/local/stack",
)  # the sandbox knows nothing of Guichet
FACTS = [
    (r"""-dlq["']""", "shared/guichet/contracts/dead_letters.py"),
    (r"""(?i)["']x-guichet-message["']""", "shared/guichet/contracts/delivery.py"),
    (r"""partition\(["']\+["']\)""", "shared/guichet/privacy/subaddress.py"),
    (r"\b11000\b", "shared/guichet/mongo/bulk.py"),
    (r"^class PersonFinder\b", "shared/guichet/data_subject/finder.py"),
    (r"\bjanvier\b", "shared/guichet/town/long_dates.py"),
    (r"""["']Europe/Paris["']""", "shared/guichet/law/calendar.py"),
]


def files_that_write(fact: str) -> list[str]:
    """The product's files that hold it as code: what is quoted in words does not count, nor do tests."""
    paths = [
        path
        for folder in PRODUCT
        for path in (ROOT / folder).rglob("*.py")
        if "tests" not in path.relative_to(ROOT).parts
    ]
    return sorted(
        path.relative_to(ROOT).as_posix() for path in paths if re.search(fact, path.read_text(), re.MULTILINE)
    )


@pytest.mark.parametrize(("fact", "place"), FACTS, ids=lambda each: each)
def test_it_is_written_in_one_place(fact: str, place: str) -> None:
    assert files_that_write(fact) == [place]
