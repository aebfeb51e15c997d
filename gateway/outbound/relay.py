"""What delivery hands mail to, and what it says to each recipient. Two relays exist: the smarthost and the capture."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.errors import GatewayError, TemporaryError

MayGo = Callable[[], bool]
"""Whether a mail's content may go out. It takes its time the first time it is asked: best while a server reads."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said (RFC 5321 §4.2): `text` on one line, enhanced status code and all."""

    code: int
    text: str
    is_about_sender: bool = False  # it says nothing of the recipient

    @classmethod
    def of(cls, said: tuple[int, bytes]) -> "Reply":
        """A code and words as they came."""
        return cls(said[0], tidy(said[1]))

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()

    @property
    def is_accepted(self) -> bool:
        """Whether the server answers for the mail from now on."""
        return 200 <= self.code < 300

    @property
    def is_permanent(self) -> bool:
        """Whether asking again will not help."""
        return 500 <= self.code < 600


class RelayDownError(TemporaryError):
    """The relay takes no mail at all just now, or will not have us: whatever waits for it need not be tried."""


class WithdrawnError(GatewayError):
    """The mail was not let go after all: nothing of its content was handed over."""


class Relay(Protocol):
    """Takes mail over."""

    def send(self, mail_from: str, recipients: Sequence[str], raw: bytes, may_go: MayGo) -> Mapping[str, Reply]:
        """What was said for each of `recipients`; nobody else is served.

        A mail is accepted by the answer to its content (RFC 5321 §4.1.1.4), never before `may_go` has said yes.

        Raises:
            RelayDownError: nothing was handed over, and no other mail would be.
            TemporaryError: this mail was cut off before the server had answered for it.
            WithdrawnError: `may_go` said no.
        """
        ...

    def close_idle(self) -> None:
        """Ends what has been open unused for some time."""
        ...

    def close(self) -> None:
        """Ends what is open."""
        ...

    def cut(self) -> None:
        """Breaks off whatever a `send` in another thread is at, for good: there will be no other."""
        ...


def tidy(said: bytes | str) -> str:
    """What a server said on one printable line of bounded length."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())[:500]
