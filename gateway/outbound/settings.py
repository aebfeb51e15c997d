"""How mail leaves, as the operator decided. Filled by `config`; knows no file."""

from dataclasses import dataclass, field
from enum import StrEnum


class Tls(StrEnum):
    """How the connection to the smarthost is encrypted."""

    STARTTLS = "starttls"  # RFC 3207, usually port 587
    IMPLICIT = "implicit"  # RFC 8314 §3, usually port 465
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmarthostSettings:
    """The server that takes our mail. Without `user` nobody logs in; `hostname` is what we greet with."""

    host: str
    port: int = 587
    tls: Tls = Tls.STARTTLS
    tls_ca: str = ""  # a file of certificates to trust instead of the system's
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: int = 60
    hostname: str = ""


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How patient delivery is. `capture` is the Maildir for mail when there is no smarthost; empty: the daemon chooses.

    A mail that is put off is tried again after `first_retry_seconds`, then after ever longer.
    """

    capture: str = ""
    give_up_after_hours: int = 96  # RFC 5321 §4.5.4.1: at least 4 to 5 days
    attachments_size: int = 15 * 2**20  # octets of files that go along with one mail
    first_retry_seconds: int = 60
