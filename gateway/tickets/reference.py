"""The reference that customers see, `SUP-7K2M-9XQ4`: hard to guess, safe to read out, and keyed so typos are noticed.

Six random letters and two that only our secret key can add, of an alphabet without 0/O, 1/I/L. A code is only given out
when no single wrong letter and no swap of neighbours yields another valid code.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from gateway.mail.tokens import CODE_LENGTH, Keyring

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CHECK = 2
_RANDOM = CODE_LENGTH - _CHECK
_LONGEST_SUBJECT = 2000
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212_"


@dataclass(frozen=True, slots=True)
class Prefixes:
    """The prefix we write, and those that open conversations may still carry."""

    current: str
    older: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        """All of them, the current one first."""
        return (self.current, *self.older)


def new(prefix: str, ring: Keyring, choose: Callable[[str], str]) -> str:
    """A new reference; `choose` picks one letter of the string it is given at random."""
    while True:
        code = "".join(choose(ALPHABET) for _ in range(_RANDOM))
        code += _check(ring.keys[0], code)
        if not any(_is_signed_by(ring.keys[0], near) for near in _neighbours(code)):
            return written(prefix, code)


def written(prefix: str, code: str) -> str:
    """`SUP`, `7k2m9xq4` -> `SUP-7K2M-9XQ4`."""
    return f"{prefix}-{code[:4]}-{code[4:]}".upper()


def found_in(text: str, prefixes: Prefixes, ring: Keyring) -> tuple[str, ...]:
    """The codes (lower-cased) of our references in a subject, last first, whatever became of brackets and dashes.

    A tag whose check letters no key of ours made is another system's or a typo, and is not returned.
    """
    pattern = _pattern(prefixes)
    text = unicodedata.normalize("NFKC", text[:_LONGEST_SUBJECT])
    codes = [(match["one"] + match["two"]).upper() for match in pattern.finditer(text)]
    ours = [code.lower() for code in reversed(codes) if any(_is_signed_by(key, code) for key in ring.keys)]
    return tuple(dict.fromkeys(ours))


def stripped(subject: str, prefixes: Prefixes) -> str:
    """The subject without any tag of our form, so that a new ticket does not carry an old reference on."""
    bare = re.sub(rf"\[?\s*{_pattern(prefixes).pattern}\s*\]?", " ", subject, flags=re.IGNORECASE)
    return " ".join(bare.split())


def _pattern(prefixes: Prefixes) -> re.Pattern[str]:
    names = "|".join(re.escape(prefix) for prefix in prefixes.every)
    four, dash = f"[{ALPHABET}]{{4}}", f"[ ]?[{_DASHES}]?[ ]?"
    shape = rf"(?<![A-Z0-9])(?:{names}){dash}(?P<one>{four}){dash}(?P<two>{four})(?![A-Z0-9])"
    return re.compile(shape, re.IGNORECASE)


def _check(key: bytes, code: str) -> str:
    digest = hashlib.blake2s(f"reference:{code}".encode(), key=key[:32], digest_size=4).digest()
    first, second = divmod(int.from_bytes(digest) % len(ALPHABET) ** _CHECK, len(ALPHABET))
    return ALPHABET[first] + ALPHABET[second]


def _is_signed_by(key: bytes, code: str) -> bool:
    return hmac.compare_digest(_check(key, code[:_RANDOM]), code[_RANDOM:])


def _neighbours(code: str) -> list[str]:
    swapped = [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1) if code[i] != code[i + 1]]
    typed = [code[:i] + letter + code[i + 1 :] for i in range(len(code)) for letter in ALPHABET if letter != code[i]]
    return swapped + typed
