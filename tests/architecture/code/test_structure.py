"""Every service is built alike, and the rules that keep it so look at every one of them."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SERVICES = sorted(path for path in (ROOT / "services").iterdir() if path.is_dir())
CHANNELS = sorted((ROOT / "shared" / "channels").glob("*/guichet_*"))
ENTRIES = ("consumers.py", "webhook.py", "mailbox.py", "pages.py", "networks", "pages", "entry")
README_PARTS = ("## Purpose", "## Reads", "## Writes", "## Settings", "## When it fails", "## Run it alone")


def package_of(service: Path) -> Path:
    return service / service.name.replace("-", "_")


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_service_has_the_standard_files(service):
    package = package_of(service)
    missing = [name for name in ("__main__.py", "settings.py", "app.py", "py.typed") if not (package / name).exists()]
    assert not missing
    is_host = "run_host(" in (package / "app.py").read_text()  # a channel's package brings the entry
    assert is_host or any((package / entry).exists() for entry in ENTRIES), f"no entry: one of {ENTRIES}"
    assert (service / "pyproject.toml").exists()
    assert list((service / "tests").glob("**/test_*.py"))


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_readme_tells_the_same_six_things(service):
    text = (service / "README.md").read_text()
    assert [part for part in README_PARTS if part not in text] == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_only_main_and_app_see_the_settings(service):
    package = package_of(service)
    seen = {
        path.name
        for path in package.rglob("*.py")
        if f"{package.name}.settings" in path.read_text() or "from .settings" in path.read_text()
    }
    assert seen <= {"__main__.py", "app.py"}


def test_import_linter_looks_at_every_service():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    packages = {package_of(service).name for service in SERVICES}
    assert packages <= set(tool["root_packages"])
    independent = next(contract for contract in tool["contracts"] if contract["type"] == "independence")
    assert packages <= set(independent["modules"])


def test_import_linter_keeps_every_store_and_the_vault_from_the_console():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [console] = [
        contract
        for contract in contracts
        if contract["type"] == "forbidden" and contract["source_modules"] == ["ops_console"]
    ]
    vault = ("keys.collections", "mongo_vault", "root_key")  # what opens; a port opens nothing
    assert console["forbidden_modules"] == [
        "guichet.mongo",
        "guichet.store",
        *(f"guichet.vault.{each}" for each in vault),
    ]
    assert not console.get("allow_indirect_imports")


def test_only_stores_import_motor():
    """Holds docs/decisions/0002: MongoDB's driver is seen in mongo, store and vault alone, and where their documents are changed."""
    packages = [
        ROOT / "shared" / "guichet",
        *CHANNELS,
        ROOT / "deploy" / "cli" / "guichet_cli",
        *map(package_of, SERVICES),
    ]
    offenders = [
        str(path.relative_to(ROOT))
        for package in packages
        for path in package.rglob("*.py")
        if not {"mongo", "store", "vault", "migrations"} & {*path.parts}
        and re.search(r"^\s*(import|from) (motor|pymongo)", path.read_text(), re.MULTILINE)
    ]
    assert offenders == []


def test_only_search_files_import_apsw():
    """Holds docs/decisions/0065: whoever opened a search file elsewhere could leave out what keeps it encrypted."""
    ours = [path for folder in ("shared", "services", "deploy") for path in (ROOT / folder).rglob("*.py")]
    importers = {path.parent for path in ours if re.search(r"^\s*(import|from) apsw\b", path.read_text(), re.MULTILINE)}
    assert importers == {ROOT / "shared" / "guichet" / "search_files"}


def test_no_attics():
    ours = [path for folder in ("shared", "services", "deploy") for path in (ROOT / folder).rglob("*.py")]
    attics = [str(path) for path in ours if path.stem in {"utils", "helpers", "common", "misc"}]
    assert attics == []


METRIC_KINDS = r"Counter|Gauge|Histogram|Summary|Info|Enum|\w+MetricFamily"
MAKES_METRICS = re.compile(
    rf"^\s*from prometheus_client\b.*\b(?:{METRIC_KINDS})\b"
    rf"|^\s*from prometheus_client\S* import \([^)]*\b(?:{METRIC_KINDS})\b"
    rf"|\bprometheus_client(?:\.\w+)*\.(?:{METRIC_KINDS})\b"
    r"|^\s*import prometheus_client\s+as\b",
    re.MULTILINE,
)


def test_every_metric_is_declared_in_one_place():
    """A metric that docs/operations.md and ops-console do not know of is one that nobody watches."""
    declared = ROOT / "shared" / "guichet" / "runtime" / "telemetry" / "metrics.py"
    packages = [ROOT / "shared" / "guichet", *CHANNELS, ROOT / "deploy", *map(package_of, SERVICES)]
    makers = {path for package in packages for path in package.rglob("*.py") if MAKES_METRICS.search(path.read_text())}
    assert makers == {declared}


@pytest.mark.parametrize(
    ("line", "makes"),
    [
        ("from prometheus_client import REGISTRY, Gauge", True),
        ("from prometheus_client import (\n    REGISTRY,\n    Counter,\n)", True),
        ("from prometheus_client.core import GaugeMetricFamily", True),
        ("import prometheus_client\n\nSENT = prometheus_client.Counter('sent', '')", True),
        ("import prometheus_client as p", True),
        ("from collections import Counter\n\nCounter([1])", False),
        ("from prometheus_client import generate_latest", False),
    ],
)
def test_the_rule_about_metrics_tells_them_apart(line, makes):
    assert bool(MAKES_METRICS.search(line)) is makes


def test_every_web_app_begins_alike():
    """FastAPI's own telemetry quotes URLs, and so follow tokens: one place turns it off."""
    packages = [ROOT / "shared" / "guichet", *CHANNELS, *map(package_of, SERVICES)]
    makers = [
        path.relative_to(ROOT).as_posix()
        for package in packages
        for path in package.rglob("*.py")
        if re.search(r"\bFastAPI\(", path.read_text())
    ]
    assert makers == ["shared/guichet/runtime/web.py"]


def test_make_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    [targets] = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    explained = re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)
    assert sorted(targets.split()) == sorted(explained)
