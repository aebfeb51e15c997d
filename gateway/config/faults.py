"""Collects what is wrong with a configuration, so that the operator hears of everything at once. It looks for nothing."""

from gateway.config.source import Key, Source
from gateway.errors import ConfigError


class Faults:
    """The faults found in one source; the first one told of a key stands, for what follows from it misleads."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: dict[Key, str] = {}

    def add(self, key: Key, what: str, write: str) -> None:
        """Notes that `key` is wrong: `what` follows its name, `write` says what to do instead."""
        self._found.setdefault(key, f"{what}; {write}")

    def has(self, *keys: Key) -> bool:
        """Whether any of these keys, or a table around one, is known to be wrong."""
        return any(key[:length] in self._found for key in keys for length in range(1, len(key) + 1))

    @property
    def lines(self) -> tuple[str, ...]:
        """`FILE:LINE: dotted.key: what is wrong; what to write`, in the order of the file."""
        placed = sorted((self._source.line_of(key), dotted(key), text) for key, text in self._found.items())
        return tuple(f"{self._source.path}:{line}: {name}: {text}" for line, name, text in placed)

    def check(self) -> None:
        """Nothing, if nothing is wrong.

        Raises:
            ConfigError: with every fault.
        """
        if self._found:
            raise ConfigError(self.lines)


def dotted(key: Key) -> str:
    """`("queue", 0, "address")` -> `queue.address`; the line tells which of several is meant."""
    return ".".join(part for part in key if isinstance(part, str))
