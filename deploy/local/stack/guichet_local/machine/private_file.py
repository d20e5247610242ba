"""Write what is secret to a file that its owner alone may read."""

import os
from pathlib import Path


def write_private(file: Path, text: str) -> None:
    """Replace a file in one step, so that a crash leaves the old or the new; mode 0600 from its first byte."""
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    partial.rename(file)
