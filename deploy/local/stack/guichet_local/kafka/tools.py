"""Kafka's own command-line tools: the one jar of them that the broker does without. Tests ask them."""

import shutil
from pathlib import Path
from typing import Final

from guichet_local.errors import NoNetworkError
from guichet_local.kafka.installation import VERSION, trust_the_system
from guichet_local.kafka.pinned_jars import TOOLS, require_tools_jar
from guichet_local.machine.locks import one_at_a_time

COORDINATE: Final = f"org.apache.kafka:kafka-tools:{VERSION}"


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
