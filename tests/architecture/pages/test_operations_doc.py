"""Whoever is called at night finds an entry: every alarm and every reason code of the code stands in the handbook."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from guichet.runtime.telemetry.alarms import Alarm

ROOT = Path(__file__).parents[3]
HANDBOOK = (ROOT / "docs" / "operations.md").read_text()
HEADINGS = re.findall(r"^### (.+)$", HANDBOOK, flags=re.MULTILINE)
DEAD_LETTERS = ROOT / "shared" / "guichet" / "kafka" / "dead_letters" / "publish.py"


def sources() -> Iterator[Path]:
    for folder in (ROOT / "shared" / "guichet", *(ROOT / "services").iterdir(), *(ROOT / "shared/channels").iterdir()):
        yield from (path for path in folder.rglob("*.py") if "tests" not in path.relative_to(ROOT).parts)


def is_error(call: ast.Call) -> bool:
    """A raised error, or an error class that hands its code to its base."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.endswith("Error") or name == "__init__"
    return False


def reasons_in(source: str) -> set[str]:
    """The codes that errors name, literally or by a constant of the same file."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    values = [
        keyword.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and is_error(call)
        for keyword in call.keywords
        if keyword.arg == "reason"
    ]
    literal = {value.value for value in values if isinstance(value, ast.Constant)}
    named = {constants[value.id] for value in values if isinstance(value, ast.Name) and value.id in constants}
    return {str(each) for each in literal | named}


def reasons() -> set[str]:
    found = {"permanent"}  # a PermanentError that names none
    for source in (path.read_text() for path in sources()):
        found |= reasons_in(source) if "reason=" in source else set()
    own = re.findall(r'^[A-Z_]+: Final = "([a-z-]+)"$', DEAD_LETTERS.read_text(), flags=re.MULTILINE)
    return found | set(own)


def entry(heading: str) -> str:
    _, _, after = HANDBOOK.partition(f"### {heading}\n")
    return after.partition("\n#")[0].strip()


def test_codes_are_found_where_errors_name_them() -> None:
    source = 'CODE = "by-name"\nraise PermanentError("x", reason="literal")\nraise OddError("x", reason=CODE)\nask(reason="no")'
    assert reasons_in(source) == {"literal", "by-name"}
    assert {"unreadable", "bug", "crash-loop", "tampered", "too-large"} <= reasons()


@pytest.mark.parametrize("alarm", list(Alarm))
def test_an_alarm_has_its_entry(alarm: Alarm) -> None:
    assert "**Do:**" in entry(f"Alarm `{alarm}`")


@pytest.mark.parametrize("reason", sorted(reasons()))
def test_a_reason_has_its_entry(reason: str) -> None:
    assert "**Do:**" in entry(f"Reason `{reason}`")


def test_no_entry_is_left_of_what_the_code_no_longer_has() -> None:
    known = {f"Alarm `{alarm}`" for alarm in Alarm} | {f"Reason `{reason}`" for reason in reasons()}
    assert {heading for heading in HEADINGS if heading.startswith(("Alarm `", "Reason `"))} - known == set()
