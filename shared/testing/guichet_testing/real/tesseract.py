"""The Tesseract of the tests, with French: this machine's, or what deploy/bootstrap.sh unpacked. Nothing is fetched."""

import shutil
from pathlib import Path
from typing import Final

from guichet_local.machine.paths import LOCAL

UNPACKED: Final = LOCAL / "tesseract"  # by deploy/bootstrap.sh ocr


def find_tesseract() -> Path | None:
    """Return the program, or None where there is none."""
    unpacked, found = UNPACKED / "usr" / "bin" / "tesseract", shutil.which("/usr/bin/tesseract")
    return unpacked if unpacked.exists() else Path(found) if found else None
