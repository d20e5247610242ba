"""What a channel's package promises: it is found by its entry points, and takes from Guichet what it may."""

# a test's name is its sentence

import ast
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from guichet.channel.declaration import Channel
from guichet.errors import SettingsError
from guichet.town.channel_facts import GROUP, facts_file, read_facts
from guichet_testing.conformance.tiles import TILES, has_sandbox

CLOSED: Final = tuple(f"guichet.{each}" for each in ("vault", "store", "kafka", "mongo", "data_subject", "case"))


class PackagedConformance:
    """package: the folder to look into; None: that of the entry point."""

    channel: Channel
    package: Path | None = None

    async def test_an_entry_point_announces_it(self) -> None:
        point = self._entry_point()
        try:
            told = read_facts(facts_file(point))
        except (SettingsError, OSError) as exc:
            raise AssertionError(f"what is known of the channel cannot be read from its package: {exc}") from exc
        wrong = [name for name in type(told).model_fields if getattr(told, name) != getattr(self.channel.facts, name)]
        assert not wrong, f"{told.name}.yaml and the code differ in {', '.join(wrong)}: read the file with read_facts"

    async def test_a_tile_of_the_sandbox_plays_its_provider(self) -> None:
        name = self.channel.provider.name
        if not self.channel.provider.inbound:
            return
        points = entry_points(group=TILES, name=name)
        assert points, f"no entry point {TILES} is called {name}: citizens could not be played; write tile.py"
        point = next(iter(points))
        if not has_sandbox():
            assert _file_of(point).exists(), f"the tile {point.value} is not there"
            return
        key = getattr(point.load(), "key", None)
        assert key == name, f"the tile {point.value} calls itself {key}: its key is the provider's name, {name}"

    async def test_it_takes_from_guichet_what_it_may(self) -> None:
        for file, imported in imports_in(self._folder()):
            closed = any(imported == each or imported.startswith(f"{each}.") for each in CLOSED)
            assert not closed, f"{file.name} imports {imported}: a channel seals and sends, and opens nothing"

    async def test_the_tile_knows_nothing_of_guichet(self) -> None:
        for file, imported in imports_in(self._folder()):
            own = f"{self._folder().name}."
            towns = imported.partition(".")[0] == "guichet" or (imported.startswith(own) and not is_tile(imported))
            if is_tile(".".join(file.relative_to(self._folder().parent).with_suffix("").parts)):
                assert not towns, (
                    f"{file.name} imports {imported}: a tile that uses the town's code proves nothing of it"
                )
            else:
                mine = imported.startswith(own) and is_tile(imported)
                assert not mine, (
                    f"{file.name} imports {imported}: the tile is the sandbox's, and a town runs none of it"
                )

    def _entry_point(self) -> EntryPoint:
        name = self.channel.facts.name
        points = entry_points(group=GROUP, name=name)
        assert points, f"no entry point {GROUP} is called {name}: announce it in pyproject.toml, and install it again"
        return next(iter(points))

    def _folder(self) -> Path:
        return self.package or facts_file(self._entry_point()).parent


def is_tile(module: str) -> bool:
    """Return whether a module, or what is taken of one, is of its package's tile. module: whole, with dots."""
    return module.split(".")[1:2] == ["tile"]


def imports_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file of a package, with each module that it imports."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((file, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = (folder.name, *file.relative_to(folder).parts)[: -node.level] if node.level else ()
                named = ".".join((*above, *filter(None, [node.module])))
                yield from ((file, f"{named}.{alias.name}") for alias in node.names)


def _file_of(point: EntryPoint) -> Path:
    found = find_spec(point.module)
    return Path(found.origin) if found is not None and found.origin else Path(point.module)
