"""The envelope a message came in (RFC 5321), kept apart from what the message says of itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Envelope:
    """`mail_from` is `""` for the null reverse-path and None where the way in has none (IMAP without Return-Path).

    `peer` is the IP address of whoever brought it to a door of ours (`unix` by a Unix socket), empty by other ways.
    """

    mail_from: str | None
    rcpt_to: tuple[str, ...]
    peer: str = ""

    @property
    def has_null_reverse_path(self) -> bool:
        """Whether the message must never be answered by a machine (RFC 5321 §4.5.5)."""
        return self.mail_from == ""
