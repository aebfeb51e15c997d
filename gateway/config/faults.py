"""Collects what is wrong with a configuration, so that everything is said at once. It looks for nothing itself."""

from gateway.config.source import Key, Source
from gateway.errors import ConfigError


class Faults:
    """The faults found in one source, in two rounds: in each key by itself, then in how keys fit together."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: dict[Key, list[str]] = {}
        self._settled: frozenset[Key] = frozenset()

    def add(self, key: Key, what: str, write: str) -> None:
        """Notes that `key` is wrong: `what` follows its name, `write` says what to do instead."""
        if key not in self._settled:
            self._found.setdefault(key, []).append(f"{what}; {write}")

    def settle(self) -> None:
        """Ends the first round: what would now be said of a key that is wrong already only follows from that."""
        self._settled = frozenset(self._found)

    def has(self, *keys: Key) -> bool:
        """Whether any of these keys, or a table around one, is known to be wrong."""
        return any(key[:length] in self._found for key in keys for length in range(1, len(key) + 1))

    @property
    def lines(self) -> tuple[str, ...]:
        """`FILE:LINE: dotted.key: what is wrong; what to write`, in the order of the file."""
        said = ((key, text) for key, texts in self._found.items() for text in dict.fromkeys(texts))
        placed = sorted((self._source.line_of(key), dotted(key), text) for key, text in said)
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
