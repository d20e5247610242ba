"""Give every test the real servers (fixtures kafka_server, mongo_server, mongo_database)."""

import gc
import os
import sys
from collections import defaultdict
from collections.abc import Collection, Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from guichet_local.stack import LocalStack
    from guichet_testing.town.third_parties import ThirdParties

# CI judges a commit, so it plays the same examples each time; elsewhere every run looks at new ones. No example has a
# deadline: on a busy machine a sound one takes seconds, and speed is measured by benchmarks.
settings.register_profile("ci", derandomize=True, print_blob=True, deadline=None)
settings.register_profile("new-examples", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "new-examples")

# Fixtures of the whole run: a Guichet, its servers alone, or a town with channels of other packages.
SHARED = {"guichet", "servers", "third_parties"}

# What takes longest, in the order of its start: what keeps the machine busy and what mostly waits, in turn.
# A group is a file, or all that share one of SHARED.
LONGEST = (
    "tests/faults/test_short_run.py",
    "tests/query_plans/test_query_plans.py",
    "guichet",
    "shared/tests/kafka/consume/test_process.py",
    "tests/erasure/test_erasure.py",
    "third_parties",
    "services/agent-desk/tests/test_in_browser.py",
    "tests/rights/test_every_route.py",
    "deploy/cli/tests/town_export/test_export_and_import.py",
    "tests/canary/test_nothing_personal_is_legible.py",
    "deploy/cli/tests/backup/test_backup_and_restore.py",
    "tests/attacks/stolen_copy/test_sectors_cannot_be_joined.py",
    "servers",
    "confirmed town",
    "tests/upgrade/test_upgrade.py",
    "tests/stories/test_third_party_channel.py",
    "tests/replay/test_replay.py",
    "shared/channels/mail/tests/test_conformance.py",
    "services/agent-desk/tests/rights/test_stories_in_browser.py",
    "deploy/cli/tests/channels/test_new.py",
    "deploy/local/stack/tests/test_stack.py",
    "shared/channels/twilio/tests/test_catch_up_process.py",
    "tests/faults/test_interrupted.py",
    "tests/attacks/desk/test_second_factor.py",
    "tests/attacks/mail/test_forged_headers.py",
    "tests/attacks/mail/test_hostile_mail.py",
    "scale",
    "tests/replay/test_any_order.py",
    "tests/week/test_moved_clock.py",
    "tests/attacks/desk/test_a_former_agent.py",
    "services/notifier/tests/test_process.py",
    "services/gdpr-worker/tests/test_erasure_process.py",
    "tests/faults/test_a_week_off.py",
    "shared/tests/vault/rotation/test_rotate_in_any_order.py",
    "shared/channels/mail/tests/receive/imap/test_on_dovecot.py",
    "services/ingest-email/tests/test_mailboxes.py",
    "tests/attacks/citizens/test_receipt_bomb.py",
    "tests/replay/test_commands_in_any_order.py",
    "tests/attacks/desk/test_identity_provider.py",
    "services/search-indexer/tests/test_process.py",
    "shared/tests/mongo/test_ended.py",
    "shared/tests/mongo/test_failover.py",
    "suspended mail",
    "tests/mailboxes/test_short_run.py",
    "tests/attacks/bus/test_another_accounts_dead_letters.py",
    "services/agent-desk/tests/staff/test_administration_in_browser.py",
    "services/notifier/tests/entry/test_slow_relay.py",
    "services/agent-desk/tests/suspended/test_suspended_in_browser.py",
    "tests/faults/test_parts.py",
    "deploy/cli/tests/test_channels.py",
    "services/gdpr-worker/tests/entry/test_two_readings.py",
    "deploy/cli/tests/test_errands.py",
    "shared/tests/vault/copy/test_follow.py",
    "services/ops-console/tests/test_in_browser.py",
    "services/ops-console/tests/test_on_real_kafka.py",
    "tests/attacks/desk/test_signing_in.py",
    "tests/architecture/pages/test_glossary.py",
    "tests/stories/test_town_relay.py",
    "shared/channels/mail/tests/receive/imap/odd/test_odd_servers.py",
    "deploy/local/stack/tests/commands/test_run.py",
    "tests/attacks/bus/test_another_channels_message.py",
    "services/citizen-portal/tests/test_in_browser.py",
    "shared/channels/mail/tests/receive/imap/odd/test_hostile_servers.py",
    "services/agent-desk/tests/sign_in/openid/test_real_provider.py",
    "shared/tests/kafka/consume/test_worker_real.py",
    "shared/tests/data_subject/test_erase.py",
    "deploy/local/stack/tests/test_mongod.py",
    "shared/testing/tests/test_plugin.py",
    "services/agent-desk/tests/test_process.py",
    "deploy/cli/tests/agents/test_agents.py",
    "deploy/local/stack/tests/kafka/test_kafka.py",
    "deploy/local/stack/tests/test_bootstrap.py",
    "tests/attacks/bus/test_listening_on_the_wire.py",
    "tests/canary/test_search.py",
    "shared/channels/telegram/tests/test_process.py",
    "shared/channels/mail/tests/receive/imap/test_tokens_on_dovecot.py",
    "shared/channels/mail/tests/read/test_tree.py",
    "shared/channels/mail/tests/read/test_hostile_mail.py",
    "tests/upgrade/test_killed_migrations.py",
    "shared/tests/kafka/produce/test_publisher.py",
)

