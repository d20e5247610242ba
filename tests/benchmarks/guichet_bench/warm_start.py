"""What `make run` does, on a folder and free ports of its own: python -m guichet_bench.warm_start FOLDER

Says when everything is ready, then ends all of it.
"""

import sys
from pathlib import Path
from typing import Final

from guichet_local.commands.terminal import READY
from guichet_local.stack import LocalStack

FOLDER: Final = 1


def main() -> None:
    """Start, say so, stop."""
    with LocalStack(Path(sys.argv[FOLDER])):
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
