"""What an operator may say about listeners and mailboxes. Values are checked where the configuration is read."""

from dataclasses import dataclass, field
from enum import StrEnum

_MIB = 1024 * 1024


class Protocol(StrEnum):
    """What a listener speaks."""

    SMTP = "smtp"
    LMTP = "lmtp"


class Tls(StrEnum):
    """How a connection to a mail server is protected."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


class After(StrEnum):
    """What happens to a mail on the server once it is stored here."""

    FLAG = "flag"
    MOVE = "move"
    DELETE = "delete"


class FirstVisit(StrEnum):
    """Which of the mail that lies in a folder already is taken in when it is looked at for the first time."""

    ALL = "all"
    WAITING = "waiting"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """One door for SMTP or LMTP.

    `socket` is the path of a Unix socket, taken in place of `host` and `port`; port 0 lets the kernel choose one.
    `hostname` is what the greeting says. STARTTLS is offered when there is a certificate; `tls_key` may be empty when
    the certificate's file holds it. `message_size` is in octets. `timeout_seconds` bounds the wait for a command, and
    the transfer of one mail with its commit.
    """

    protocol: Protocol = Protocol.SMTP
    host: str = "127.0.0.1"
    port: int = 8025
    socket: str = ""
    hostname: str = "localhost"
    tls_certificate: str = ""
    tls_key: str = ""
    require_tls: bool = False
    message_size: int = 25 * _MIB
    recipients: int = 100
    connections: int = 200
    connections_per_peer: int = 20
    timeout_seconds: float = 300


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """One folder of one IMAP account.

    `address` stands in as envelope recipient, for IMAP hands over no envelope. `tls_ca` is a file of certificates to
    trust in place of the system's. `first_visit` says which mail is taken in of that which lies there before we ever
    looked; the rest is left for good. `flag` is the keyword set on stored mail when `after` is flag, `processed_folder`
    where it goes when `after` is move. `poll_seconds` is the pause between looks where the server has no IDLE or `idle`
    is off; `idle_seconds` how long IDLE lasts before the line is tried. A server that says nothing for
    `timeout_seconds`, when it should, is taken for dead. Every `compare_seconds` what lies in these folders is compared
    with the ledger. A mail larger than `message_size` octets is not downloaded: its header is stored with a word about
    it.
    """

    name: str
    host: str
    user: str
    password: str = field(repr=False)
    address: str
    port: int = 993
    tls: Tls = Tls.IMPLICIT
    tls_ca: str = ""
    folder: str = "INBOX"
    first_visit: FirstVisit = FirstVisit.WAITING
    after: After = After.FLAG
    flag: str = "$Ticketed"
    processed_folder: str = "Processed"
    poll_seconds: float = 60
    compare_seconds: float = 3600
    idle: bool = True
    idle_seconds: float = 300  # RFC 2177 allows 29 minutes; routers forget silent connections sooner
    timeout_seconds: float = 60
    message_size: int = 25 * _MIB
