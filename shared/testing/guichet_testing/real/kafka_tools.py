"""Kafka's own command-line tools: a judge that shares no code with us. Tests compare what we say with what they say."""

from pathlib import Path
from typing import Final

from guichet_local.kafka.installation import KafkaInstallation
from guichet_local.kafka.tools import fetch_tools

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


def lags_in(report: str) -> dict[tuple[str, int], int]:
    """Read the report: (topic, partition) → LAG. Pure. A partition without a committed offset shows `-`: left out."""
    lines = [line.split() for line in report.splitlines() if line.strip()]
    head = next((line for line in lines if line[:3] == ["GROUP", "TOPIC", "PARTITION"]), None)
    if head is None:
        return {}
    lag = head.index("LAG")
    rows = lines[lines.index(head) + 1 :]
    return {(row[1], int(row[2])): int(row[lag]) for row in rows if len(row) > lag and row[lag].isdigit()}
