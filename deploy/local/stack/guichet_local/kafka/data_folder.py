"""A broker's data folder, formatted: what Kafka's own tool writes, kept from its first run, for it takes a second."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

from guichet_local.errors import StartFailedError
from guichet_local.kafka.installation import KafkaInstallation
from guichet_local.kafka.random_id import new_id

META: Final = "meta.properties"
FEATURES: Final = "bootstrap.checkpoint"  # the first records of its metadata: this Kafka's features, whoever runs it


def format_data_folder(
    data: Path, node_id: int, cluster_id: str, properties: Path, installation: KafkaInstallation
) -> None:
    """Format the folder of one node of a cluster, unless it is. properties: the node's. Raises StartFailedError."""
    if (data / META).exists():
        return
    kept = installation.folder / FEATURES
    if not kept.exists():
        _have_formatted(cluster_id, properties, installation)
        with suppress(OSError):  # an installation that only root may write to goes without
            _put(kept, (data / FEATURES).read_bytes())
        return
    data.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept, data / FEATURES)
    meta = {"cluster.id": cluster_id, "directory.id": new_id(), "node.id": node_id, "version": 1}
    text = "".join(f"{name}={value}\n" for name, value in meta.items())
    _put(data / META, text.encode())  # last: it says that all is there


def _have_formatted(cluster_id: str, properties: Path, installation: KafkaInstallation) -> None:
    arguments = ("format", "-t", cluster_id, "-c", str(properties))
    command = installation.command("kafka.tools.StorageTool", *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StartFailedError(f"Kafka's data folder: {(done.stderr or done.stdout).strip()}")


def _put(path: Path, content: bytes) -> None:
    """Write a file whole, or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
