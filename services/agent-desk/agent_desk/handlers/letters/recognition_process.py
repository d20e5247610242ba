"""The process that becomes Tesseract: it takes its limits upon itself first, and they last.

Started as `python -m agent_desk.handlers.letters.recognition_process PROGRAM`. A picture of a page is our own drawing,
but what it shows a stranger wrote.
"""

import os
import sys
from collections.abc import Mapping
from typing import Final

from guichet.runtime.limited.confinement import limit_program
from guichet.runtime.prctl import give_up_privileges

MEMORY_BYTES: Final = 1024 * 1024 * 1024  # of addresses; a page at 170 dpi takes some 250 MiB
CPU_S: Final = 25  # a page takes some three seconds
FILES: Final = 32  # open at once
UNPACKED: Final = "/usr/bin/tesseract"  # what a package of Debian's is, also in a folder where it was unpacked
_ARGUMENTS: Final = ("stdin", "stdout", "-l", "fra", "--dpi", "170")


def main() -> None:
    """Become the program. Ends with an error where there is none."""
    program = sys.argv[1]
    give_up_privileges()
    limit_program(MEMORY_BYTES, CPU_S, FILES)
    os.execve(program, [program, *_ARGUMENTS], environment(program))  # noqa: S606  no shell reads this


def environment(program: str) -> Mapping[str, str]:
    """Return what it takes to start: libraries and French of the same place, one thread, nothing that is a secret."""
    root = program.removesuffix(UNPACKED) if program.endswith(UNPACKED) else ""
    libraries = f"{root}/usr/lib/{os.uname().machine}-linux-gnu"
    own = (
        {"LD_LIBRARY_PATH": libraries, "TESSDATA_PREFIX": f"{root}/usr/share/tesseract-ocr/5/tessdata"} if root else {}
    )
    return {"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin", **own}


if __name__ == "__main__":
    main()
