"""docs/security.md promises nothing that no test holds: every line names its tests, and every test named is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "security.md").read_text()
ROW = re.compile(r"^\|(?!\s*-)(.+)\|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/.-]+\.py)::(\w+)`")
WITHOUT_FILE = re.compile(r"`::(\w+)`")  # of the file named just before


def named_tests(text: str) -> list[tuple[str, str]]:
    """Each test that a text names, as (file, function): `file.py::name`, then `::another` of the same file."""
    found, file = [], ""
    for match in re.finditer(rf"{NAMED.pattern}|{WITHOUT_FILE.pattern}", text):
        file = match[1] or file
        found.append((file, match[2] or match[3]))
    return found


@cache
def functions_of(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text())
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def rows() -> list[str]:
    """The lines of the page's tables, without their headings."""
    return [row for row in ROW.findall(PAGE) if not row.strip().startswith("who, and what they hold")]


@pytest.mark.parametrize(("file", "name"), sorted(set(named_tests(PAGE))), ids=str)
def test_every_test_that_the_page_names_is_there(file: str, name: str) -> None:
    assert name in functions_of(file), f"{file} has no {name}"
    assert name.startswith("test_")


def test_every_line_names_who_holds_it() -> None:
    assert len(rows()) > 15
    assert [row.split("|")[0].strip() for row in rows() if not named_tests(row)] == []


def test_no_test_is_named_in_a_way_that_is_not_checked() -> None:
    loose = re.findall(r"`([^`]*(?:::|test_)[^`]*)`", PAGE)
    assert [each for each in loose if not named_tests(f"`{each}`")] == []


def test_the_rule_finds_what_is_missing() -> None:
    assert named_tests("`a/b.py::test_x`, `::test_y`; `c.py::test_z`") == [
        ("a/b.py", "test_x"),
        ("a/b.py", "test_y"),
        ("c.py", "test_z"),
    ]
    assert functions_of("tests/architecture/test_nowhere.py") == frozenset()
    assert "test_every_line_names_who_holds_it" in functions_of("tests/architecture/pages/test_security_doc.py")
