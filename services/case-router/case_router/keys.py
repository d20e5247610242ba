"""The secrets of the router, in one value that the composition root fills."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RouterKeys:
    """HMAC keys, 32 bytes each. They make ids; none of them opens anything."""

    registry: bytes = field(repr=False)  # identifiers
    sector: bytes = field(repr=False)  # a sector's own citizen ids
    thread: bytes = field(repr=False)  # anchors and participants
    reference: bytes = field(repr=False)  # signed reply addresses
    follow: bytes = field(repr=False)  # follow links
    follow_lookup: bytes = field(repr=False)  # what a case stores of its link
