"""Inside a service imports run one way, and its folders say which: import-linter's contract, and its reach."""

import tomllib
from pathlib import Path
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).parents[3]


def contract() -> dict[str, Any]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [found] = [each for each in contracts if each["name"] == "In a service, folder = layer"]
    return found


def imports_upwards(graph: grimp.ImportGraph, service: str) -> set[tuple[str, str]]:
    """Return who imports whom, as import-linter finds it."""
    layers = [each.strip("()") for each in contract()["layers"]]
    found = graph.find_illegal_dependencies_for_layers(layers, containers={service})
    return {(route.importer, route.imported) for route in found}


def test_no_service_is_left_out() -> None:
    services = {path.name.replace("-", "_") for path in (ROOT / "services").iterdir() if path.is_dir()}
    assert {*contract()["containers"]} == services


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("handlers.owe_letters", "entry.consumers"),
        ("domain.intents", "handlers.owe_letters"),
        ("entry.consumers", "app"),
        ("domain.wording", "handlers.watch_deliveries"),
        ("entry.lane", "settings"),
        ("app", "__main__"),
    ],
)
def test_an_import_upwards_is_found(importer: str, imported: str) -> None:
    graph = grimp.build_graph("notifier", cache_dir=None)
    assert imports_upwards(graph, "notifier") == set()
    graph.add_import(importer=f"notifier.{importer}", imported=f"notifier.{imported}")
    upper, lower = (f"notifier.{each.partition('.')[0]}" for each in (imported, importer))
    assert (lower, upper) in imports_upwards(graph, "notifier")


def test_a_folder_without_a_layer_is_found() -> None:
    assert contract()["exhaustive"]
    assert "exhaustive_ignores" not in contract()
    assert "ignore_imports" not in contract()
