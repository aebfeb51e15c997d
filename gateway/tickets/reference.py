"""The reference that customers see, `SUP-7K2M-9XQ4`: hard to guess, safe to read out, and keyed so typos are noticed.

Six random letters and two that only our secret key can add, of an alphabet without 0/O, 1/I/L. A code is only given out
when no single wrong letter and no swap of neighbours yields another valid code.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Container
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
        if not any(_is_ours(ring, near) for near in _neighbours(code)):
            return written(prefix, code)


def written(prefix: str, code: str) -> str:
    """`SUP`, `7k2m9xq4` -> `SUP-7K2M-9XQ4`."""
    return f"{prefix}-{code[:4]}-{code[4:]}".upper()


def found_in(text: str, prefixes: Prefixes, ring: Keyring) -> tuple[str, ...]:
    """The codes (lower-cased) of our references in a subject, last first, whatever became of brackets and dashes.

    A tag whose check letters no key of ours made is another system's or a typo, and is not returned.
    """
    pattern = _pattern(prefixes)
    line = " ".join(unicodedata.normalize("NFKC", text[:_LONGEST_SUBJECT]).split())
    codes = [(match["one"] + match["two"]).upper() for match in pattern.finditer(line)]
    ours = [code.lower() for code in reversed(codes) if _is_ours(ring, code)]
    return tuple(dict.fromkeys(ours))


def stripped(subject: str, codes: Container[str], prefixes: Prefixes) -> str:
    """The subject without the references whose codes these are, so that a new ticket does not carry them on.

    Other systems' tags stay: their threads live by them.
    """
    text = " ".join(subject.split())
    pattern = re.compile(rf"\[? ?{_pattern(prefixes).pattern} ?\]?", re.IGNORECASE)
    normal = unicodedata.normalize("NFKC", text)
    if len(pattern.findall(normal)) > len(pattern.findall(text)):
        text = normal  # only there the reference can be cut out
    bare = pattern.sub(lambda tag: " " if (tag["one"] + tag["two"]).lower() in codes else tag[0], text)
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


def _is_ours(ring: Keyring, code: str) -> bool:
    return any(hmac.compare_digest(_check(key, code[:_RANDOM]), code[_RANDOM:]) for key in ring.keys)


def _neighbours(code: str) -> list[str]:
    swapped = [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1) if code[i] != code[i + 1]]
    typed = [code[:i] + letter + code[i + 1 :] for i in range(len(code)) for letter in ALPHABET if letter != code[i]]
    return swapped + typed
