"""How far the fault tests go: a bounded quick part with all other tests, the whole of it under `./dev faults`."""

import os
from typing import TypeVar

T = TypeVar("T")

IS_LONG = os.environ.get("GATEWAY_FAULTS") == "long"
MINUTES = float(os.environ.get("GATEWAY_FAULTS_MINUTES") or 10)
"""About how long a long run may take where its length is free: random moments, seeds."""


def of(quick: T, long: T) -> T:
    """The number (or anything else) that this run takes."""
    return long if IS_LONG else quick
