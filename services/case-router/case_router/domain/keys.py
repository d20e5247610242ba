"""The secrets of the router, in one value that the composition root fills."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RouterKeys:
    """HMAC keys, 32 bytes each. They make ids; of what is sealed they open claims on anchors alone."""

    registry: bytes = field(repr=False)  # identifiers; what a claim is found by at an erasure
    sector: bytes = field(repr=False)  # a sector's own citizen ids
    thread: bytes = field(repr=False)  # anchors, participants; opens claims
    reference: bytes = field(repr=False)  # signed reply addresses
