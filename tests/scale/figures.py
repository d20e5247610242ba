"""What a part of a run found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from guichet_bench.rows import Row, at_most

ANSWERED_WITHIN: Final = at_most(100)  # ms at p95, whatever an agent does


@dataclass(frozen=True)
class Figures:
    """timed: by what was done, how many ms each took."""

    rows: Sequence[Row] = ()
    timed: Mapping[str, Sequence[float]] = field(default_factory=dict)
