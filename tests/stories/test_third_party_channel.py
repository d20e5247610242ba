"""A channel that is not part of Guichet, from its developer's empty folder to a citizen's erasure, under any name.

Its developer types what docs/adding-a-channel.md says. It has an ingest host, a sender and users of its own, and plays
its provider in the sandbox; nothing of Guichet is changed for it.
"""

import asyncio
import hashlib
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from citizen_sandbox.play.entry import Direction, Entry
from guichet.town.own_accounts import own_accounts
from guichet.town.third_parties import third_parties
from guichet_cli.channels.scaffold.run import run_tests
from guichet_local.machine.paths import REPOSITORY, TOWN
from guichet_testing.stolen_copy.copy import databases
from guichet_testing.stolen_copy.opener import CopyOpener, root_keys_in
from guichet_testing.stolen_copy.owners import items_of
from guichet_testing.stolen_copy.sealed_items import Item, items_in_collection, items_in_records
from guichet_testing.stolen_copy.segments import records_in
from guichet_testing.town.commands import run_guichet
from guichet_testing.town.desk_client import DeskClient, signed_in
from guichet_testing.town.developer import Developed, any_name, develop, enable
from guichet_testing.town.people import NGOC
from guichet_testing.town.town import ERASES_SOON, Town, town_in
from guichet_testing.until import until
from guichet_topology.services import Service
from guichet_topology.third_parties import services_with

pytestmark = [pytest.mark.story, pytest.mark.real, pytest.mark.timeout(300)]

MOST_LINES: Final = 60
NEEDED: Final = {"citizen-sandbox", "case-router", "notifier", "sender-mail", "gdpr-worker", "agent-desk"}
REFERENCE: Final = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
HOLE, LAMP, PATH, SNOW = (  # each of another citizen
    "Nid-de-poule rue des Lilas",
    "Lampadaire éteint place du Marché",
    "Trottoir défoncé quai des Brumes",
    "Déneigement de la côte Saint-Jean",
)


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


@pytest.fixture
async def desk(town: Town) -> AsyncIterator[DeskClient]:
    async with signed_in(town.stack, "karim.haddad") as desk:
        yield desk


def services_of(town: Path) -> list[Service]:
    services = services_with([*own_accounts(town), *third_parties(town)])
    return [each for each in services if each.name in NEEDED or each.is_third_party]


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


async def written(town: Town, channel: Developed, citizen: str, text: str) -> Entry:
    """Have a citizen write; return what was sent once its receipt is there."""
    [sent] = await town.sandbox.send_by(channel.name, citizen, text)
    assert (sent.state, sent.answer) == ("accepted", "HTTP 200")
    await town.sandbox.wait_for(channel.name, citizen)
    return sent


async def opened(desk: DeskClient, words: str) -> str:
    """Return the path of a case, once the desk shows it."""
    return await until(lambda: desk.case_of(words), f"the desk shows {words}")


async def shows(desk: DeskClient, case: str, words: str) -> None:
    async def is_shown() -> bool:
        return words in (await desk.read(case))[1]

    await until(is_shown, f"the case shows {words!r}")


async def test_a_citizen_writes_and_gets_a_receipt(town: Town, channel: Developed, desk: DeskClient) -> None:
    await written(town, channel, "amina-benali", HOLE)
    [receipt] = await received(town, "amina-benali")
    reference = REFERENCE.search(receipt.text)
    assert reference is not None
    assert (await opened(desk, HOLE)).endswith(reference[0])
    [payload] = await town.sandbox.payloads(channel.name)
    assert (payload["state"], payload["received"]) == ("accepted", receipt.id)  # beside the tile, for its developer
    assert payload["message_id"] in {each["_id"] for each in town.documents("messages")}


async def test_an_operator_is_told_that_its_host_listens_and_its_provider_takes_letters(
    town: Town, channel: Developed
) -> None:
    done = await asyncio.to_thread(run_guichet, town.stack, "channels", "check", channel.name)
    said = done.stdout
    assert re.search(r"answers \(405 at /release, where letters go\)$", said, re.MULTILINE), said + done.stderr
    assert re.search(r"messages: a host of this channel listens on http://127\.0\.0\.1:\d+$", said, re.MULTILINE), said


