"""Signed tokens: short strings that only this installation can make, carried in addresses, Message-IDs and bodies.

A token is `purpose(1) code(8) mac(16) serial(0..10)`, all of `[a-z2-9]`, so it survives lower-casing, fits a local part
beside a queue's name (RFC 5321 §4.5.3.1.1: 64 octets) and needs no quoting. The MAC is HMAC-SHA-256 cut to 80 bits
(RFC 2104 §5); compared in constant time; any key of the ring verifies, the first one signs.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

CODE_LENGTH = 8
_MAC_LENGTH = 16
SERIAL_LENGTH = 10
_MARK_LENGTH = 3  # of 32 letters: what is given again has the same one once in 32,768 times
_LARGEST_ROW = 2**31 - 1
_SHORTEST = 1 + CODE_LENGTH + _MAC_LENGTH
LONGEST = 1 + CODE_LENGTH + _MAC_LENGTH + SERIAL_LENGTH
_SHAPE = re.compile(rf"([a-z])([a-z2-9]{{{CODE_LENGTH}}})([a-z2-7]{{{_MAC_LENGTH}}})([a-z2-9]{{0,{SERIAL_LENGTH}}})")

_IN_TEXT = re.compile(
    r"(?:(\+|%2b)|(?<![a-z0-9])|(?<=[%=][0-9a-f]{2}))"
    rf"([a-z][a-z2-9]{{{CODE_LENGTH}}}[a-z2-7]{{{_MAC_LENGTH}}}[a-z2-9]{{0,{SERIAL_LENGTH}}})(?![a-z0-9])(?=(@|%40)?)",
    re.IGNORECASE,
)
_MOST_VERIFIED = 2_000  # in texts looked through together; where more look like tokens, all are taken for some


class Purpose(StrEnum):
    """What a token lets its bearer do; one purpose's token is worthless for another."""

    FOLLOW_UP = "c"  # a customer adds to the ticket
    AGENT = "a"  # an agent answers; bound to that agent, the serial is the ticket's mark
    RATING = "s"  # rate the ticket with the digit in the serial
    PAGE = "w"  # see the page of the survey that was sent at the instant of which the serial is the mark
    FORM = "f"  # send that page's form; bound to the link by which it was opened
    CONFIRM = "y"  # yes, it is solved
    REFUSE = "n"  # no, it is not
    BOUNCE = "b"  # variable envelope return path; the serial is the outbox row's
    MESSAGE = "m"  # our own Message-ID; the serial is the outbox row's, empty for the ticket's root


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


def without(text: str, ring: Keyring, bearers: Collection[str], known: dict[str, bool] | None = None) -> str:
    """`text` without our tokens, whichever of the `bearers` they are for: whoever reads it could use them.

    An address stays as what it is without its detail; elsewhere three dots stand for the token. `known` goes from text
    to text of one mail, and tells which words are tokens: what they look like may cost once what it costs.
    """
    if max(map(len, text.split()), default=0) < _SHORTEST:
        return text  # what most texts are; to look through the words takes a tenth of the time
    found_out = {} if known is None else known

    def is_ours(word: str) -> bool:
        if word not in found_out and len(found_out) < _MOST_VERIFIED:
            found_out[word] = any(verify(ring, word, each) for each in ("", *bearers))
        return found_out.get(word, True)

    def blank(found: re.Match[str]) -> str:
        plus, word, at = found.groups()
        if not is_ours(word.lower()):
            return found[0]
        return "" if plus and at else f"{plus or ''}..."

    return _IN_TEXT.sub(blank, text)


def mark_of(made_at: datetime) -> str:
    """What tokens carry of the instant at which the row they speak of was made.

    A database that is put back from a copy gives out numbers, and by a rare chance codes, that are in mail which is
    out already; instants it does not.
    """
    digest = hashlib.sha256(made_at.astimezone(UTC).isoformat().encode()).digest()
    return base64.b32encode(digest).decode().lower()[:_MARK_LENGTH]


def row_serial(number: int, made_at: datetime) -> str:
    """What tokens carry of an outbox row: a mark, and its number."""
    return mark_of(made_at) + serial_of(number)


def row_numbers(serial: str) -> tuple[int, ...]:
    """The rows that a serial may be of: one with a mark, one as they were before there was any."""
    found = (number_of(serial[_MARK_LENGTH:]), number_of(serial))
    return tuple(number for number in found if number is not None and number <= _LARGEST_ROW)


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
