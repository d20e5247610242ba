"""docs/adding-a-channel.md, followed to the letter: what it says to type is typed, and its suite passes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from guichet_cli.channels.scaffold.names import Names
from guichet_cli.channels.scaffold.proofs import ProofName
from guichet_cli.channels.scaffold.run import run_tests
from guichet_cli.channels.scaffold.write import Wish, write_package

PAGE = (Path(__file__).parents[4] / "docs" / "adding-a-channel.md").read_text()
BLOCK = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MOST_LINES = 60
FILES = {
    "message": "tests/fixtures/message.json",
    "facts": "guichet_pigeon/pigeon.yaml",
    "parse": "guichet_pigeon/parse.py",
    "send": "guichet_pigeon/send.py",
    "tile": "guichet_pigeon/tile.py",
    "suite": "tests/test_pigeon.py",
}


def typed() -> list[tuple[str, str, str]]:
    """Return language, file and text of each block that is to be typed."""
    return [(language, FILES[name], text) for language, name, text in BLOCK.findall(PAGE)]


def names_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield what a module defines at its top, with its first and last line, from 1."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno, node.end_lineno or 0
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            yield ast.unparse(target), node.lineno, node.end_lineno or 0


def with_python(file: str, block: str) -> str:
    """Return a module in which what the block defines stands for what it defined."""
    for name, first, last in names_in(block):
        new = "\n".join(block.splitlines()[first - 1 : last])
        lines = file.splitlines()
        where = {known: (start, end) for known, start, end in names_in(file)}
        start, end = where.get(name) or (where["TILE"][0], where["TILE"][0] - 1)
        gap = ["", ""] if name not in where else []
        lines[start - 1 : end] = [*new.splitlines(), *gap]
        file = "\n".join(lines) + "\n"
    return file


def with_yaml(file: str, block: str) -> str:
    return yaml.safe_dump({**yaml.safe_load(file), **yaml.safe_load(block)}, allow_unicode=True)


def follow(folder: Path) -> None:
    for language, name, text in typed():
        path = folder / name
        match language:
            case "python":
                path.write_text(with_python(path.read_text(), text))
            case "yaml":
                path.write_text(with_yaml(path.read_text(), text))
            case _:
                path.write_text(text)


@pytest.fixture
def pigeon(tmp_path: Path) -> Path:
    write_package(Wish(Names("pigeon"), ProofName.HMAC, both_ways=True), tmp_path)
    follow(tmp_path)
    tile = tmp_path / "guichet_pigeon" / "tile.py"
    assert "`address=_address`, and `from citizen_sandbox.play.people import Citizen`" in PAGE
    kit = "from citizen_sandbox.play.people import Citizen\nfrom citizen_sandbox.play.tile"
    tile.write_text(
        tile.read_text()
        .replace("from citizen_sandbox.play.tile", kit)
        .replace("address=lambda citizen: citizen.id", "address=_address")
    )
    return tmp_path


def test_what_the_page_says_to_type_is_a_channel(pigeon: Path) -> None:
    assert run_tests(pigeon)


def test_it_is_not_much(pigeon: Path) -> None:
    assert {name for _, name, _ in typed()} == {*FILES.values()}
    lines = [line for *_, text in typed() for line in text.splitlines() if line.strip()]
    assert len(lines) <= MOST_LINES


def test_every_command_of_the_page_is_there() -> None:
    [command] = re.findall(r"^\.venv/bin/guichet (channels new .*)$", PAGE, re.MULTILINE)
    assert command.split()[:3] == ["channels", "new", "pigeon"]
    assert set(re.findall(r"--[a-z-]+", command)) == {"--proof", "--both-ways", "--into"}
    for proof in ProofName:
        assert f"`{proof}`" in PAGE