pytest_plugins = ["guichet_testing.real.plugin"]

# httpx tries to import it at every request, to learn whether trio runs: where it is not, each try looks through the
# whole path, a third of a millisecond. None: it is known not to be there.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]


@pytest.fixture(scope="session", autouse=True)
def _quick_starts() -> Iterator[None]:
    """Start supervisord, the services and the commands of a town under test as forks of what has imported them."""
    from guichet_local.processes import run_steps, supervisor  # noqa: PLC0415  some processes of a run need none of it
    from guichet_testing.town import quick_starts  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supervisor, "SUPERVISORD", quick_starts.__name__)
        patch.setattr(supervisor, "ServerProcess", quick_starts.QuickProcess)
        patch.setattr(run_steps, "RUN", quick_starts.run_command)
        yield


@pytest.fixture(scope="session")
def guichet(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[LocalStack]":
    """Everything, started once for all stories and attacks, on ports and data of its own."""
    from guichet_local.stack import LocalStack  # noqa: PLC0415  few tests ask

    with LocalStack(tmp_path_factory.mktemp("guichet")) as stack:
        yield stack


@pytest.fixture(scope="session")
def third_parties(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[ThirdParties]":
    """A town with channels of other packages, good and bad, for the attacks that they play in."""
    from guichet_testing.town.third_parties import start_third_parties  # noqa: PLC0415  few tests ask

    town = start_third_parties(tmp_path_factory.mktemp("third-parties"))
    yield town
    town.down()


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as little as Argon2 may, where what a guess costs is not the claim."""
    from guichet_testing.builders.quick_passwords import hashed_quickly  # noqa: PLC0415  few tests ask

    for name, quick in hashed_quickly().items():
        monkeypatch.setattr(f"guichet.privacy.passwords.{name}", quick)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what is imported and collected, now and during the tests: it stays to the end.

    Measured for each process of a run: a second and a half of CPU, of twelve. During the tests it is looked for more
    seldom than after every 700 objects: a desk over twins is some 50,000, and a test of one costs a twelfth less.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)
        gc.enable()


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one process, and all that share one running Guichet.

    A test that needs none stays with those of its file that do: what its module shares is closed after its last test,
    and must still find the servers. What takes longest comes first: no process is left alone with it at the end.
    """
    of_file: dict[Path, set[str]] = defaultdict(set)
    for item in items:
        of_file[item.path] |= SHARED.intersection(getattr(item, "fixturenames", ()))
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            file = item.path.relative_to(item.config.rootpath).as_posix()
            item.add_marker(pytest.mark.xdist_group(_group_among(item, of_file[item.path]) or file))
    items.sort(key=lambda item: _place(_group_of(item)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Stop what a group shared after its last test: ten services that wait take a tenth of a core from the others."""
    yield
    if nextitem is None or _group_of(nextitem) != _group_of(item):
        for stack in (getattr(item, "funcargs", {}).get(name) for name in SHARED):
            if stack is not None:
                stack.down()


def _group_among(item: pytest.Item, of_file: Collection[str]) -> str | None:
    """Return what its group shares, by the test's own needs or else its file's; None where nobody there does."""
    own = SHARED.intersection(getattr(item, "fixturenames", ()))
    return min(own or of_file, default=None)


def _group_of(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    assert marker is not None  # each was given one when it was collected
    return str(marker.args[0])


def _place(group: str) -> int:
    return LONGEST.index(group) if group in LONGEST else len(LONGEST)
