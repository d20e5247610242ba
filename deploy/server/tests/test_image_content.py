"""What the image is built from: the code that git knows, and nothing of a town's that lies in the clone."""

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
OF_A_TOWN: Final = [
    *("town/town.yaml", "town.answers.yaml", "guichet.env", "secrets/given.env", "town.v1/agents.yaml"),
    *("deploy/town/town.yaml", "deploy/secrets/given.env", "deploy/cli/guichet.env", "deploy/local/town.answers.yaml"),
    *("shared/secrets/kafka-admin.properties", "services/made.env", "docs/register.pdf", "backup/manifest.json"),
    *(".git/config", ".local/secrets.env", ".venv/bin/python", "shared/guichet/__pycache__/ids.pyc", ".env"),
]
NEEDED: Final = ("pyproject.toml", "uv.lock", "docs/operations.md", "docs/consignes.md", "deploy/mongodb/roles.json")
CODE: Final = re.compile(r"(shared|services|deploy/(cli|topology|server|local))/(?!.*\btests/)")


@cache
def rules() -> list[tuple[bool, re.Pattern[str]]]:
    """Each line: whether it leaves out, and what it matches, with all beneath it. The last that matches counts."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    return [(not line.startswith("!"), _pattern(line.removeprefix("!"))) for line in lines]


def _pattern(line: str) -> re.Pattern[str]:
    parts = re.escape(line).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.compile(f"{parts}(/.*)?")


def is_taken(path: str) -> bool:
    left_out = [leaves_out for leaves_out, pattern in rules() if pattern.fullmatch(path)]
    return not (left_out and left_out[-1])


@pytest.mark.parametrize("path", OF_A_TOWN)
def test_nothing_of_a_town_is_in_the_image(path: str) -> None:
    assert not is_taken(path)


def test_all_code_and_what_it_reads_is_in_the_image() -> None:
    tracked = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()
    wanted = [path for path in tracked if path in NEEDED or CODE.match(path)]
    assert len(wanted) > 1000
    assert [path for path in wanted if not is_taken(path)] == []


@pytest.mark.parametrize("path", ["secrets/given.env", "deploy/secrets/given.env", "town.answers.yaml", "guichet.env"])
def test_what_town_init_writes_beside_a_town_is_not_committed(path: str) -> None:
    assert subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False).returncode == 0
