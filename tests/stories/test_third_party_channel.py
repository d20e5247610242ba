"""A channel that is not part of Guichet, from its developer's empty folder to a citizen's erasure, under any name.

Its developer types what docs/adding-a-channel.md says. It has an ingest host, a sender and users of its own, and plays
its provider in the sandbox; nothing of Guichet is changed for it.
"""

import hashlib
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from guichet.town.third_parties import third_parties
from guichet_cli.channels.scaffold.run import run_tests
from guichet_local.machine.paths import REPOSITORY, TOWN
from guichet_testing.town.developer import Developed, any_name, develop, enable
from guichet_testing.town.town import ERASES_SOON, Town, town_in
from guichet_topology.services import Service
from guichet_topology.third_parties import services_with

pytestmark = [pytest.mark.story, pytest.mark.real, pytest.mark.timeout(300)]

MOST_LINES: Final = 60
NEEDED: Final = {"citizen-sandbox", "case-router", "notifier", "sender-mail", "gdpr-worker", "agent-desk"}
REFERENCE: Final = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
HOLE: Final = "Nid-de-poule rue des Lilas"


@pytest.fixture(scope="module")
def of_guichet() -> Mapping[Path, str]:
    """What the repository holds before anybody begins."""
    return contents(REPOSITORY)


@pytest.fixture(scope="module")
def channel(of_guichet: Mapping[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Developed:
    return develop(any_name(), tmp_path_factory.mktemp("developer") / "repository")


@pytest.fixture(autouse=True)
def told(request: pytest.FixtureRequest, channel: Developed) -> None:
    """A test that fails says what the channel was called."""
    request.node.add_report_section("setup", "channel", channel.name)


@pytest.fixture(scope="module")
def town_files(channel: Developed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example town, with the channel."""
    return shutil.copytree(TOWN, tmp_path_factory.mktemp("guichet") / "town", ignore=shutil.ignore_patterns("tests"))


@pytest.fixture(scope="module")
async def town(channel: Developed, town_files: Path) -> AsyncIterator[Town]:
    folder = town_files.parent / "stack"
    enable(channel, town_files, folder / "channels")
    settings = {"GUICHET_TOWN": str(town_files), **channel.variables, **ERASES_SOON}
    async with town_in(folder, settings=settings, services=services_of(town_files)) as town:
        yield town


def services_of(town: Path) -> list[Service]:
    return [each for each in services_with(third_parties(town)) if each.name in NEEDED or each.is_third_party]


def contents(folder: Path) -> dict[Path, str]:
    """Return what each file says, as a digest; without what is hidden or compiled."""
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files_of(folder)}


def files_of(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name == "__pycache__":
            continue
        if path.is_dir():
            yield from files_of(path)
        else:
            yield path


def test_its_developer_types_few_lines_and_its_own_suite_passes(channel: Developed) -> None:
    assert len(channel.typed) <= MOST_LINES, "\n".join(channel.typed)
    assert run_tests(channel.folder)


async def test_a_citizen_writes_and_gets_a_receipt(town: Town, channel: Developed) -> None:
    [sent] = await town.sandbox.send_by(channel.name, "amina-benali", HOLE)
    assert (sent.state, sent.answer) == ("accepted", "HTTP 200")
    receipt = await town.sandbox.wait_for(channel.name, "amina-benali")
    assert REFERENCE.search(receipt.text)


def test_nothing_of_guichet_is_changed_but_the_town_s_list_of_channels(
    town: Town, channel: Developed, of_guichet: Mapping[Path, str], town_files: Path
) -> None:
    assert {path: digest for path, digest in contents(REPOSITORY).items() if path in of_guichet} == of_guichet
    before = {path.relative_to(TOWN): digest for path, digest in of_guichet.items() if path.is_relative_to(TOWN)}
    now = {path.relative_to(town_files): digest for path, digest in contents(town_files).items()}
    assert {str(path) for path, digest in now.items() if before.get(path, digest) != digest} == {"channels.yaml"}
    assert {str(path) for path in now.keys() - before.keys()} == {f"channels/{channel.name}.yaml"}
