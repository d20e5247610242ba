"""Which MongoDB servers Guichet works on: of a series that is still mended, from a patch that closed known holes. Pure.

Raise a line when MongoDB mends something that reaches us; take one out when its series ends.
Patches: https://www.mongodb.com/docs/manual/release-notes/, https://www.mongodb.com/resources/products/alerts
Ends of series: https://www.mongodb.com/legal/support-policy/lifecycles
"""

import re
from collections.abc import Mapping
from typing import Final

LEAST_PATCH: Final[Mapping[tuple[int, int], int]] = {
    # CVE-2026-9740: who has not signed in stops the server. CVE-2026-6914 since 7.0.32 and 8.0.21; CVE-2025-14847 (who
    # has not signed in reads its memory) since 7.0.28 and 8.0.17. 8.2 ended in July 2026, 6.0 and older before.
    (7, 0): 35,  # ends August 2027
    (8, 0): 24,  # ends October 2029
    (8, 3): 3,
}
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)(?=$|-)")


def is_patched(version: str) -> bool:
    """Say whether a server of this version is taken: from its series' least patch on, and any series that came later.

    version: as `buildInfo` tells it, e.g. "8.0.24" or "8.0.24-ent". What is no version is not taken.
    """
    read = _VERSION.match(version)
    if read is None:
        return False
    major, minor, patch = map(int, read.groups())
    least = LEAST_PATCH.get((major, minor))
    return patch >= least if least is not None else (major, minor) > max(LEAST_PATCH)


def least_versions() -> str:
    """Return the lowest versions that are taken, as an operator reads them."""
    return ", ".join(f"{major}.{minor}.{patch}" for (major, minor), patch in LEAST_PATCH.items())
