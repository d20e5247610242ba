"""Durability on a local disk: a written file survives a power cut only once it, and its name, were flushed."""

import os
from pathlib import Path


def flush_to_disk(path: Path) -> None:
    """Return once the disk holds this file's bytes, or this folder's names. Blocks for milliseconds. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
