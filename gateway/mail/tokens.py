"""Signed tokens: short strings that only this installation can make, carried in addresses, Message-IDs and bodies.

A token is `purpose(1) code(8) mac(16) serial(0..10)`, all of `[a-z2-9]`, so it survives lower-casing, fits a local part
beside a queue's name (RFC 5321 §4.5.3.1.1: 64 octets) and needs no quoting. The MAC is HMAC-SHA-256 cut to 80 bits
(RFC 2104 §5); compared in constant time; any key of the ring verifies, the first one signs.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

CODE_LENGTH = 8
_MAC_LENGTH = 16
SERIAL_LENGTH = 10
LONGEST = 1 + CODE_LENGTH + _MAC_LENGTH + SERIAL_LENGTH
_SHAPE = re.compile(rf"([a-z])([a-z2-9]{{{CODE_LENGTH}}})([a-z2-7]{{{_MAC_LENGTH}}})([a-z2-9]{{0,{SERIAL_LENGTH}}})")


class Purpose(StrEnum):
    """What a token lets its bearer do; one purpose's token is worthless for another."""

    FOLLOW_UP = "c"  # a customer adds to the ticket
    AGENT = "a"  # an agent answers; bound to that agent
    RATING = "s"  # rate the ticket with the digit in the serial
    CONFIRM = "y"  # yes, it is solved
    REFUSE = "n"  # no, it is not
    BOUNCE = "b"  # variable envelope return path; the serial is the outbox row
    MESSAGE = "m"  # our own Message-ID; the serial is the outbox row, empty for the ticket's root


@dataclass(frozen=True, slots=True)
class Keyring:
    """Secret keys, the current one first; older ones still verify, so rotation breaks no open conversation."""

    keys: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"Keyring({len(self.keys)} keys)"


@dataclass(frozen=True, slots=True)
class Token:
    """What a verified token says: `code` is the ticket's reference without prefix and dashes, lower-cased."""

    purpose: Purpose
    code: str
    serial: str = ""


def _mac(key: bytes, purpose: str, code: str, serial: str, bearer: str) -> str:
    said = f"token\x1f{purpose}\x1f{code}\x1f{serial}\x1f{bearer}".encode()
    return base64.b32encode(hmac.digest(key, said, hashlib.sha256)[:10]).decode().lower()


def sign(ring: Keyring, token: Token, bearer: str = "") -> str:
    """The token as text. `bearer` binds it to somebody who must be named again to verify it."""
    if len(token.code) != CODE_LENGTH or len(token.serial) > SERIAL_LENGTH:
        raise ValueError(f"no such code or serial: {token}")
    mac = _mac(ring.keys[0], token.purpose, token.code, token.serial, bearer)
    return f"{token.purpose}{token.code}{mac}{token.serial}"


def verify(ring: Keyring, text: str, bearer: str = "") -> Token | None:
    """What `text` says if one of our keys signed it for `bearer`, else None. Letter case does not matter."""
    found = _SHAPE.fullmatch(text.strip().lower())
    if found is None or found[1] not in set(Purpose):
        return None
    letter, code, mac, serial = found.groups()
    signed = [hmac.compare_digest(_mac(key, letter, code, serial, bearer), mac) for key in ring.keys]
    return Token(Purpose(letter), code, serial) if any(signed) else None


def shape(text: str) -> Token | None:
    """What `text` claims to be, unverified: for finding whose token it might be before verifying it for him."""
    found = _SHAPE.fullmatch(text.strip().lower())
    if found is None or found[1] not in set(Purpose):
        return None
    return Token(Purpose(found[1]), found[2], found[4])


def serial_of(number: int) -> str:
    """A row number as lower-case base 32 of `[a-z2-7]`, as tokens carry it."""
    digits = ""
    while True:
        number, rest = divmod(number, 32)
        digits = "abcdefghijklmnopqrstuvwxyz234567"[rest] + digits
        if not number:
            return digits


def number_of(serial: str) -> int | None:
    """The inverse of `serial_of`; None for anything it never writes."""
    number = 0
    for letter in serial:
        digit = "abcdefghijklmnopqrstuvwxyz234567".find(letter)
        if digit < 0:
            return None
        number = number * 32 + digit
    return number if serial and serial_of(number) == serial else None
