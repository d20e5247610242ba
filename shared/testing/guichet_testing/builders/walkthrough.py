"""What docs/adding-a-channel.md says to type, typed into what the scaffold wrote. Pure but for the package's files."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PAGE: Final = (Path(__file__).parents[4] / "docs" / "adding-a-channel.md").read_text()
_BLOCK: Final = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KEY: Final = re.compile(r"^(?=\w)", re.MULTILINE)
FILES: Final = {
    "message": "tests/fixtures/message.json",
    "facts": "{package}/{name}.yaml",
    "parse": "{package}/parse.py",
    "send": "{package}/send.py",
    "tile": "{package}/tile.py",
    "suite": "tests/test_{field}.py",
}
IN_THE_TILE: Final = (  # what the page says of it in a sentence; what stands there → what is typed
    ("address=lambda citizen: citizen.id", "address=_address"),
    ('api="/{name}/messages"', 'api="/release"'),
    ("        edits=True,\n", '        edits=True,\n        unreachable=Refusal(404, {"error": "no-such-loft"}),\n'),
    ("from citizen_sandbox.play.", "from citizen_sandbox.play.people import Citizen\nfrom citizen_sandbox.play."),
    ("provider import Answer, Said", "provider import Answer, Refusal, Said"),
)


def typed() -> list[tuple[str, str, str]]:
    """Return language, name and text of each block that is to be typed."""
    return [(language, name, text) for language, name, text in _BLOCK.findall(PAGE)]


def follow(folder: Path, name: str = "pigeon") -> None:
    """Type into a channel's package all that the page says; the channel may be called otherwise than there."""
    field = re.sub(r"[.-]", "_", name)
    for language, block, text in typed():
        path = folder / FILES[block].format(package=f"guichet_{field}", name=name, field=field)
        match language:
            case "python":
                prefix = "".join(word.capitalize() for word in field.split("_"))
                own = text.replace("Pigeon", prefix).replace('"pigeon"', f'"{name}"')
                path.write_text(_with_python(path.read_text(), own))
            case "yaml":
                path.write_text(_with_yaml(path.read_text(), text))
            case _:
                path.write_text(text)
    _finish(folder / f"guichet_{field}" / "tile.py", name)


def _finish(tile: Path, name: str) -> None:
    text = tile.read_text()
    for there, own in ((each.replace("{name}", name), own) for each, own in IN_THE_TILE):
        assert there in text, f"the scaffold's tile has no {there!r} any more"
        text = text.replace(there, own, 1)
    tile.write_text(text)


def _with_python(file: str, block: str) -> str:
    """Return a module in which what the block defines stands for what it defined."""
    for name, first, last in _names_in(block):
        new = "\n".join(block.splitlines()[first - 1 : last])
        lines = file.splitlines()
        where = {known: (start, end) for known, start, end in _names_in(file)}
        start, end = where.get(name) or (where["TILE"][0], where["TILE"][0] - 1)
        gap = ["", ""] if name not in where else []
        lines[start - 1 : end] = [*new.splitlines(), *gap]
        file = "\n".join(lines) + "\n"
    return file


def _names_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield what a module defines at its top, with its first and last line, from 1."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno, node.end_lineno or 0
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            yield ast.unparse(target), node.lineno, node.end_lineno or 0


def _with_yaml(file: str, block: str) -> str:
    """Return a file in which the block's values stand for its own; all else stays as it is written."""
    own = {_key(part): part for part in _KEY.split(block)}
    return "".join(own.pop(_key(part), part) for part in _KEY.split(file)) + "".join(own.values())


def _key(part: str) -> str:
    return part.partition(":")[0]
