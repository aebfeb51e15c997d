"""flufl.bounce asked whom a delivery report is about, where our own reading found nobody. Never says what is a report.

Of the library only its detectors are used, one by one: its own loop prints the traceback of whatever a detector minds.
"""

import email
from collections.abc import Iterable, Iterator

from gateway.mail.address import is_valid, normalise

_MOST_OCTETS = 100_000  # of the report; the addresses stand near its top
_MOST_LINES = 1_500  # each detector tries its expressions on each
_LONGEST_LINE = 5_000  # the detectors' expressions were not written for longer ones
_MOST = 100
_NOT_ASKED = frozenset({"LLNL"})  # takes any address between two commas for a failed one


def addresses(raw: bytes, ours: frozenset[str]) -> tuple[str, ...]:
    """The addresses that failed for good, in order of the alphabet, never one of `ours` (normalised).

    Nothing where the library is not installed. Never raises and prints nothing.
    """
    try:
        from flufl.bounce import _scan
    except ImportError:
        return ()
    lines = raw[:_MOST_OCTETS].split(b"\n")[:_MOST_LINES]
    if any(len(line) > _LONGEST_LINE for line in lines):
        return ()
    asked = (detector for detector in _scan._DETECTORS if detector.__name__ not in _NOT_ASKED)  # noqa: SLF001 its loop
    found = sorted(address.decode("ascii") for address in _first_find(b"\n".join(lines), asked) if address.isascii())
    return tuple(each for each in found if is_valid(each) and normalise(each) not in ours)[:_MOST]


def _first_find(raw: bytes, detectors: Iterable[type]) -> frozenset[bytes]:
    """What the first detector that recognises the report calls failed; nothing where that is only delayed."""
    for temporary, permanent in _opinions(raw, detectors):
        if temporary or permanent:
            return permanent
    return frozenset()


def _opinions(raw: bytes, detectors: Iterable[type]) -> Iterator[tuple[frozenset[bytes], frozenset[bytes]]]:
    message = email.message_from_bytes(raw)
    for detector in detectors:
        try:
            yield detector().process(message)
        except Exception:  # noqa: BLE001 a library's reading of a stranger's octets; IndexError and others were seen
            yield frozenset(), frozenset()
