"""What the composition roots wire, with nothing running: workers are built, of doors their code is read from `app.py` on.

Code that no composition root reaches wires nothing, whatever it says.
"""

import ast
import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import case_router.app
import gdpr_worker.app
import notifier.app
import search_indexer.app
from case_router.settings import CaseRouterSettings
from gdpr_worker.settings import GdprWorkerSettings
from guichet.channel.declaration import Webhook
from guichet.channel.host.discovery import providers_of
from guichet.contracts import topics as registry
from guichet.contracts.topics import DELIVERY_REPORTS, Topic
from guichet.kafka.consume.worker import Worker
from guichet.runtime.settings import read_settings
from guichet.town.channel_facts import installed_facts
from guichet.vault.root_key.file import make_root_key_file
from guichet_testing.builders.signers import public_keys_folder
from notifier.settings import NotifierSettings
from search_indexer.settings import SearchIndexerSettings

ROOT = Path(__file__).parents[3]
TOWN = ROOT / "deploy" / "local" / "town"
ROOTS = {
    **{path.name: path / path.name.replace("-", "_") / "app.py" for path in (ROOT / "services").iterdir()},
    "guichet-cli": ROOT / "deploy" / "cli" / "guichet_cli" / "__main__.py",
}
SECRET = base64.b64encode(bytes(32)).decode()
PROVIDERS = {
    "GUICHET_TWILIO_ACCOUNT_SID": "AC1",
    "GUICHET_TWILIO_AUTH_TOKEN": "not-the-real-token-of-anybody",
    "GUICHET_TWILIO_NUMBER": "+33939980100",
    "GUICHET_TWILIO_PUBLIC_URL": "https://sms.mairie.example",
    "GUICHET_TELEGRAM_TOKEN": "1:not-the-real-token-of-anybody",
    "GUICHET_TELEGRAM_WEBHOOK_SECRET": "not-the-real-secret-of-anybody",
    "GUICHET_TELEGRAM_PUBLIC_URL": "https://telegram.mairie.example",
}


def built_workers(folder: Path) -> dict[str, Worker]:
    """Build every service that is a worker, as its main does. folder: for the keys. Nothing connects."""
    make_root_key_file(folder / "root.key")
    public_keys_folder(folder / "keys")
    where = {
        "root_key_file": folder / "root.key",
        "public_keys": folder / "keys",
        "objects_url": f"file://{folder}/objects",
        "town": TOWN,
        "smtp_host": "127.0.0.1",
        "sender_sockets": folder / "sockets",
        "search_files": folder / "search",
        "portal_url": "https://portail.mairie.example",
        "desk_url": "https://agents.mairie.example",
        **{f"{name}_key": SECRET for name in ("registry", "sector", "thread", "reference", "ledger")},
    }
    with patch.dict(os.environ, {f"GUICHET_{name.upper()}": str(value) for name, value in where.items()}):
        return {
            "case-router": case_router.app.build_app(read_settings(CaseRouterSettings)),
            "notifier": notifier.app.build_app(read_settings(NotifierSettings)),
            "gdpr-worker": gdpr_worker.app.build_app(read_settings(GdprWorkerSettings)),
            "search-indexer": search_indexer.app.build_app(read_settings(SearchIndexerSettings)),
        }


@dataclass
class Wired:
    """Pairs of a topic's name and a service."""

    produce: set[tuple[str, str]] = field(default_factory=set)
    dead_letter: set[tuple[str, str]] = field(default_factory=set)
    broadcast: set[tuple[str, str]] = field(default_factory=set)
    groups: set[tuple[str, str]] = field(default_factory=set)


def wired(workers: dict[str, Worker]) -> Wired:
    """Return who writes and reads what."""
    found = Wired()
    for service, start in ROOTS.items():
        for file in reached_files(start):
            _take_in(found, service, ast.parse(file.read_text()))
    for worker in workers.values():
        found.groups |= {(topic.name, read.group) for read in worker._reads for topic in read.topics}
    return found


# The calls by which something comes onto a topic or off it, the topic first; what an edge cannot read it puts aside.
_PRODUCE = {"Publication", "accept", "receive", "relay", "run_host"}
_DEAD_LETTER = {"receive", "relay", "dead_letter", "run_host"}
_BROADCAST = {"follow"}


def _take_in(found: Wired, service: str, tree: ast.Module) -> None:
    for called, topic in _calls_with_a_topic(tree):
        if called == "run_host" and _brings_reports(topic):
            found.produce.add((DELIVERY_REPORTS.name, service))
            found.dead_letter.add((DELIVERY_REPORTS.name, service))
        if called in _PRODUCE:
            found.produce.add((topic.name, service))
        if called in _DEAD_LETTER:
            found.dead_letter.add((topic.name, service))
        if called in _BROADCAST:
            found.broadcast.add((topic.name, service))


def _brings_reports(topic: Topic[Any]) -> bool:
    """Whether a channel that comes in on this topic also brings its provider's reports."""
    names = [name for name, facts in installed_facts().items() if facts.topic == topic.name]
    ways_in = [each for provider in providers_of(names) for each in provider.inbound]
    return any(each.carries == "reports" if isinstance(each, Webhook) else each.brings_reports for each in ways_in)


def _calls_with_a_topic(tree: ast.Module) -> Iterator[tuple[str, Topic[Any]]]:
    """`f(TOPIC, …)`, `partial(f, TOPIC, …)` and `run_host("service", TOPIC, …)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called, arguments = _name(node.func), node.args
            if called == "partial" and len(arguments) > 1:
                called, arguments = _name(arguments[0]), arguments[1:]
            if called == "run_host":
                arguments = arguments[1:]
            topic = getattr(registry, _name(arguments[0]), None) if arguments else None
            if isinstance(topic, Topic):
                yield called, topic


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def reached_files(start: Path) -> set[Path]:
    """Return the files of a package that `start` imports, by whatever way."""
    package, reached, waiting = start.parent, set[Path](), [start]
    while waiting:
        file = waiting.pop()
        if file not in reached:
            reached.add(file)
            waiting += _imported(package, ast.parse(file.read_text()))
    return reached


def _imported(package: Path, tree: ast.Module) -> Iterator[Path]:
    for dotted in _dotted_names(tree):
        if dotted.startswith(f"{package.name}.") and dotted.replace(".", "").isidentifier():
            file = package.parent / f"{dotted.replace('.', '/')}.py"
            if file.is_file():
                yield file


def _dotted_names(tree: ast.Module) -> Iterator[str]:
    """What is imported, and strings like "package.module:name", by which a command is loaded when it is asked for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.partition(":")[0]
