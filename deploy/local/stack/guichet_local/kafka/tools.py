"""Kafka's own command-line tools: a judge that shares no code with us. Tests compare what we say with what they say."""

import shutil
from pathlib import Path
from typing import Final

from guichet_local.errors import NoNetworkError
from guichet_local.kafka.installation import VERSION, KafkaInstallation, trust_the_system
from guichet_local.kafka.pinned_jars import TOOLS, require_tools_jar
from guichet_local.machine.cache_lock import one_at_a_time

COORDINATE: Final = f"org.apache.kafka:kafka-tools:{VERSION}"
CONSUMER_GROUPS: Final = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"


def describe_group_command(
    installation: KafkaInstallation, bootstrap_servers: str, group: str, signs_in: Path | None = None
) -> list[str]:
    """Return the command line that prints where a group stands. The tools' jar is fetched first where it is not there.

    signs_in: the administrator's properties.

    Raises NoNetworkError, UntrustedJarError.
    """
    tools = fetch_tools(installation.folder)
    arguments = ["--bootstrap-server", bootstrap_servers, "--describe", "--group", group]
    if signs_in is not None:
        arguments += ["--command-config", str(signs_in)]
    command = installation.command(CONSUMER_GROUPS, *arguments, aot=())
    command[command.index("-cp") + 1] += f":{tools}"
    return command


def fetch_tools(folder: Path) -> Path:
    """Return the one jar that the broker does without; it stays out of the broker's class path."""
    jar = folder / TOOLS
    if not jar.exists():
        with one_at_a_time(folder.parent):
            _fetch(jar)
    require_tools_jar(jar)
    return jar


def _fetch(jar: Path) -> None:
    import requests  # noqa: PLC0415 - jgo's; only the first run pays for these imports
    from jgo.maven import MavenContext  # noqa: PLC0415

    trust_the_system()
    try:
        found = MavenContext(repo_cache=jar.parent / "maven").create_dependency(COORDINATE).artifact.resolve()
    except (requests.RequestException, RuntimeError) as exc:
        raise NoNetworkError(
            f"{COORDINATE} could not be fetched from Maven Central. The first run of these tests needs the network; "
            f"run the same command again once it is there. ({type(exc).__name__})"
        ) from exc
    partial = jar.with_suffix(".partial")
    shutil.copy2(found, partial)
    partial.rename(jar)
    shutil.rmtree(jar.parent / "maven")


def lags_in(report: str) -> dict[tuple[str, int], int]:
    """Read the report: (topic, partition) → LAG. Pure. A partition without a committed offset shows `-`: left out."""
    lines = [line.split() for line in report.splitlines() if line.strip()]
    head = next((line for line in lines if line[:3] == ["GROUP", "TOPIC", "PARTITION"]), None)
    if head is None:
        return {}
    lag = head.index("LAG")
    rows = lines[lines.index(head) + 1 :]
    return {(row[1], int(row[2])): int(row[lag]) for row in rows if len(row) > lag and row[lag].isdigit()}
