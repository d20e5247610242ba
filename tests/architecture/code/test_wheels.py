"""What is built for a town holds no test, no twin and no suite: those are guichet-testing's, which no town installs."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WORKSPACE = tomllib.loads((ROOT / "pyproject.toml").read_text())
MEMBERS = sorted(
    place
    for pattern in WORKSPACE["tool"]["uv"]["workspace"]["members"]
    for place in ROOT.glob(f"{pattern}/pyproject.toml")
)
PRODUCT = [place for place in MEMBERS if place.parent.name != "testing"]
FOR_TESTS = re.compile(r"(^|_)(test|tests|testing|conformance|conftest|twins|builders)(_|$)")
IMPORTS_FOR_TESTS = re.compile(r"^\s*(?:from|import) (?:pytest|hypothesis|playwright|guichet_testing)\b", re.MULTILINE)


def wheel_of(member: Path) -> list[Path]:
    """Return every file that hatch packs: of the packages that the member names, and of nothing else."""
    build = tomllib.loads(member.read_text())["tool"]["hatch"]["build"]
    assert build.keys() == {"targets"}
    assert build["targets"] == {"wheel": {"packages": build["targets"]["wheel"]["packages"]}}
    folders = [member.parent / package for package in build["targets"]["wheel"]["packages"]]
    return [
        file for folder in folders for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts
    ]


def is_for_tests(file: Path) -> bool:
    inside = file.relative_to(ROOT).with_suffix("").parts
    return any(map(FOR_TESTS.search, inside)) or (
        file.suffix == ".py" and bool(IMPORTS_FOR_TESTS.search(file.read_text()))
    )


@pytest.mark.parametrize("member", PRODUCT, ids=lambda place: place.parent.name)
def test_a_wheel_of_the_product_holds_nothing_for_tests(member: Path) -> None:
    packed = wheel_of(member)
    assert packed
    assert [str(file.relative_to(ROOT)) for file in packed if is_for_tests(file)] == []


def test_the_rule_sees_what_is_for_tests() -> None:
    [testing] = set(MEMBERS) - set(PRODUCT)
    assert all(is_for_tests(file) for file in wheel_of(testing))
    assert is_for_tests(ROOT / "services/agent-desk/agent_desk_testing/hall.py")
    assert is_for_tests(ROOT / "shared/guichet/channel/conformance/__init__.py")
    assert is_for_tests(Path(__file__))


def test_a_town_that_installs_the_product_installs_nothing_for_tests() -> None:
    """The workspace's own dependencies are what a machine that runs Guichet gets; `dev` is for who changes it."""
    needed = [*WORKSPACE["project"]["dependencies"]]
    needed += [each for place in PRODUCT for each in tomllib.loads(place.read_text())["project"]["dependencies"]]
    named = {re.split(r"[^\w-]", each)[0] for each in needed}
    assert named.isdisjoint({"guichet-testing", "pytest", "hypothesis", "playwright"})
