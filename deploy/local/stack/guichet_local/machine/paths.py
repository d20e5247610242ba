"""Where things lie in the repository."""

from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[5]
LOCAL: Final = REPOSITORY / ".local"
CACHE: Final = LOCAL / "cache"  # fetched once; shared by `make run` and the tests
TOWN: Final = REPOSITORY / "deploy" / "local" / "town"
