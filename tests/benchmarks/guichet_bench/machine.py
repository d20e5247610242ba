"""What the figures were measured on."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from guichet_local.kafka.installation import VERSION as KAFKA_VERSION

LIBRARIES = ("aiokafka", "motor", "faust-streaming", "fastapi", "pydantic", "cryptography")


def describe_machine() -> list[str]:
    """Return lines of Markdown: date, machine, versions."""
    memory_gib = psutil.virtual_memory().total / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load before {os.getloadavg()[0]:.1f}",
        f"- {_processor()}, {os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()} {platform.release()}",
        f"- Python {platform.python_version()}, Apache Kafka {KAFKA_VERSION}, {libraries}",
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
