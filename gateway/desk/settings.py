"""What the operator may set about reading mail."""

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """Bounds for the process that reads mail: a mail that keeps it busy longer or needs more is held for a person."""

    mail_seconds: float = 30  # of a processor
    memory_size: int = 2048 * _MIB  # octets of address space
