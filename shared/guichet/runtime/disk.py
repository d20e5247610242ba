"""Durability on a local disk: a written file survives a power cut only once it, and its name, were flushed."""

import os
from os import fsync
from pathlib import Path


class FlushError(OSError):
    """The disk may not hold what was written, whatever the reason: what is read of it may be in memory alone."""


def flush(descriptor: int) -> None:
    """Return once the disk holds what was written there. Blocks for milliseconds. Raises FlushError."""
    try:
        fsync(descriptor)
    except OSError as exc:
        raise FlushError(exc.errno, exc.strerror) from exc


def flush_to_disk(path: Path) -> None:
    """Return once the disk holds this file's bytes, or this folder's names. Raises OSError, FlushError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        flush(descriptor)
    finally:
        os.close(descriptor)
