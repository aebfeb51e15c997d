"""The envelope a message came in (RFC 5321), kept apart from what the message says of itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Envelope:
    """`mail_from` is `""` for the null reverse-path and None where the way in has none (IMAP without Return-Path)."""

    mail_from: str | None
    rcpt_to: tuple[str, ...]

    @property
    def has_null_reverse_path(self) -> bool:
        """Whether the message must never be answered by a machine (RFC 5321 §4.5.5)."""
        return self.mail_from == ""