async def test_an_agent_s_answer_arrives(town: Town, channel: Developed, desk: DeskClient) -> None:
    await written(town, channel, "thomas-lefevre", LAMP)
    await desk.send(await opened(desk, LAMP), "reponse", text="Nos agents passent mardi.")
    await town.sandbox.wait_for(channel.name, "thomas-lefevre", containing="Nos agents passent mardi.")


async def test_a_correction_and_a_second_message_join_the_case_without_a_receipt(
    town: Town, channel: Developed, desk: DeskClient
) -> None:
    first = await written(town, channel, "jeanne-marchand", PATH)
    await town.sandbox.send_by(channel.name, "jeanne-marchand", "Trottoir défoncé quai des Brunes", edits=first)
    await town.sandbox.send_by(channel.name, "jeanne-marchand", "Une poussette n’y passe plus.")
    case = await opened(desk, PATH)
    for words in ("Ce message corrige un message précédent", "quai des Brunes", "Une poussette n’y passe plus."):
        await shows(desk, case, words)
    await until(town.all_is_handled, "everything is handled")
    assert len(await received(town, "jeanne-marchand")) == 1


async def test_an_address_that_is_nobody_s_any_more_is_told_of_in_the_channel_s_words(
    town: Town, channel: Developed, desk: DeskClient
) -> None:
    await written(town, channel, NGOC.sandbox, SNOW)
    await town.sandbox.misbehave(f"{channel.name}-unreachable")
    case = await opened(desk, SNOW)
    await desk.send(case, "reponse", text="La saleuse passe à six heures.")
    await shows(desk, case, "Échec de l’envoi\xa0: ce pigeonnier n’existe pas")


async def test_an_erasure_leaves_nothing_of_her_and_everything_of_the_others(
    town: Town, channel: Developed, desk: DeskClient
) -> None:
    await until(town.all_is_handled, "everything is handled")
    address = (await town.sandbox.entries(NGOC.sandbox, channel=channel.name))[0].address
    data, vault = databases(town.stack.mongodb_admin_uri)
    sealed = sealed_in(town, data)
    before = CopyOpener([vault], root_keys_in(town.stack.folder)).open(sealed)
    assert before.keys() == {*sealed}
    hers = items_of((*NGOC.words, address), before, data["messages"], data["drafts"])
    assert {item.place for item in hers} >= {"citizens", "identifiers", "cases", "messages", "inbound-third-party"}

    request = await town.ask_for_erasure(await town.citizen_at(address), 1)
    await until(lambda: [entry.finished for entry in town.ledger([request])] == [True], "its certificate is written")
    _, living = databases(town.stack.mongodb_admin_uri)
    after = CopyOpener([vault, living], root_keys_in(town.stack.folder)).open(sealed)
    assert after.keys() == before.keys() - hers
    assert await desk.case_of(SNOW) is None
    assert await desk.case_of(LAMP) is not None


def sealed_in(town: Town, data: Mapping[str, list[dict[str, Any]]]) -> list[Item]:
    """Return all that is sealed in the store and on the topics."""
    stored = (item for name, documents in data.items() for item in items_in_collection(name, documents))
    return [*stored, *items_in_records(records_in(town.stack.folder / "kafka" / "data"))]


async def received(town: Town, citizen: str) -> list[Entry]:
    return await town.sandbox.entries(citizen, direction=Direction.RECEIVED)


def test_nothing_of_guichet_is_changed_but_the_town_s_list_of_channels(
    town: Town, channel: Developed, of_guichet: Mapping[Path, str], town_files: Path
) -> None:
    assert {path: digest for path, digest in contents(REPOSITORY).items() if path in of_guichet} == of_guichet
    before = {path.relative_to(TOWN): digest for path, digest in of_guichet.items() if path.is_relative_to(TOWN)}
    now = {path.relative_to(town_files): digest for path, digest in contents(town_files).items()}
    assert {str(path) for path, digest in now.items() if before.get(path, digest) != digest} == {"channels.yaml"}
    assert {str(path) for path in now.keys() - before.keys()} == {f"channels/{channel.name}.yaml"}
