"""Kafka is the very jars that this repository names: what a mirror, a cache or a thief gives instead is refused.

`jars.sha256` beside this file is in the format of `sha256sum`.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from guichet_local.errors import UntrustedJarError

PINS: Final = Path(__file__).with_name("jars.sha256")
TOOLS: Final = "kafka-tools.jar"  # in the table; the broker does without


def read_pins(text: str) -> dict[str, str]:
    """Return the SHA-256 of each jar by its file name."""
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {name: digest for digest, name in filter(None, lines)}


def require_broker_jars(folder: Path) -> None:
    """Return if a folder holds the broker's jars, each of them and no other. Raises UntrustedJarError."""
    wanted = {name: digest for name, digest in read_pins(PINS.read_text()).items() if name != TOOLS}
    _require(wanted, {jar.name: _sha256(jar) for jar in folder.glob("*.jar")}, folder)


def require_tools_jar(jar: Path) -> None:
    """Return if this is the jar of Kafka's tools. Raises UntrustedJarError."""
    _require({TOOLS: read_pins(PINS.read_text())[TOOLS]}, {TOOLS: _sha256(jar)}, jar.parent)


def _require(wanted: Mapping[str, str], found: Mapping[str, str], folder: Path) -> None:
    """Complain of jars that are missing, that nobody asked for, or whose bytes are others."""
    if wrong := sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name)):
        raise UntrustedJarError(
            f"{', '.join(wrong[:3])}{' …' if len(wrong) > 3 else ''} in {folder}: not the bytes that {PINS.name} names,"
            " so Kafka is not started. Delete that folder and run the same command again; if it says so again, the"
            " network between here and Maven Central gives you something else."
        )


def _sha256(jar: Path) -> str:
    with jar.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
