"""The real servers and the real browser for tests: one of each per test run, started by the first test that asks.

Free ports, own temporary folders, stopped at the end and on Ctrl-C.
"""

import os
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

from guichet_local.kafka.aot_cache import make_aot_cache
from guichet_local.kafka.installation import KafkaInstallation, install_kafka
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine import ports
from guichet_local.machine.paths import CACHE
from guichet_local.mongod.server import MongoServer
from guichet_local.mongod.sign_in import OLD_SERVER
from guichet_testing.real.clamd import find_clamd, running_clamd
from guichet_testing.real.memory import in_memory
from guichet_testing.real.servers import running_kafka, running_mongod

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from guichet.mongo.client import Database
    from guichet_testing.real.dovecot import Dovecot
    from guichet_testing.real.oauth import TokenEndpoint
    from guichet_testing.real.verapdf import VeraPdf

SHARES: Final = 8  # as many processes of a run have ports of their own


def pytest_configure() -> None:
    """Let every process that a test starts work on the tests' own mongod, which is end of life, as the stack does.

    And hear SIGINT in the background too: a shell starts its background jobs deaf to it, and they hand that on. Tests
    that press Ctrl-C on a process of theirs would wait for ever.
    """
    os.environ.setdefault(OLD_SERVER, "accepted")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if process := os.environ.get("PYTEST_XDIST_WORKER"):
        nth = int(os.environ["PYTEST_XDIST_TESTRUNUID"], 16) + int(process.removeprefix("gw"))
        ports.LOWEST, ports.HIGHEST = share_of_ports(nth)


def share_of_ports(nth: int) -> tuple[int, int]:
    """Return the lowest and the highest port that the nth process of a run may choose.

    Of two that choose from the same ports, one takes that of the other's service while this is stopped.
    """
    size = (ports.HIGHEST - ports.LOWEST) // SHARES
    lowest = ports.LOWEST + nth % SHARES * size
    return lowest, lowest + size


@pytest.fixture(scope="session")
def kafka_installation() -> KafkaInstallation:
    """Kafka's jars and Java, fetched once per machine."""
    installation = install_kafka(CACHE)
    make_aot_cache(installation)
    return installation


@pytest.fixture(scope="session")
def kafka_server(
    kafka_installation: KafkaInstallation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KafkaServer]:
    """The test run's broker; `.bootstrap_servers` says where. Use topic names of your own."""
    with running_kafka(tmp_path_factory.mktemp("kafka"), kafka_installation) as server:
        yield server


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """The test run's mongod; `.uri` says where."""
    with in_memory(otherwise=tmp_path_factory.mktemp("mongod")) as folder, running_mongod(folder) as server:
        yield server


@pytest.fixture
def mongo_database(mongo_server: MongoServer) -> Iterator[str]:
    """The name of a fresh database. It is dropped after the test, and so is every `<name>_…` beside it."""
    name = f"test_{secrets.token_hex(6)}"
    yield name
    mongo_server.drop_databases(name)


@pytest.fixture(scope="session")
async def prepared_once(mongo_server: MongoServer) -> "AsyncIterator[Database]":
    """The store that `prepared_database` lends."""
    from guichet_testing.real.prepared import prepared_store  # noqa: PLC0415  not every run asks

    async with prepared_store(mongo_server.uri, f"test_{secrets.token_hex(6)}") as database:
        yield database


@pytest.fixture
async def prepared_database(prepared_once: "Database") -> "AsyncIterator[Database]":
    """An empty store as `guichet prepare` leaves it; leave its indexes as they are, or prepare `mongo_database`."""
    from guichet_testing.real.prepared import empty  # noqa: PLC0415

    yield prepared_once
    await empty(prepared_once)


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a real ClamAV daemon that knows EICAR's file. Without one the test is skipped, in CI it fails."""
    binary = find_clamd()
    if binary is None:
        do_without("no ClamAV daemon: deploy/bootstrap.sh antivirus")
    with running_clamd(binary, tmp_path_factory.mktemp("clamd")) as socket:
        yield socket


@pytest.fixture
def dovecot(started_dovecot: "Dovecot") -> "Iterator[Dovecot]":
    """The test run's Dovecot, which runs and has no users: add your own. Kill it as you like."""
    started_dovecot.start()
    yield started_dovecot
    started_dovecot.forget_users()


@pytest.fixture(scope="session")
def dovecot_is_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Without a Dovecot that runs, the test that asks is skipped, in CI it fails. Run one of your own."""
    from guichet_testing.real.dovecot import why_no_dovecot  # noqa: PLC0415  few tests ask

    if reason := why_no_dovecot(tmp_path_factory.mktemp("dovecot")):
        do_without(reason)


@pytest.fixture(scope="session")
def started_dovecot(dovecot_is_there: None, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Dovecot]":  # noqa: ARG001
    """The Dovecot, started by the first test that asks."""
    from guichet_testing.real.dovecot import running_dovecot  # noqa: PLC0415  few tests ask

    with in_memory(otherwise=tmp_path_factory.mktemp("dovecot")) as folder, running_dovecot(folder) as server:
        yield server


@pytest.fixture
def token_endpoint(dovecot: "Dovecot") -> "Iterator[TokenEndpoint]":
    """An OAuth token endpoint over TLS, whose tokens open mailboxes of `dovecot`: say whose by its `user`."""
    from guichet_testing.real.oauth import TokenEndpoint, serving_tokens  # noqa: PLC0415  few tests ask

    with serving_tokens(TokenEndpoint(dovecot.tokens, authority=dovecot.authority), dovecot.certificate) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def postfix_is_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Without a Postfix that runs, the test that asks is skipped, in CI it fails. Run one of your own."""
    from guichet_testing.real.postfix import why_no_postfix  # noqa: PLC0415  few tests ask

    if reason := why_no_postfix(tmp_path_factory.mktemp("postfix")):
        do_without(reason)


@pytest.fixture(scope="session")
def node() -> Path:
    """What runs the real identity provider. Without it, or the provider, the test is skipped, in CI it fails."""
    from guichet_testing.real.openid_provider.server import find_node  # noqa: PLC0415  few tests ask

    found = find_node()
    if found is None:
        do_without("no identity provider: make openid")
    return found


@pytest.fixture(scope="session")
def verapdf() -> "VeraPdf":
    """The judge of PDF/A, fetched once per machine. Where it cannot be, the test is skipped, in CI it fails."""
    from guichet_local.errors import NoNetworkError, UnsupportedMachineError  # noqa: PLC0415  few tests ask
    from guichet_testing.real.verapdf import install_verapdf  # noqa: PLC0415

    try:
        return install_verapdf()
    except (NoNetworkError, UnsupportedMachineError) as exc:
        do_without(str(exc))


@pytest.fixture
async def chromium(started_chromium: "Browser") -> "AsyncIterator[Browser]":
    """The test run's browser; open pages of your own. Those left open are closed: a page that lives asks on and on."""
    yield started_chromium
    for context in started_chromium.contexts:
        await context.close()


@pytest.fixture(scope="session")
async def started_chromium() -> "AsyncIterator[Browser]":
    """The browser, started by the first test that asks. Without one the test is skipped, in CI it fails."""
    from guichet_testing.real.chromium import find_chromium, open_chromium  # noqa: PLC0415  half a second, and few tests ask

    path = find_chromium()
    if path is None:
        do_without("no Chromium: sudo apt-get install chromium")
    async with open_chromium(path) as browser:
        yield browser


def do_without(reason: str) -> NoReturn:
    """Skip a test whose server or tool is not to be had; in CI it fails."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
