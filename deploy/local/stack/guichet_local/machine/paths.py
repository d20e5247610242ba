"""Where things lie in the repository, and in a stack's folder."""

from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[5]
LOCAL: Final = REPOSITORY / ".local"
CACHE: Final = LOCAL / "cache"  # fetched once; shared by `make run` and the tests
TOWN: Final = REPOSITORY / "deploy" / "local" / "town"
CHANNELS: Final = "channels"  # in a stack's folder: packages of channels that are not part of Guichet
CLOCK: Final = "clock"  # in a stack's folder: a test or a person may move the time of every process at once
