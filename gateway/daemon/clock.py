"""The clocks that everybody else is handed. The only place, with `cli`, where the time of day is read."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def wall() -> datetime:
    """The time of day: leases and retries run by it."""
    return datetime.now(UTC)  # noqa: TID251 - here, so that it is nowhere else


@dataclass(frozen=True, slots=True)
class Clock:
    """The desk's clock, by which tickets age, and the wall's, by which the machine works. In service they agree."""

    now: Callable[[], datetime] = wall
    wall: Callable[[], datetime] = wall


@dataclass(slots=True)
class SwiftClock:
    """A clock that runs `speed` times faster than the wall's; its speed can be changed while it runs."""

    speed: float = 1.0
    _shown: datetime = field(default_factory=wall)
    _since: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """What it shows."""
        return self._shown + timedelta(seconds=(time.monotonic() - self._since) * self.speed)

    def leap_to(self, instant: datetime) -> None:
        """Shows `instant` at once; it never goes back."""
        self._shown, self._since = max(self.now(), instant), time.monotonic()

    def run_at(self, speed: float) -> None:
        """Goes on from what it shows, at another speed."""
        self._shown, self._since, self.speed = self.now(), time.monotonic(), speed
