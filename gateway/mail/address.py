"""Addresses: a name and a mailbox, compared, split at `+` and written safely. Whole headers are `mailboxes`'s duty."""

import re
import string
from dataclasses import dataclass
from email.utils import formataddr

_LOCAL_OCTETS = 64  # RFC 5321 §4.5.3.1.1
_ADDRESS_OCTETS = 254  # RFC 5321 §4.5.3.1.3
_UNSAFE = re.compile(r"[\s\x00-\x20\x7f-\x9f\ud800-\udfff<>()\[\]\\,;:\"]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name (may be empty) and an address (RFC 5322 §3.4 calls the pair a mailbox)."""

    name: str
    address: str

    def __str__(self) -> str:
        name = _CONTROLS.sub(" ", self.name).strip()
        return formataddr((name, self.address), charset="utf-8") if self.address.isascii() else self.address


def normalise(address: str) -> str:
    """The form in which addresses are compared and stored: stripped, both sides of `@` case-folded."""
    return address.strip(f"<>{string.whitespace}").casefold()


def is_valid(address: str) -> bool:
    """Whether mail can be sent to `address`: one `@`, sane lengths, no space, control, quote or list character."""
    local, at, domain = address.rpartition("@")
    return bool(
        at
        and local
        and domain
        and "@" not in local
        and not _UNSAFE.search(address)
        and not domain.startswith((".", "-"))
        and not domain.endswith((".", "-"))
        and ".." not in domain
        and len(local.encode()) <= _LOCAL_OCTETS
        and len(address.encode()) <= _ADDRESS_OCTETS
    )


def domain_of(address: str) -> str:
    """The case-folded part after the last `@`, or an empty string."""
    return normalise(address).rpartition("@")[2] if "@" in address else ""


def without_detail(address: str) -> str:
    """`support+abc@example.com` -> `support@example.com`, normalised (RFC 5233 calls `abc` the detail)."""
    local, at, domain = normalise(address).rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def detail_of(address: str) -> str:
    """`support+abc@example.com` -> `abc`, normalised; empty when there is none."""
    return normalise(address).rpartition("@")[0].partition("+")[2]


def with_detail(address: str, detail: str) -> str:
    """`support@example.com`, `abc` -> `support+abc@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{detail}@{domain}"
