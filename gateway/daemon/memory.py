"""Lets the memory of large mail go back to the system at once. Where the C library is another, nothing is done."""

import ctypes
from contextlib import suppress

_LARGE = 1024 * 1024  # octets
_M_MMAP_THRESHOLD = -3


def give_back_large_blocks() -> None:
    """Blocks of a mebibyte and more are asked of the system one by one, and given back when freed (mallopt(3)).

    Left alone, glibc learns from the first large mail to keep them, and half of the memory ends as holes.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
