"""Percentiles by nearest rank: always a value that was measured, never one in between."""

import math
from collections.abc import Sequence

SHARES = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "max": 1.0}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of `values` do not exceed.

    Raises ValueError without values.
    """
    if not values:
        raise ValueError("no values, no percentile")
    rank = max(1, math.ceil(share * len(values)))
    return sorted(values)[rank - 1]


def spread(values: Sequence[float]) -> dict[str, float]:
    """`values` as p50, p95, p99 and max."""
    return {name: percentile(values, share) for name, share in SHARES.items()}
