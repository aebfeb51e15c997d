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
from functools import lru_cache

from gateway.mail.tokens import CODE_LENGTH, Keyring

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CHECK = 2
_RANDOM = CODE_LENGTH - _CHECK
_LONGEST_SUBJECT = 2000
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
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
        if not any(_has_neighbour(key, code) for key in ring.keys):
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


def is_ours(given: str, ring: Keyring) -> bool:
    """Whether a key of ours made the check letters of a reference that is written as we write it."""
    return given.isascii() and _is_ours(ring, given[-9:].replace("-", "").upper())


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


@lru_cache(maxsize=10)
def _pattern(prefixes: Prefixes) -> re.Pattern[str]:
    names = "|".join(re.escape(prefix) for prefix in prefixes.every)
    four, dash = f"[{ALPHABET}]{{4}}", f"[ ]?[{_DASHES}]?[ ]?"
    shape = rf"(?<![A-Z0-9])(?:{names}){dash}(?P<one>{four}){dash}(?P<two>{four})(?![A-Z0-9])"
    return re.compile(shape, re.IGNORECASE)


def _check(key: bytes, code: str) -> str:
    return _letters(_started(key), code)


def _started(key: bytes) -> "hashlib.blake2s":
    return hashlib.blake2s(b"reference:", key=key[:32], digest_size=4)


def _letters(started: "hashlib.blake2s", code: str) -> str:
    """The check letters; to begin each hash with a copy halves the price of hundreds."""
    hashed = started.copy()
    hashed.update(code.encode())
    return _PAIRS[int.from_bytes(hashed.digest()) % len(_PAIRS)]


def _is_ours(ring: Keyring, code: str) -> bool:
    return any(hmac.compare_digest(_check(key, code[:_RANDOM]), code[_RANDOM:]) for key in ring.keys)


def _has_neighbour(key: bytes, code: str) -> bool:
    """Whether a wrong letter or a swap makes of `code` another that the key accepts."""
    random, check = code[:_RANDOM], code[_RANDOM:]
    started = _started(key)
    meant = _letters(started, random)
    # Behind the same random letters only what the key itself writes there is accepted, the code itself set aside.
    if meant != check and (meant == check[::-1] or any(one == other for one, other in zip(meant, check, strict=True))):
        return True
    across = random[:-1] + check[0]
    if check[0] != random[-1] and _letters(started, across) == random[-1] + check[1:]:
        return True
    return any(_letters(started, near) == check for near in _neighbours(random))


def _neighbours(code: str) -> list[str]:
    swapped = [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1) if code[i] != code[i + 1]]
    typed = [code[:i] + letter + code[i + 1 :] for i in range(len(code)) for letter in ALPHABET if letter != code[i]]
    return swapped + typed
