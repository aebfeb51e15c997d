"""What an operator may say about one node among several: its name and which of the work it does."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A part of the work that a node may do."""

    SMTP = "smtp"
    IMAP = "imap"
    TRIAGE = "triage"
    DELIVER = "deliver"
    CLOCK = "clock"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """`name` is for people and for telling apart several nodes of one machine; empty, it is the machine's."""

    name: str = ""
    roles: tuple[Role, ...] = tuple(Role)
